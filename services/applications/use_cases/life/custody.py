"""Originals that a post holds for a case: taken in, given back, and carried by the diplomatic pouch."""

from dataclasses import dataclass, replace

from services.applications.catalogue import the_catalogue
from services.applications.catalogue.casework import casework, choice
from services.applications.domain import correspondence
from services.applications.domain.correspondence import Original, Pouch
from services.applications.domain.errors import InvalidReason
from services.applications.domain.life_errors import OriginalNotFound, OriginalNotHere
from services.applications.life import Originals, Pouches
from services.applications.offices import places_of
from services.applications.repository import Applications
from shared.actors import Officer
from shared.mongo.transactions import UnitOfWork


@dataclass(frozen=True, slots=True)
class KeepOriginal:
    application_id: str
    original_id: str
    kind: str
    kept_where: str
    by: Officer


@dataclass(frozen=True, slots=True)
class ReturnOriginal:
    application_id: str
    original_id: str
    by: Officer


@dataclass(frozen=True, slots=True)
class SendPouch:
    """originals: (case, original), all of one post. to: a body or a post."""

    pouch_id: str
    to: str
    seal: str
    originals: tuple[tuple[str, str], ...]
    by: Officer


@dataclass(frozen=True, slots=True)
class NotePouchArrival:
    """found: ids of the originals that were in it. None: all that it should carry."""

    pouch_id: str
    by: Officer
    found: tuple[str, ...] | None = None


async def keep_original(command: KeepOriginal, uow: UnitOfWork) -> Original:
    """Raises ApplicationNotFound, RoleNotAllowed, InvalidReason for an unknown kind."""
    applications = Applications(uow)
    application = await applications.get_for(command.by, command.application_id)
    act = correspondence.keep_original(application, by=command.by, at=uow.at)
    if choice(casework().originals, command.kind) is None:
        raise InvalidReason("/kind")
    await applications.save(application, act)
    original = Original(
        id=command.original_id,
        application_id=application.id,
        citizen_id=application.citizen_id,
        post_id=application.post_id,
        kind=command.kind,
        kept_where=command.kept_where,
        received_at=uow.at,
        received_by=command.by.id,
    )
    await Originals(uow).add(original)
    return original


async def return_original(command: ReturnOriginal, uow: UnitOfWork) -> Original:
    """Raises ApplicationNotFound, RoleNotAllowed, OriginalNotFound, OriginalNotHere."""
    applications, originals = Applications(uow), Originals(uow)
    application = await applications.get_for(command.by, command.application_id)
    act = correspondence.return_original(application, by=command.by, at=uow.at)
    found = await originals.of(application.id, command.original_id)
    if not found.is_here or found.post_id not in the_catalogue().posts:  # or it lies in a department
        raise OriginalNotHere
    given = replace(found, returned_at=uow.at, returned_by=command.by.id, version=found.version + 1)
    await originals.save(given)
    await applications.save(application, act)
    return given


async def send_pouch(command: SendPouch, uow: UnitOfWork) -> Pouch:
    """One entry in the journal of each case. All originals lie at one place of the officer; a case may be another post's by now.

    Raises OriginalNotFound, OriginalNotHere, InvalidReason for an unknown place."""
    applications, originals = Applications(uow), Originals(uow)
    mine = places_of(command.by)
    if not the_catalogue().places.is_asked(command.to) and command.to not in the_catalogue().posts:
        raise InvalidReason("/to")
    carried = [await originals.of(case_id, original_id) for case_id, original_id in command.originals]
    places = {each.post_id for each in carried}
    if len(places) != 1 or not places <= mine or command.to in places:
        raise OriginalNotFound
    post = places.pop()
    for case_id in sorted({each.application_id for each in carried}):
        application = await applications.get(case_id)
        await applications.save(application, correspondence.put_in_pouch(application, by=command.by, at=uow.at, post=post))
    for found in carried:
        if not found.is_here:
            raise OriginalNotHere
        await originals.save(replace(found, pouch_id=command.pouch_id, version=found.version + 1))
    ids = tuple(each.id for each in carried)
    pouch = Pouch(command.pouch_id, post, command.to, command.seal, ids, uow.at, command.by.id)
    await Pouches(uow).add(pouch)
    return pouch


async def note_pouch_arrival(command: NotePouchArrival, uow: UnitOfWork) -> Pouch:
    """It came where it was sent, or came back: what was found in it can be given out or sent on, and lies where it was opened.
    What was not in it stays on its way, and can be confirmed once it comes.

    Raises PouchNotFound, PouchArrived, OriginalNotFound."""
    applications, originals, pouches = Applications(uow), Originals(uow), Pouches(uow)
    places = places_of(command.by)
    pouch = await pouches.of_place(places, command.pouch_id)
    found = pouch.originals if command.found is None else command.found
    await pouches.save(pouch.arrive(found, by=command.by.id, at=uow.at))
    opened_at = pouch.to if pouch.to in places else pouch.post_id
    cases = set()
    for original_id in found:
        original = await originals.get(original_id)
        cases.add(original.application_id)
        await originals.save(replace(original, pouch_id=None, post_id=opened_at, version=original.version + 1))
    for case_id in sorted(cases):
        application = await applications.get(case_id)
        act = correspondence.note_pouch_arrived(application, by=command.by, at=uow.at, places=(pouch.to, pouch.post_id))
        await applications.save(application, act)
    return await pouches.get(pouch.id)
