"""Erasure in one service: a person's data key is destroyed, and with it all that lies under it, backups of the data too.

What holds it back is said instead: holds that an operator placed on a case, and reasons that the service sees in its own data.
Then the key stays. The service looks again when something of it ends (look_again), and each day. Until the key is destroyed the
person may take the request back. The row of the key stays for ever and says that no other may be made. Ids stay, in cases,
events and the audit: they name nobody once identity has erased the person too.
"""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, TypeVar

from pymongo import IndexModel

from shared.contracts.erasure import ErasureAnswered
from shared.jobs.job import Finish, Job, JobKind, NewJob
from shared.mongo.data_keys import COLLECTION as DATA_KEYS
from shared.mongo.database import Document, Indexes
from shared.mongo.sealing import SealedFields
from shared.mongo.transactions import UnitOfWork
from shared.sealing.holds import TAKEN_BACK, account_stays

ERASURES: Final = "erasures"
HOLDS: Final = "legal_holds"
INDEXES: Indexes = {ERASURES: [], HOLDS: [IndexModel("person_id")]}
ERASE_PERSON: Final = "erase_person"
ASKED_BY_OPERATOR: Final = "asked"  # in the data of identity's job: it asks, and does not only look again
LOOK_AGAIN: Final = timedelta(days=1)
SWEEP_AFTER: Final = timedelta(minutes=10)  # longer than any process remembers a key (data_keys.LIFE_S)

WHAT_IS_ASKED: Final = 0
HELD_AT: Final = (
    "hold_placed_at"  # in the row of the key: a hold and an erasure at once write the same row, so one sees the other
)

E = TypeVar("E", bound=ErasureAnswered)


@dataclass(frozen=True, slots=True)
class ErasePerson:
    """round: the how-manieth request of this person; a request that was taken back may be made again. WHAT_IS_ASKED: the job that
    looks again at the one that is open."""

    person_id: str
    round: int = 1


@dataclass(frozen=True, slots=True)
class Answer:
    """What a service says to an erasure. number: the how-manieth; held_for: kinds of holds, none where the key is destroyed."""

    person_id: str
    number: int
    held_for: tuple[str, ...]

    def as_event(self, kind: type[E], *, at: datetime) -> E:
        return kind(sequence=self.number, occurred_at=at, person_id=self.person_id, held_for=",".join(self.held_for) or None)


async def erase_or_hold(
    command: ErasePerson, uow: UnitOfWork, *, sealed: Sequence[SealedFields], reasons: Iterable[str] = ()
) -> Answer | None:
    """Destroy the person's key in this service, with its blind indexes; or keep it for as long as something holds it.

    sealed: all of the service's. reasons: kinds of holds that the service sees itself. Out: the answer to tell, or None where it
    was told before. Idempotent.
    """
    person_id = command.person_id
    before = await uow.db[ERASURES].find_one({"_id": person_id}, session=uow.session)
    number = command.round or (before or {}).get("round", WHAT_IS_ASKED)
    if number <= (before or {}).get("taken_back", 0):  # also where nobody asked
        return None
    if before and not before["held_for"]:
        await _drop_indexes(person_id, uow, sealed)  # again: of what was written with a key that a process still remembered
        return None
    held_for = sorted({*reasons, *await held_by_hand(person_id, uow)})
    if held_for:
        uow.schedule(erasing(person_id, uow, after=LOOK_AGAIN))
    else:
        await _destroy_key(person_id, uow)
        await _drop_indexes(person_id, uow, sealed)
        uow.schedule(erasing(person_id, uow, after=SWEEP_AFTER))
    if before and before["held_for"] == held_for:
        return None
    answer = Answer(person_id, before["answers"] + 1 if before else 1, tuple(held_for))
    about = {"person": person_id} | ({"holds": held_for} if held_for else {})
    uow.audit("person:keep-held" if held_for else "person:erase", about=about, reason="erasure")
    row: Document = {"held_for": held_for, "answers": answer.number, "at": uow.at, "round": number}
    if not account_stays(held_for):  # whoever hears this answer begins: what is held here only keeps itself
        row["let_go"] = number
    await _write(person_id, row, uow)
    return answer


async def take_back(command: ErasePerson, uow: UnitOfWork) -> Answer | None:
    """The person wants to keep what there is. Out: the answer to tell; None where it was told before, and where the key is
    destroyed already, or others were let destroy theirs, which the answers say. A request that comes after this with the same
    round is passed over."""
    before = await uow.db[ERASURES].find_one({"_id": command.person_id}, session=uow.session) or {"held_for": [TAKEN_BACK]}
    if not before["held_for"] or before.get("let_go", 0) >= command.round or before.get("taken_back", 0) >= command.round:
        return None
    answer = Answer(command.person_id, before.get("answers", 0) + 1, (TAKEN_BACK,))
    uow.audit("person:keep", about={"person": command.person_id}, reason="erasure-taken-back")
    row: Document = {"held_for": [TAKEN_BACK], "answers": answer.number, "at": uow.at, "taken_back": command.round}
    await _write(command.person_id, row, uow)
    return answer


async def look_again(person_id: str, uow: UnitOfWork) -> None:
    """Something that may have held the person has ended: where they are to be erased, a job looks at once, and not tomorrow.

    One find by _id where nobody asked, so it is called where something ends, and not at each change.
    """
    row = await uow.db[ERASURES].find_one({"_id": person_id}, session=uow.session)
    if row and row["held_for"] and row["held_for"] != [TAKEN_BACK]:
        uow.schedule(NewJob(ERASE_PERSON, f"{person_id}:{uow.new_id()}", uow.at, {"person_id": person_id}))


async def held_by_hand(person_id: str, uow: UnitOfWork) -> set[str]:
    """Kinds of holds that are placed on this person's cases in this service."""
    open_ones = {"person_id": person_id, "released_at": None}
    return {row["kind"] async for row in uow.db[HOLDS].find(open_ones, {"kind": 1}, session=uow.session)}


async def is_destroyed(person_id: str, uow: UnitOfWork) -> bool:
    row = await uow.db[ERASURES].find_one({"_id": person_id}, session=uow.session)
    return row is not None and not row["held_for"]


def erasing(person_id: str, uow: UnitOfWork, *, after: timedelta = timedelta()) -> NewJob:
    """The job that erases a person, or looks again whether they may be erased."""
    due = uow.at + after
    return NewJob(ERASE_PERSON, f"{person_id}:{due:%Y%m%dT%H%M%S}", due, {"person_id": person_id})


def erasing_kind(erase_person: Callable[[ErasePerson, UnitOfWork], Awaitable[None]]) -> JobKind:
    """The job of a service, around its use case."""

    async def run(job: Job) -> Finish:
        return Finish(erase_person, ErasePerson(job.data["person_id"], WHAT_IS_ASKED))

    return JobKind(run)


async def _write(person_id: str, row: Document, uow: UnitOfWork) -> None:
    change: Document = {"$set": row, "$setOnInsert": {"asked_at": uow.at}}
    await uow.db[ERASURES].update_one({"_id": person_id}, change, upsert=True, session=uow.session)


async def _destroy_key(person_id: str, uow: UnitOfWork) -> None:
    """Also where there never was a key: none shall be made by what comes late."""
    gone = dict.fromkeys(("key_id", "kek", "nonce", "wrapped", "made_at", HELD_AT), "")
    tombstone: Document = {"$set": {"destroyed_at": uow.at}, "$unset": gone}
    await uow.db[DATA_KEYS].update_one({"_id": person_id}, tombstone, upsert=True, session=uow.session)
    uow.inserts.data_keys.pop(person_id, None)
    uow.db.keys.forget(person_id)


async def _drop_indexes(person_id: str, uow: UnitOfWork, sealed: Sequence[SealedFields]) -> None:
    """Who has the key of blind indexes could still ask them whether the person had this number or that."""
    for fields in sealed:
        if fields.indexes:
            unset = {"$unset": dict.fromkeys(fields.indexes, "")}
            await uow.db[fields.collection].update_many({fields.person: person_id}, unset, session=uow.session)
