"""Whom a change of a tariff concerns, read from the database of the stack with its keys, as answers lie sealed."""

from __future__ import annotations

import asyncio
import os

from pymongo.errors import PyMongoError

from cli.console import fail
from cli.databases import service_databases
from cli.kernel_databases import operator_name
from cli.stack import the_stack
from deploy.local.keys import Keys
from services.applications.domain.service_definition import ServiceDefinition
from services.applications.fees.queries import TariffChange, who_is_affected
from shared.clock import SystemClock
from shared.errors import Unavailable
from shared.mongo.audit import OperatorAct, audited
from shared.mongo.database import Database
from shared.sealing.errors import UnusableKeys
from shared.sealing.key_file import keys_from_file

SERVICE = "applications"


def whom_it_affects(before: ServiceDefinition, after: ServiceDefinition) -> TariffChange:
    """Ends the command with what is missing, where it cannot be asked."""
    stack = the_stack()
    if stack.record() is None and not os.environ.get("ESHIK_MONGO_URL"):
        fail("Eshik is not running: ./eshik up starts it.")
    url = os.environ.get("ESHIK_MONGO_URL") or stack.ports.mongo_url
    name = f"{os.environ.get('ESHIK_DATABASE_PREFIX', '')}{SERVICE}"
    try:
        keys = keys_from_file(Keys(stack.places.keys).key_encryption_keys(SERVICE))
        _write_down(before, after)
        return asyncio.run(_asked(Database(url, name, service=SERVICE, keys=keys), before, after))
    except (OSError, UnusableKeys):
        fail("the keys of the service are not on this machine, and answers cannot be read without them")
    except (PyMongoError, Unavailable) as error:
        fail(f"the database does not answer ({type(error).__name__}); ./eshik status says more")


def _write_down(before: ServiceDefinition, after: ServiceDefinition) -> None:
    """Before anything is read, for answers of people are: who asked, of which service. Raises PyMongoError: nothing is read."""
    about = {"service": before.id, "versions": [str(before.version), str(after.version)]}
    act = OperatorAct(SystemClock().now(), operator_name(""), "tariff:ask-affected", about)
    with service_databases(the_stack(), os.environ) as databases:
        audited(databases[SERVICE].client, databases[SERVICE], lambda _: act)


async def _asked(database: Database, before: ServiceDefinition, after: ServiceDefinition) -> TariffChange:
    try:
        return await who_is_affected(database.db, before, after, SystemClock().now())
    finally:
        await database.close()
