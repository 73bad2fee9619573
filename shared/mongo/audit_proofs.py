"""Proofs that an entry is under a checkpoint, read from the log."""

from typing import Any

from shared.audit.proving import proof_data
from shared.audit.tree import inclusion_path
from shared.mongo.audit import CHECKPOINTS, LOG
from shared.mongo.audit_log import entry_data, subtrees_for
from shared.mongo.database import Db


async def proof_of(db: Db, service: str, entry_id: str) -> dict[str, Any] | None:
    """Under the newest checkpoint. None: there is none that holds the entry yet, or its content was deleted by its rule."""
    row = await db[LOG].find_one({"id": entry_id})
    last = await db[CHECKPOINTS].find_one({}, sort=[("_id", -1)])
    if row is None or "text" not in row or last is None or last["size"] < row["_id"]:
        return None
    index, size = row["_id"] - 1, last["size"]
    path = inclusion_path(index, size, await subtrees_for(db, index, size))
    return proof_data(service, row["_id"], entry_data(row), path, last["text"], last["key"])
