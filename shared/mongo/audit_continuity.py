"""Whether the log goes on from what was signed last: asked at each begin, and before a checkpoint is signed.

The head lies in the database, and whoever writes there can set it to a log of their own: a service that signed it would make
their log the true one. So the last checkpoint must be our own and the one that others keep, and what stands in the log behind it,
read and hashed anew, must lead to the head.
"""

from collections.abc import Sequence
from typing import Final

import structlog

from shared.audit.chain import next_link
from shared.audit.checkpoint import Checkpoint
from shared.audit.keys import AuditKey, NotSigned
from shared.audit.second_body import NotPlaced, SecondBody
from shared.audit.tree import Frontier, leaf_hash
from shared.mongo.audit import CHECKPOINTS, LOG
from shared.mongo.audit_log import Head
from shared.mongo.database import Db, Document

log = structlog.get_logger(__name__)

AT_ONCE: Final = 1_000  # rows


class LogBroken(Exception):
    """The log is not what was signed: nothing more is appended or signed until somebody has looked. reason: a code."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


async def kept_outside(service: str, bodies: Sequence[SecondBody]) -> list[tuple[int, str]]:
    """Number and text of the newest checkpoint of each body that can be asked. To be read before what the database says: one who
    held the lease before us may just be signing."""
    found = []
    for body in bodies:
        try:
            found.append(await body.newest(service))
        except NotPlaced as error:
            log.warning("audit_second_body_not_read", body=body.name, reason=error.reason)
    return [kept for kept in found if kept is not None]


async def must_be_the_kept_one(db: Db, last: Document | None, kept: Sequence[tuple[int, str]]) -> bool:
    """last: the newest checkpoint of the database. Out: whether somebody outside has this very one. Raises LogBroken where they
    have another, or a newer one."""
    outside = False
    for number, text in kept:
        if last is None or number > last["_id"]:
            raise LogBroken("checkpoint-is-missing-here")
        row = last if number == last["_id"] else await db[CHECKPOINTS].find_one({"_id": number})
        if row is None or row["text"] != text:
            raise LogBroken("another-checkpoint-is-kept-outside")
        outside = outside or number == last["_id"]
    return outside


async def must_go_on(db: Db, service: str, head: Head, last: Document, key: AuditKey, *, outside: bool) -> None:
    """Nothing between what the last checkpoint fixes and the head was edited, taken out, put in or cut off. Raises LogBroken."""
    checkpoint = _own(service, last, key, outside=outside)
    if head.size < checkpoint.size:
        raise LogBroken("cut-off")
    frontier, link = await _frontier_at(db, checkpoint, last), checkpoint.link
    while frontier.size < head.size:
        wanted = {"_id": {"$gt": frontier.size, "$lte": min(frontier.size + AT_ONCE, head.size)}}
        rows = await db[LOG].find(wanted, {"text": 1, "hash": 1}).sort("_id", 1).to_list()
        leaves = []
        for number, row in enumerate(rows, frontier.size + 1):
            if row["_id"] != number:
                raise LogBroken("entry-is-missing")
            leaves.append(_leaf(row))
            link = next_link(link, number, leaves[-1])
        if not leaves:
            raise LogBroken("entry-is-missing")
        frontier = frontier.grown(leaves)
    if (frontier, link) != (head.frontier, head.link):
        raise LogBroken("does-not-lead-to-the-head")


def _leaf(row: Document) -> bytes:
    """Of an entry whose content's term is over, its hash is what is left; it leads to the head as well, or it does not."""
    return leaf_hash(row["text"].encode()) if "text" in row else bytes(row["hash"])


def _own(service: str, last: Document, key: AuditKey, *, outside: bool) -> Checkpoint:
    """Signed by our key; by an earlier one of ours only where the same is kept outside."""
    try:
        found = Checkpoint.read(last["text"], [key.public, last["key"]] if outside else [key.public])
    except (NotSigned, KeyError, TypeError):
        raise LogBroken("checkpoint-is-not-ours") from None
    if (found.service, found.number) != (service, last["_id"]):
        raise LogBroken("checkpoint-is-not-ours")
    return found


async def _frontier_at(db: Db, checkpoint: Checkpoint, last: Document) -> Frontier:
    """The tree that was signed. Its peaks lie beside it, which nobody has to believe: they give the root that was signed."""
    if "peaks" in last:
        frontier = Frontier(checkpoint.size, tuple(map(bytes, last["peaks"])))
    else:  # from a release that did not keep them
        frontier = Frontier()
        while frontier.size < checkpoint.size:
            wanted = {"_id": {"$gt": frontier.size, "$lte": min(frontier.size + AT_ONCE, checkpoint.size)}}
            rows = await db[LOG].find(wanted, {"text": 1, "hash": 1}).sort("_id", 1).to_list()
            if not rows:
                break
            frontier = frontier.grown([_leaf(row) for row in rows])
    if frontier.root != checkpoint.root or len(frontier.peaks) != checkpoint.size.bit_count():
        raise LogBroken("not-what-was-signed")
    return frontier
