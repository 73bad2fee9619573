"""A post is closed: it takes no applications any more, and what lies there goes on at other posts, case by case by jobs."""

from dataclasses import dataclass

from services.applications.catalogue import the_catalogue
from services.applications.domain.closing import ClosingReason, Closure, takes, to_close
from services.applications.domain.queue_errors import NoPlaceForService, PostNotClosed
from services.applications.queue.closures import MOVE_CASES, Closures, closed_posts, look_again, must_all_be_open
from shared.actors import Officer
from shared.errors import FieldError, InvalidInput
from shared.jobs.job import NewJob
from shared.mongo.transactions import UnitOfWork
from shared.texts import N_


@dataclass(frozen=True, slots=True)
class ClosePost:
    post_id: str
    reason: ClosingReason
    targets: tuple[str, ...]
    by: Officer


@dataclass(frozen=True, slots=True)
class ReopenPost:
    post_id: str
    by: Officer


async def close_post(command: ClosePost, uow: UnitOfWork) -> Closure:
    """Raises UnknownPost, MayNotClosePost, SecondFactorNeeded, InvalidInput, NoPlaceForService, PostIsClosed (also where a post
    named to go on at is closed)."""
    by, post_id, targets = command.by, command.post_id, tuple(sorted(set(command.targets)))
    the_catalogue().post(post_id)
    role = to_close(post_id, by)
    _must_lead_somewhere(post_id, targets)
    await must_all_be_open(targets, uow)
    closures = Closures(uow)
    closure = await closures.find({"_id": post_id})
    if closure is None:
        closure = Closure(post_id, uow.at, by.id, command.reason, targets)
        await closures.add(closure)
    else:
        closure.again(by=by, reason=command.reason, targets=targets, at=uow.at)
        await closures.save(closure)
    uow.schedule(NewJob(MOVE_CASES, f"{closure.name}:0", uow.at, {"post_id": post_id, "round": closure.round, "step": 0}))
    uow.audit("post:close", about={"post": post_id, "targets": list(targets)}, reason=command.reason, role=role, post=post_id)
    return closure


def _must_lead_somewhere(post_id: str, targets: tuple[str, ...]) -> None:
    """Every service that the post takes has a place to go on at."""
    catalogue = the_catalogue()
    posts = [catalogue.post(each) for each in targets]
    if not posts or post_id in targets:
        raise InvalidInput([FieldError("/targets", N_("Name one or more other posts, where its applications go on."))])
    own = catalogue.post(post_id)
    for definition in catalogue.services():
        if takes(own, definition) and not any(takes(post, definition) for post in posts):
            raise NoPlaceForService(service=definition.id)


async def reopen_post(command: ReopenPost, uow: UnitOfWork) -> Closure:
    """It takes applications again; what moved stays where it is, and what is stuck elsewhere may have a place now.

    Raises UnknownPost, MayNotClosePost, SecondFactorNeeded, PostNotClosed."""
    the_catalogue().post(command.post_id)
    role = to_close(command.post_id, command.by)
    closures = Closures(uow)
    closure = await closures.find({"_id": command.post_id})
    if closure is None:
        raise PostNotClosed
    closure.reopen(at=uow.at)
    await closures.save(closure)
    for other in (await closed_posts(uow.db, uow.session)).values():
        if other.stuck and other.id != closure.id:
            await look_again(other, uow)
    uow.audit("post:reopen", about={"post": command.post_id}, role=role, post=command.post_id)
    return closure
