"""A process that numbers a database's audit until it is killed, for test_audit.py. In: URL, database, key file, folder."""

import asyncio
import sys
from datetime import timedelta
from pathlib import Path

from shared.audit.keys import AuditKey
from shared.audit.second_body import Folder
from shared.clock import SystemClock
from shared.mongo.audit import OWN_ROWS
from shared.mongo.checkpoints import Checkpoints
from shared.mongo.database import Database
from shared.mongo.sequencer import Sequencer
from shared.mongo.transactions import Transactions


async def main(url: str, name: str, key_file: str, folder: str) -> None:
    database, clock = Database(url, name), SystemClock()
    database.prepared = True
    key = AuditKey.load(Path(key_file))
    checkpoints = Checkpoints("applications", clock, key, [Folder(Path(folder))], timedelta(seconds=1))
    await Sequencer(database, Transactions(database, clock), clock, "applications", [OWN_ROWS], checkpoints).run()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
