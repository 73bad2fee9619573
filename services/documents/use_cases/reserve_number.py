"""Give a document its number, check code and dates: once, in one transaction, before anything is printed."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from services.documents.domain.numbers import number_in, series
from services.documents.domain.paper import last_day
from services.documents.domain.register_entry import Numbering, RegisterEntry
from services.documents.repository import Register
from shared.jobs.job import NewJob
from shared.mongo.sealing import key_for
from shared.mongo.transactions import UnitOfWork

SWEEP_FILES = "sweep_files"
SWEEP_AFTER = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class ReserveNumber:
    document_id: str
    kind: str
    check_code: str
    issued_at: datetime
    issued_on: date
    valid_days: int | None
    post_names: dict[str, str]


async def reserve_number(command: ReserveNumber, uow: UnitOfWork) -> RegisterEntry:
    """Out: the entry with its number; the one it had, when it had one. Raises NotToBeIssuedNow."""
    register = Register(uow)
    entry = await register.get(command.document_id)
    if entry.numbering is None:
        name = series(entry.post_id, command.kind, command.issued_on.year)
        until = last_day(command.issued_on, command.valid_days)
        number = number_in(name, await register.next_position(name))
        numbering = Numbering(number, command.check_code, command.kind, command.issued_at, command.issued_on, until)
        entry.give_number(numbering, command.post_names)
        await register.save(entry)
        await key_for(uow, entry.citizen_id)  # the file that is made next is sealed with it
        uow.schedule(NewJob(SWEEP_FILES, entry.id, uow.at + SWEEP_AFTER, {"document_id": entry.id}))
    elif entry.try_again():
        await register.save(entry)
    return entry
