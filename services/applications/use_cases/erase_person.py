"""A person is erased: their data key here is destroyed, or what holds it is told."""

from services.applications.domain.status import ISSUED, OPEN, Status
from services.applications.schema import SEALED
from services.applications.use_cases.appointments.give_up_times import give_up_times
from shared.contracts.applications import ApplicationsAnsweredErasure, OutcomeKind
from shared.mongo.database import Db, Session
from shared.mongo.erasure import ErasePerson, erase_or_hold, is_destroyed
from shared.mongo.transactions import UnitOfWork
from shared.sealing.holds import hold_kinds

OPEN_CASE, WAITING, NOTARIAL = "open-case", "waiting-paper", "notarial-record"  # kinds of shared/sealing/legal_holds.toml
_AT_THE_COUNTER = (OutcomeKind.PRINT_ON_BLANK, OutcomeKind.PREPARED_FOR_VISIT, OutcomeKind.MADE_ELSEWHERE)


async def erase_person(command: ErasePerson, uow: UnitOfWork) -> None:
    answer = await erase_or_hold(command, uow, sealed=SEALED, reasons=await reasons(uow.db, command.person_id, uow.session))
    if await is_destroyed(command.person_id, uow):
        await give_up_times(command.person_id, uow)
    if answer:
        uow.publish(answer.as_event(ApplicationsAnsweredErasure, at=uow.at))


async def reasons(db: Db, person_id: str, session: Session | None = None) -> list[str]:
    """What this service sees itself: a case that has not ended, a paper that was not fetched, an original that was not given
    back, a record that is kept."""
    own, fields = {"citizen_id": person_id}, {"_id": 0, "status": 1, "service_id": 1, "outcome": 1}
    cases = await db.applications.find(own, fields, session=session).to_list()
    kept = hold_kinds()[NOTARIAL].services
    found = {OPEN_CASE: any(case["status"] in OPEN for case in cases)}
    found[WAITING] = any(case["status"] == Status.READY and case.get("outcome") in _AT_THE_COUNTER for case in cases)
    held = {"citizen_id": person_id, "returned_at": None}
    found[WAITING] |= await db.originals.find_one(held, {"_id": 1}, session=session) is not None
    found[NOTARIAL] = any(case["status"] in ISSUED and case["service_id"] in kept for case in cases)
    return [kind for kind, holds in found.items() if holds]
