"""A process that purges applications until it is killed, for test_retention_kills.py. In: URL, database, the time."""

import asyncio
import sys
from datetime import datetime

from services.applications.retention import retention
from shared.jobs.worker import Worker
from shared.mongo.database import Database
from shared.mongo.purge_job import PURGE, Purge
from shared.mongo.transactions import Transactions
from tests.support.keeping import Still


async def main(url: str, name: str, now: str) -> None:
    database, clock = Database(url, name), Still(datetime.fromisoformat(now))
    database.prepared = True
    transactions = Transactions(database, clock)
    purge = Purge(database, transactions, clock, retention())
    await Worker(database, transactions, clock, {PURGE: purge.kind}).run()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
