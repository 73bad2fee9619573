"""The services' databases of a running stack, for commands that look into them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from pymongo import MongoClient
from pymongo.database import Database
from pymongo.errors import PyMongoError

from cli.console import fail
from cli.stack import Stack
from deploy.local.environment import SERVICES
from shared.clock import FileClock

ANSWER_WITHIN_S = 2
ServiceDatabases = dict[str, Database[dict[str, Any]]]


@contextmanager
def service_databases(stack: Stack, environment: Mapping[str, str]) -> Iterator[ServiceDatabases]:
    """Each service's database by the service's name. What is done with them raises PyMongoError within ANSWER_WITHIN_S."""
    url = environment.get("ESHIK_MONGO_URL") or stack.ports.mongo_url
    prefix = environment.get("ESHIK_DATABASE_PREFIX", "")
    client: MongoClient[dict[str, Any]] = MongoClient(
        url, serverSelectionTimeoutMS=ANSWER_WITHIN_S * 1000, timeoutMS=ANSWER_WITHIN_S * 1000, tz_aware=True
    )
    try:
        yield {name: client[f"{prefix}{name}"] for name in SERVICES}
    finally:
        client.close()


@contextmanager
def running_databases(stack: Stack, *, exit_code: int = 1) -> Iterator[ServiceDatabases]:
    """As service_databases; ends the command with what to do where nothing runs, or the database does not answer."""
    if stack.record() is None and not os.environ.get("ESHIK_MONGO_URL"):
        fail("Eshik is not running: ./eshik up starts it.", exit_code)
    try:
        with service_databases(stack, os.environ) as databases:
            yield databases
    except PyMongoError as error:
        fail(f"the database does not answer ({type(error).__name__}); ./eshik status says more", exit_code)


def stack_now(stack: Stack) -> datetime:
    """The time as the stack's services see it: demo and tests move their clock."""
    return FileClock(stack.places.clock).now()
