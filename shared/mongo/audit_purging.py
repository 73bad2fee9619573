"""What becomes of entries of the audit once their term is over: their content goes, their number, hash and link stay.

So the chain and the tree can be checked to their beginning, and an entry says which numbers were emptied, by which rule. An
entry whose case or person is held keeps its content; the emptied ones around it do not matter to it.
"""

from collections.abc import Sequence

from shared.audit.forgetting import FORGET
from shared.mongo.audit import AUDIT, LOG, OWN_ROWS
from shared.mongo.purging import Item, Purged
from shared.mongo.transactions import UnitOfWork

_CONTENT = ("text", "kind", "act", "case", "person", "post", "by", "at")  # also what the log is searched by


async def _forget(items: Sequence[Item], uow: UnitOfWork) -> None:
    """The row it was written as goes too, where that is one of audit; a journal's goes with its case."""
    numbers = [item.id for item in items]
    emptied = {"$unset": dict.fromkeys(_CONTENT, ""), "$set": {"emptied_at": uow.at}}
    await uow.db[LOG].update_many({"_id": {"$in": numbers}}, emptied, session=uow.session)
    prefix = OWN_ROWS.entry_id("")
    own = [item.row["id"].removeprefix(prefix) for item in items if item.row["id"].startswith(prefix)]
    await uow.db[AUDIT].delete_many({"_id": {"$in": own}}, session=uow.session)


ACCESS_LOG = Purged(
    "access-log",
    LOG,
    moment="at",
    closed={"act": {"$ne": FORGET}},  # what tells of emptied entries stays whole: it names numbers and nobody
    person="person",
    case="case",
    more=("id",),
    instead=_forget,
    at_least="P91D",  # what an operator looks into, and ledgers compare, is younger
    act=FORGET,
    at_once=500,
)
