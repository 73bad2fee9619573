"""What ./eshik audit reads from the databases: the log with its checkpoints and keys, and the proof of one submission."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pymongo.database import Database as SyncDatabase

from shared.audit.verifying import FORMAT, entry_line
from shared.mongo.audit import CHECKPOINTS, LOG
from shared.mongo.audit_proofs import proof_of
from shared.mongo.database import Database

AT_ONCE = 5_000


def write_export(db: SyncDatabase[dict[str, Any]], service: str, file: Path) -> int:
    """Whole or not at all. Out: how many entries. Raises PyMongoError, OSError."""
    checkpoints = list(db[CHECKPOINTS].find().sort("_id", 1))
    keys = list({row["key"]["kid"]: row["key"] for row in checkpoints}.values())
    head = {"format": FORMAT, "service": service, "keys": keys, "checkpoints": [row["text"] for row in checkpoints]}
    last = db[LOG].find_one({}, {"_id": 1}, sort=[("_id", -1)])
    new, count = file.with_suffix(".new"), 0
    with new.open("w", encoding="utf-8") as lines:
        lines.write(json.dumps(head, separators=(",", ":")) + "\n")
        for first in range(0, last["_id"] if last else 0, AT_ONCE):  # by number: where some are missing, the file shows it
            for row in db[LOG].find({"_id": {"$gt": first, "$lte": first + AT_ONCE}}).sort("_id", 1):
                lines.write(entry_line(row["_id"], bytes(row["link"]).hex(), row["text"]) + "\n")
                count += 1
    new.replace(file)
    return count


async def prove_submission(url: str, prefix: str, case: str) -> dict[str, Any] | None:
    """case: id or reference. Raises LookupError where there is no such submission, PyMongoError."""
    database = Database(url, f"{prefix}applications")
    try:
        found = await database.db.applications.find_one({"$or": [{"_id": case}, {"reference": case}]}, {"_id": 1})
        submitted = {"application_id": found["_id"], "action": "application:submit"} if found else None
        row = await database.db.journal.find_one(submitted, {"_id": 1}) if submitted else None
        if row is None:
            raise LookupError(case)
        return await proof_of(database.db, "applications", f"journal:{row['_id']}")
    finally:
        await database.close()
