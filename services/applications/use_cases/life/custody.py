"""Originals that a post holds for a case: taken in, given back, and carried by the diplomatic pouch."""

from dataclasses import dataclass, replace

from services.applications.catalogue import the_catalogue
from services.applications.catalogue.casework import casework, choice
from services.applications.domain import correspondence
from services.applications.domain.authority import COUNTER_ROLES
from services.applications.domain.correspondence import Original, Pouch
from services.applications.domain.errors import InvalidReason, RoleNotAllowed
from services.applications.domain.life_errors import OriginalNotFound, OriginalNotHere
from services.applications.life import Originals, Pouches
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
    pouch_id: str
    by: Officer


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
    if not found.is_here:
        raise OriginalNotHere
    given = replace(found, returned_at=uow.at, returned_by=command.by.id, version=found.version + 1)
    await originals.save(given)
    await applications.save(application, act)
    return given


async def send_pouch(command: SendPouch, uow: UnitOfWork) -> Pouch:
    """One entry in the journal of each case. Raises ApplicationNotFound, RoleNotAllowed, OriginalNotFound, OriginalNotHere,
    InvalidReason for an unknown place."""
    applications, originals = Applications(uow), Originals(uow)
    _must_be_at_a_counter(command.by)
    if choice(casework().bodies, command.to) is None and command.to not in the_catalogue().posts:
        raise InvalidReason("/to")
    posts = set()
    for case_id in sorted({case_id for case_id, _ in command.originals}):
        application = await applications.get_for(command.by, case_id)
        await applications.save(application, correspondence.put_in_pouch(application, by=command.by, at=uow.at))
        posts.add(application.post_id)
    if len(posts) != 1:
        raise OriginalNotFound
    for case_id, original_id in command.originals:
        found = await originals.of(case_id, original_id)
        if not found.is_here:
            raise OriginalNotHere
        await originals.save(replace(found, pouch_id=command.pouch_id, version=found.version + 1))
    ids = tuple(original_id for _, original_id in command.originals)
    pouch = Pouch(command.pouch_id, posts.pop(), command.to, command.seal, ids, uow.at, command.by.id)
    await Pouches(uow).add(pouch)
    return pouch


async def note_pouch_arrival(command: NotePouchArrival, uow: UnitOfWork) -> Pouch:
    """It came where it was sent, or came back: what it carried can be given out or sent on. Also where a case moved to another
    post.

    Raises PouchNotFound, PouchArrived."""
    applications, originals, pouches = Applications(uow), Originals(uow), Pouches(uow)
    pouch = await pouches.of_post(_must_be_at_a_counter(command.by), command.pouch_id)
    ends = pouch.post_id, pouch.to
    arrived = pouch.arrive(by=command.by.id, at=uow.at)
    await pouches.save(arrived)
    cases = set()
    for original_id in pouch.originals:
        found = await originals.get(original_id)
        cases.add(found.application_id)
        await originals.save(replace(found, pouch_id=None, version=found.version + 1))
    for case_id in sorted(cases):
        application = await applications.get(case_id)
        act = correspondence.note_pouch_arrived(application, by=command.by, at=uow.at, posts=ends)
        await applications.save(application, act)
    return arrived


def _must_be_at_a_counter(by: Officer) -> frozenset[str]:
    """Out: the posts where they are. Raises RoleNotAllowed."""
    if not (posts := by.posts_with(frozenset(COUNTER_ROLES))):
        raise RoleNotAllowed
    return posts
