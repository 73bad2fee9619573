"""The log of the audit: entries with their number and link, as one leased sequencer appends them, and what proofs read of it.

audit_log holds the bytes that were hashed; audit_head the size, the last link and the frontier of the tree; audit_tiles the
roots of whole tiles. Appending writes all of it in one transaction, which compares the size it began from: two sequencers that
both think they hold the lease cannot give one number twice, nor leave one out.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from pymongo.errors import DuplicateKeyError

from shared.audit.chain import first_link, next_link
from shared.audit.entry import Entry
from shared.audit.tree import TILE_HEIGHT, Frontier, Subtree, leaf_hash, root_of
from shared.crash_points import crash_point
from shared.mongo.audit import HEAD, LOG, TILES
from shared.mongo.database import Db, Document, Session
from shared.mongo.transactions import UnitOfWork

THE_HEAD = "head"
TILE = 1 << TILE_HEIGHT
SEARCHED_BY = ("officer", "service", "operator")  # whose id is indexed: a citizen's acts are found by their person


class TurnLost(Exception):
    """Another sequencer has appended meanwhile, or holds a newer lease."""


@dataclass(frozen=True, slots=True)
class Head:
    """token: how far the change stream was read when this was written; None: not known."""

    frontier: Frontier
    link: bytes
    fence: int = 0
    token: Mapping[str, Any] | None = None

    @property
    def size(self) -> int:
        return self.frontier.size


@dataclass(frozen=True, slots=True)
class Append:
    """entries in the order of their numbers; none of them may be in the log. token: kept where it is given."""

    service: str
    entries: Sequence[Entry]
    fence: int
    token: Mapping[str, Any] | None = None


async def read_head(db: Db, service: str, session: Session | None = None) -> Head:
    row = await db[HEAD].find_one({"_id": THE_HEAD}, session=session)
    if row is None:
        return Head(Frontier(), first_link(service))
    return Head(Frontier(row["size"], tuple(map(bytes, row["peaks"]))), bytes(row["link"]), row["fence"], row["token"])


async def begin_log(db: Db, service: str) -> None:
    """Make the head where there is none, outside of every transaction."""
    try:
        await db[HEAD].insert_one(_head_row(Head(Frontier(), first_link(service))))
    except DuplicateKeyError:
        return


async def append(command: Append, uow: UnitOfWork) -> Head:
    """Raises TurnLost; DuplicateKeyError or BulkWriteError where one of the entries is in the log already."""
    before = await read_head(uow.db, command.service, uow.session)
    if before.fence > command.fence:
        raise TurnLost
    link, hashes, tiles = before.link, [], dict[tuple[int, int], bytes]()
    for number, entry in enumerate(command.entries, before.size + 1):
        text = entry.canonical()
        hashes.append(leaf_hash(text))
        link = next_link(link, number, hashes[-1])
        uow.insert(LOG, _log_row(number, entry, text, hashes[-1], link))
    frontier = before.frontier.grown(hashes, tiles)
    for (level, place), root in tiles.items():
        uow.insert(TILES, {"_id": f"{level}:{place:012d}", "hash": root})
    head = Head(frontier, link, command.fence, command.token or before.token)
    as_it_was = {"_id": THE_HEAD, "size": before.size}
    written = await uow.db[HEAD].replace_one(as_it_was, _head_row(head), session=uow.session)
    if not written.matched_count:
        raise TurnLost
    crash_point("audit.head_written")
    return head


async def note_token(db: Db, head: Head, token: Mapping[str, Any]) -> Head:
    """Remember how far the stream was read while nothing came; only where nobody has appended."""
    as_it_was = {"_id": THE_HEAD, "size": head.size, "fence": head.fence}
    await db[HEAD].update_one(as_it_was, {"$set": {"token": dict(token)}})
    return replace(head, token=token)


async def known_ids(db: Db, ids: Sequence[str]) -> set[str]:
    return {row["id"] async for row in db[LOG].find({"id": {"$in": list(ids)}}, {"id": 1})}


def _head_row(head: Head) -> Document:
    tree = {"size": head.size, "peaks": list(head.frontier.peaks)}
    return {"_id": THE_HEAD, **tree, "link": head.link, "fence": head.fence, "token": head.token}


def _log_row(number: int, entry: Entry, text: bytes, entry_hash: bytes, link: bytes) -> Document:
    row = {"_id": number, "id": entry.id, "text": text.decode(), "hash": entry_hash, "link": link}
    return row | {"at": entry.at} | _searched_by(json.loads(text))


def is_found_by_its_text(row: Document) -> bool:
    """Whether all that the log is searched by, and that is not hashed, still is what the entry's text says: a look whose case was
    changed there would be in every export, and on no page."""
    said = json.loads(row["text"])
    same = all(row.get(name) == value for name, value in ({"by": None} | _searched_by(said)).items())
    return same and row["id"] == said["id"] and abs(row["at"] - datetime.fromisoformat(said["at"])) < timedelta(milliseconds=2)


def _searched_by(entry: Mapping[str, Any]) -> Document:
    """Beside what is hashed, and beside the time: what the log is searched by."""
    found = {"kind": entry["kind"], "act": entry["act"]}
    found |= {name: entry["about"].get(name) for name in ("case", "person", "post")}
    return found | ({"by": entry["who"]["id"]} if entry["who"]["kind"] in SEARCHED_BY else {})


async def subtrees_for(db: Db, index: int, size: int) -> Subtree:
    """What an inclusion proof for that place in a tree of that size asks for, read in a handful of ranges.

    Whole tiles are known by their root; leaves are read only of the tile of the entry and of the last, which is not whole.
    """
    known: dict[int, dict[int, bytes]] = {}
    level, count = 0, size
    while count:
        of_entry = index >> TILE_HEIGHT * (level + 1)
        last = count >> TILE_HEIGHT
        known[level] = {}
        for tile in {of_entry, last}:
            first, end = tile * TILE, min((tile + 1) * TILE, count)
            known[level] |= await _nodes(db, level, first, end)
        level, count = level + 1, count >> TILE_HEIGHT

    def subtree(first: int, many: int) -> bytes:
        height = many.bit_length() - 1
        at = height // TILE_HEIGHT
        shift = TILE_HEIGHT * at
        nodes = known[at]
        wide = 1 << height - shift
        start = first >> shift
        return root_of([nodes[place] for place in range(start, start + wide)])

    return subtree


async def _nodes(db: Db, level: int, first: int, end: int) -> dict[int, bytes]:
    if level == 0:
        rows = db[LOG].find({"_id": {"$gt": first, "$lte": end}}, {"hash": 1})
        return {row["_id"] - 1: bytes(row["hash"]) async for row in rows}
    places = {"$gte": f"{level}:{first:012d}", "$lt": f"{level}:{end:012d}"}
    return {int(row["_id"].partition(":")[2]): bytes(row["hash"]) async for row in db[TILES].find({"_id": places})}


def entry_data(row: Document) -> dict[str, Any]:
    """The entry of a row of the log, as data."""
    data: dict[str, Any] = json.loads(row["text"])
    return data
