"""What becomes of entries of the audit once their term is over: their content goes, their number, hash and link stay.

So the chain and the tree can be checked to their beginning, and an entry says which numbers were emptied, by which rule. An
entry whose case or person is held keeps its content; the emptied ones around it do not matter to it.
"""

from bisect import bisect_left
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from shared.audit.forgetting import FORGET
from shared.mongo.audit import AUDIT, CHECKPOINTS, LOG, OWN_ROWS
from shared.mongo.database import Db, Document, Session
from shared.mongo.purging import Item, Purged
from shared.mongo.transactions import UnitOfWork
from shared.retention.rules import KindRule

_CONTENT = ("text", "kind", "act", "case", "person", "post", "by", "at")  # also what the log is searched by


async def _forget(items: Sequence[Item], uow: UnitOfWork) -> None:
    """The row it was written as goes too, where that is one of audit; a journal's goes with its case."""
    numbers = [item.id for item in items]
    emptied = {"$unset": dict.fromkeys(_CONTENT, ""), "$set": {"emptied_at": uow.at}}
    await uow.db[LOG].update_many({"_id": {"$in": numbers}}, emptied, session=uow.session)
    prefix = OWN_ROWS.entry_id("")
    own = [item.row["id"].removeprefix(prefix) for item in items if item.row["id"].startswith(prefix)]
    await uow.db[AUDIT].delete_many({"_id": {"$in": own}}, session=uow.session)


async def _signed_late(items: Sequence[Item], db: Db, session: Session | None, rule: KindRule, now: datetime) -> dict[Any, str]:
    """Whose first checkpoint is younger than the term: who verifies the export believes what was signed, not us.

    So it is where nothing was numbered or signed for a while. Where nothing is signed at all, nobody is in doubt.
    """
    numbers = sorted(item.id for item in items)
    rows: list[Document] = []
    signed = db[CHECKPOINTS].find({"size": {"$gte": numbers[0]}}, {"size": 1, "at": 1}, session=session).sort("_id", 1)
    async for row in signed:
        rows.append(row)
        if row["size"] >= numbers[-1]:  # years of later ones follow
            break
    await signed.close()
    sizes = [row["size"] for row in rows]
    late = {}
    for number in numbers:
        place = bisect_left(sizes, number)
        if place < len(rows) and not rule.has_passed(rows[place]["at"], now):
            late[number] = "signed-late"
    return late


ACCESS_LOG = Purged(
    "access-log",
    LOG,
    moment="at",
    closed={"act": {"$ne": FORGET}},  # what tells of emptied entries stays whole: it names numbers and nobody
    person="person",
    case="case",
    more=("id",),
    spared=_signed_late,
    instead=_forget,
    at_least="P91D",  # what an operator looks into, and ledgers compare, is younger
    act=FORGET,
    at_once=500,
)
