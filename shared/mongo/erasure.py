"""Erasure in one service: a person's data key is destroyed, and with it all that lies under it, backups of the data too.

What holds it back is said instead: holds that an operator placed on a case, and reasons that the service sees in its own data.
Then the key stays, and the job looks again each day until nothing holds it. The row of the key stays for ever and says that no
other may be made. Ids stay, in cases, events and the audit: they name nobody once identity has erased the person too.
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

ERASURES: Final = "erasures"
HOLDS: Final = "legal_holds"
INDEXES: Indexes = {ERASURES: [], HOLDS: [IndexModel("person_id")]}
ERASE_PERSON: Final = "erase_person"
LOOK_AGAIN: Final = timedelta(days=1)
SWEEP_AFTER: Final = timedelta(minutes=10)  # longer than any process remembers a key (data_keys.LIFE_S)

E = TypeVar("E", bound=ErasureAnswered)


@dataclass(frozen=True, slots=True)
class ErasePerson:
    person_id: str


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
    if before and not before["held_for"]:
        await _drop_indexes(person_id, uow, sealed)  # again: of what was written with a key that a process still remembered
        return None
    holds = await uow.db[HOLDS].find({"person_id": person_id, "released_at": None}, {"kind": 1}, session=uow.session).to_list()
    held_for = sorted({*reasons, *(hold["kind"] for hold in holds)})
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
    row: Document = {"held_for": held_for, "answers": answer.number, "at": uow.at}
    await uow.db[ERASURES].update_one(
        {"_id": person_id}, {"$set": row, "$setOnInsert": {"asked_at": uow.at}}, upsert=True, session=uow.session
    )
    return answer


def erasing(person_id: str, uow: UnitOfWork, *, after: timedelta = timedelta()) -> NewJob:
    """The job that erases a person, or looks again whether they may be erased."""
    due = uow.at + after
    return NewJob(ERASE_PERSON, f"{person_id}:{due:%Y%m%dT%H%M%S}", due, {"person_id": person_id})


def erasing_kind(erase_person: Callable[[ErasePerson, UnitOfWork], Awaitable[None]]) -> JobKind:
    """The job of a service, around its use case."""

    async def run(job: Job) -> Finish:
        return Finish(erase_person, ErasePerson(job.data["person_id"]))

    return JobKind(run)


async def _destroy_key(person_id: str, uow: UnitOfWork) -> None:
    """Also where there never was a key: none shall be made by what comes late."""
    gone = dict.fromkeys(("key_id", "kek", "nonce", "wrapped", "made_at"), "")
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
