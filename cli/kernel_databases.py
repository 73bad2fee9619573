"""The services' databases by the kernel's own classes, for commands that change something or read what belongs together."""

from __future__ import annotations

import asyncio
import getpass
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import NoReturn, TypeVar

from pymongo.errors import PyMongoError

from cli.console import fail
from cli.stack import Stack, the_stack
from deploy.local.environment import SERVICES
from shared.errors import Unavailable
from shared.mongo.database import Database
from shared.mongo.indexes import KERNEL_INDEXES

T = TypeVar("T")


@asynccontextmanager
async def open_databases(stack: Stack, environment: Mapping[str, str]) -> AsyncIterator[dict[str, Database]]:
    """By service; what the kernel needs in each is made where it is missing. Raises PyMongoError, DatabaseUnavailable."""
    url = environment.get("ESHIK_MONGO_URL") or stack.ports.mongo_url
    prefix = environment.get("ESHIK_DATABASE_PREFIX", "")
    async with AsyncExitStack() as open_ones:
        databases = {name: Database(url, f"{prefix}{name}") for name in SERVICES}
        for database in databases.values():
            open_ones.push_async_callback(database.close)
            await database.ensure_indexes(KERNEL_INDEXES)
        yield databases


def with_databases(work: Callable[[dict[str, Database]], Awaitable[T]], *, give_up: Callable[[str], NoReturn] = fail) -> T:
    """Do the work on the databases of the stack that runs, or that the environment names; else end with what is missing."""

    async def opened() -> T:
        async with open_databases(stack, os.environ) as databases:
            return await work(databases)

    stack = the_stack()
    if stack.record() is None and not os.environ.get("ESHIK_MONGO_URL"):
        give_up("Eshik is not running: ./eshik up starts it.")
    try:
        return asyncio.run(opened())
    except (PyMongoError, Unavailable) as error:
        give_up(f"the database does not answer ({type(error).__name__}); ./eshik status says more")


def operator_name(given: str) -> str:
    """Who acts, for the audit entry: the name that was given, else the operating system's user."""
    try:
        return given.strip() or getpass.getuser()
    except (KeyError, OSError):  # no such user in this container
        return f"uid {os.getuid()}"
