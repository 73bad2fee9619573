"""A process that numbers a database's audit until it is killed, for test_audit.py, which says in its environment where."""

import os
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


async def audit(url: str) -> None:
    database, clock = Database(url, os.environ["FAULT_AUDITED"]), SystemClock()
    database.prepared = True
    key, kept = AuditKey.load(Path(os.environ["FAULT_AUDIT_KEY"])), Folder(Path(os.environ["FAULT_AUDIT_KEPT"]))
    checkpoints = Checkpoints("applications", clock, key, [kept], timedelta(seconds=1))
    await Sequencer(database, Transactions(database, clock), clock, "applications", [OWN_ROWS], checkpoints).run()
