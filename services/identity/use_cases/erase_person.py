"""A person's account goes, once no other service keeps anything for which it is needed; until then they sign in as before."""

from services.identity.contacts import release_contacts
from services.identity.domain.erasure import Erasure
from services.identity.domain.rights_request import RequestKind, RequestState
from services.identity.domain.session import EndedBecause
from services.identity.officers_ending import end_sessions_of
from services.identity.repository import Erasures
from services.identity.rights_schema import NOT_THE_WORDS, REQUESTS, RightsRequests
from services.identity.schema import SEALED
from services.identity.ways_in import end_credentials, end_ways_in
from shared.mongo.erasure import ErasePerson, erase_or_hold, held_by_hand, is_destroyed
from shared.mongo.transactions import UnitOfWork

OTHER_SERVICES = "other-services"  # of shared/sealing/legal_holds.toml


async def erase_person(command: ErasePerson, uow: UnitOfWork) -> None:
    """Look again. Nothing where nobody asked, or where it was taken back."""
    erasure = await Erasures(uow).find({"_id": command.person_id})
    if erasure:
        await erase_account(erasure, uow)


async def erase_account(erasure: Erasure, uow: UnitOfWork) -> None:
    """Idempotent. What holds it is told to the person, where that is news."""
    if erasure.withdrawn_at:
        return
    by_hand = await held_by_hand(erasure.id, uow)
    waits = [] if erasure.account_may_go else [OTHER_SERVICES]
    if not waits and not by_hand:
        await _end_requests(erasure, uow)
    elif erasure.is_answered:
        await _tell(erasure, sorted({*erasure.kinds, *by_hand}), uow)
    await erase_or_hold(ErasePerson(erasure.id, erasure.round), uow, sealed=SEALED, reasons=waits)
    if await is_destroyed(erasure.id, uow):
        await _end_ways_in(erasure.id, uow)


async def _end_requests(erasure: Erasure, uow: UnitOfWork) -> None:
    """There is nobody left who could read an answer. Their words go with the key, and are not asked for."""
    requests = RightsRequests(uow)
    still_open = {"person_id": erasure.id, "state": RequestState.OPEN.value}
    rows = await requests.collection.find(still_open, NOT_THE_WORDS, session=uow.session).to_list()
    for request in map(REQUESTS.from_document, rows):
        if request.kind is RequestKind.ERASURE:
            request.answered_itself(at=uow.at, ground=erasure.kinds)
        else:
            request.withdraw(at=uow.at, by=erasure.id)
        await requests.save(request)


async def _tell(erasure: Erasure, kinds: list[str], uow: UnitOfWork) -> None:
    requests = RightsRequests(uow)
    request = await requests.find({"_id": erasure.request_id}) if erasure.request_id else None
    if request and request.is_open and (event := request.held(kinds, at=uow.at)):
        await requests.save(request)
        uow.publish(event)


async def _end_ways_in(person_id: str, uow: UnitOfWork) -> None:
    await release_contacts(person_id, uow)
    await end_ways_in(person_id, uow)
    await end_credentials(person_id, uow)
    await end_sessions_of(person_id, uow, because=EndedBecause.ERASED)
