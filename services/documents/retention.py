"""What the daily purge deletes in documents: signed files, never a line of the register, by which papers are checked."""

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

from services.documents.domain.paper import term_end
from services.documents.domain.register_entry import EntryState
from services.documents.repository import Register
from shared.mongo.database import Db, Session
from shared.mongo.purge_job import Retention
from shared.mongo.purging import Item, Purged
from shared.mongo.transactions import UnitOfWork
from shared.retention.rules import KindRule, RulesUnusable
from shared.sealing.holds import hold_kinds

FOLDER: Final = Path(__file__).parent / "retention_rules"
NOTARIAL: Final = frozenset(hold_kinds()["notarial-record"].services)


async def _still_valid(
    items: Sequence[Item], _db: Db, _session: Session | None, _rule: KindRule, now: datetime
) -> dict[Any, str]:
    """A document whose own validity has not ended stays whole."""
    ends = {item.id: (item.row.get("numbering") or {}).get("valid_until") for item in items}
    return {key: "still-valid" for key, last in ends.items() if last and term_end(date.fromisoformat(last)) > now}


async def _drop_files(items: Sequence[Item], uow: UnitOfWork) -> None:
    register = Register(uow)
    for item in items:
        entry = await register.get(item.id)
        file_id = entry.drop_file(at=uow.at)
        await uow.db["files.files"].delete_one({"_id": file_id}, session=uow.session)
        await uow.db["files.chunks"].delete_many({"files_id": file_id}, session=uow.session)
        await register.save(entry, act="document:drop-file")


PAPER = Purged(
    "paper",
    "documents",
    moment="signed_at",
    closed={"state": EntryState.ISSUED, "file_deleted_at": None, "service_id": {"$nin": sorted(NOTARIAL)}},
    person="citizen_id",
    case="application_id",
    more=("numbering",),
    spared=_still_valid,
    instead=_drop_files,
    rule_names="files.files",
    at_least="P31D",
)


def retention() -> Retention:
    """Raises RulesUnusable."""
    found = Retention.of("documents", FOLDER, (PAPER,))
    for day in found.book.days():
        if set(found.book.on(day).kinds["notarial-paper"].rule.services) != NOTARIAL:
            raise RulesUnusable("notarial-paper: other services than those of the legal hold notarial-record")
    return found
