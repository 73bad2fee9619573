"""The documents that ours really writes, learned once and kept in a file: a floor writes the same bytes with other ids."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

import bson
from bson.codec_options import CodecOptions
from pymongo.asynchronous.database import AsyncDatabase

from shared.mongo.audit import CHECKPOINTS, HEAD, LOG, TILES

Document = dict[str, Any]
Learned = dict[str, list[Document]]  # by collection
_AWARE: CodecOptions[Document] = CodecOptions(tz_aware=True)
# a person has a key already when they hand something in; the audit's log is written after it, by a process that ours pays for
_LEFT_OUT = ("leases", "data_keys", LOG, HEAD, TILES, CHECKPOINTS)


async def everything_in(db: AsyncDatabase[Document]) -> Learned:
    """All documents of a small database, but those of the machinery itself."""
    names = [name for name in await db.list_collection_names() if name not in _LEFT_OUT]
    found = {name: await db[name].find({}).to_list() for name in sorted(names)}
    return {name: documents for name, documents in found.items() if documents}


def keep(learned: Learned, folder: Path) -> str:
    """Write them where child processes can read them. Out: the path."""
    path = folder / f"learned-{uuid4().hex[:8]}.bson"
    path.write_bytes(bson.encode(learned))
    return str(path)


def recall(path: str) -> Learned:
    return bson.decode(Path(path).read_bytes(), _AWARE)


def renewed(value: Any, instead: Mapping[str, str]) -> Any:
    """The same with other ids, wherever they stand, in keys, values and texts: as many bytes as before."""
    if isinstance(value, str):
        for old, new in instead.items():
            value = value.replace(old, new)
        return value
    if isinstance(value, dict):
        return {name: renewed(item, instead) for name, item in value.items()}
    return [renewed(item, instead) for item in value] if isinstance(value, list) else value
