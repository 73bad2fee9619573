"""What ./eshik audit reads from the databases: the log with its checkpoints and keys, and the proof of one submission."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

from pymongo.database import Database as SyncDatabase

from shared.audit.forgetting import FORGET, emptied_line
from shared.audit.verifying import FORMAT, entry_line
from shared.mongo.audit import AUDIT, CHECKPOINTS, LOG, OWN_ROWS
from shared.mongo.audit_proofs import proof_of
from shared.mongo.database import Database

AT_ONCE = 5_000
NUMBERED_WITHIN_S = 10.0  # the sequencer numbers once a second, where the service runs


def write_export(db: SyncDatabase[dict[str, Any]], service: str, file: Path) -> int:
    """Whole or not at all. Out: how many entries. Raises PyMongoError, OSError."""
    checkpoints = list(db[CHECKPOINTS].find().sort("_id", 1))
    keys = list({row["key"]["kid"]: row["key"] for row in checkpoints}.values())
    head = {"format": FORMAT, "service": service, "keys": keys, "checkpoints": [row["text"] for row in checkpoints]}
    new, count, read_to, emptied = file.with_suffix(".new"), 0, 0, 0
    until = time.monotonic() + NUMBERED_WITHIN_S
    with new.open("w", encoding="utf-8") as lines:
        lines.write(json.dumps(head, separators=(",", ":")) + "\n")
        while True:
            waiting, before = emptied > 0 and _not_numbered(db), emptied
            last = db[LOG].find_one({}, {"_id": 1}, sort=[("_id", -1)])
            end = last["_id"] if last else 0
            for first in range(read_to, end, AT_ONCE):  # by number: where some are missing, the file shows it
                for row in db[LOG].find({"_id": {"$gt": first, "$lte": min(first + AT_ONCE, end)}}).sort("_id", 1):
                    lines.write(_line(row) + "\n")
                    count, emptied = count + 1, emptied + ("text" not in row)
            read_to = end
            # what was emptied while this was read is accounted for by an entry behind it, which may not have its number yet
            if (emptied == before and not waiting) or time.monotonic() > until:
                break
            time.sleep(0.5)
    new.replace(file)
    return count


def _line(row: dict[str, Any]) -> str:
    link = bytes(row["link"]).hex()
    if "text" not in row:
        return emptied_line(row["_id"], link, bytes(row["hash"]).hex())
    return entry_line(row["_id"], link, row["text"])


def _not_numbered(db: SyncDatabase[dict[str, Any]]) -> bool:
    """Whether an entry that tells of emptied ones waits for its number, or got one after the log was read."""
    ids = {OWN_ROWS.entry_id(row["_id"]) for row in db[AUDIT].find({"act": FORGET}, {"_id": 1})}
    return len(ids) > db[LOG].count_documents({"act": FORGET})


async def prove_submission(url: str, prefix: str, case: str) -> dict[str, Any] | None:
    """case: id or reference. Raises LookupError where there is no such submission, PyMongoError."""
    database = Database(url, f"{prefix}applications")
    try:
        cases = database.db.applications
        found = await cases.find_one({"_id": case}, {"_id": 1}) or await cases.find_one({"reference": case}, {"_id": 1})
        submitted = {"application_id": found["_id"], "action": "application:submit"} if found else None
        row = await database.db.journal.find_one(submitted, {"_id": 1}) if submitted else None
        if row is None:
            raise LookupError(case)
        return await proof_of(database.db, "applications", f"journal:{row['_id']}")
    finally:
        await database.close()
