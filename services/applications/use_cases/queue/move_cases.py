"""What lies at a closed post goes on elsewhere: a job lists what is left, and one a case moves it: none holds up others."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from services.applications.appointments.repository import Bookings
from services.applications.catalogue import the_catalogue
from services.applications.domain.booking import KEPT
from services.applications.domain.closing import Closure, Left, place_for, places_left, takes
from services.applications.domain.queue_acts import BeingIssued, is_over, move
from services.applications.domain.queue_errors import NoPlaceForService
from services.applications.queue.closures import MOVE_CASE, MOVE_CASES, Closures, closed_posts
from services.applications.repository import Applications
from services.applications.use_cases.appointments.end_appointment import ended
from shared.errors import NotFound
from shared.jobs.job import NewJob
from shared.mongo.transactions import UnitOfWork

PAUSE = timedelta(seconds=5)  # what was listed is moved meanwhile
LAST_LOOK = timedelta(minutes=1)  # longer than a transaction lasts that began before the post was closed
TIMES_AT_ONCE = 20
LONGEST_PAUSE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class MoveCases:
    """left: of what is still there. step: how many looks there were before in this series, which is empty for the first."""

    post_id: str
    round: int
    step: int
    left: tuple[Left, ...]
    series: str = ""


@dataclass(frozen=True, slots=True)
class MoveCase:
    application_id: str
    post_id: str
    round: int


async def move_cases(command: MoveCases, uow: UnitOfWork) -> None:
    """Nothing where it was opened again. The last look is one that finds nothing, a minute after the first that did."""
    closures = Closures(uow)
    closure = await closures.find({"_id": command.post_id})
    if closure is None or not closure.is_closed or closure.round != command.round:
        return
    data: dict[str, str | int] = {"post_id": command.post_id, "round": command.round}
    name = f"{closure.name}:{command.series}" if command.series else closure.name
    left = await _movable(command.left, closure, uow)
    for case in left:
        uow.schedule(NewJob(MOVE_CASE, f"{name}:{command.step}:{case.id}", uow.at, data | {"application_id": case.id}))
    times = await give_back_times(command.post_id, uow)
    if not left and not times and uow.at - closure.closed_at > LAST_LOOK:
        closure.note_empty(at=uow.at)
        await closures.save(closure)
        return
    pause = min(PAUSE * 2 ** min(command.step // 20, 7), LONGEST_PAUSE) if left or times else LAST_LOOK
    step = command.step + 1
    again = data | {"step": step, "series": command.series}
    uow.schedule(NewJob(MOVE_CASES, f"{name}:{step}", uow.at + pause, again))


async def _movable(left: Collection[Left], closure: Closure, uow: UnitOfWork) -> list[Left]:
    """What no open post takes in its place is noted: the head and the ministry see it, and it is tried again when a post opens
    again. Listed in every look, it would be tried for ever."""
    catalogue = the_catalogue()
    posts = [catalogue.post(each) for each in places_left(closure, await closed_posts(uow.db, uow.session))]
    by_service = {(one.service_id, one.service_version) for one in left if not one.over}
    nowhere = {key for key in by_service if not any(takes(post, catalogue.version(*key)) for post in posts)}
    stuck = [one.id for one in left if not one.over and (one.service_id, one.service_version) in nowhere]
    if stuck:
        closure.note_stuck(stuck)
        await Closures(uow).save(closure)
    return [one for one in left if one.id not in stuck]


async def give_back_times(post_id: str, uow: UnitOfWork) -> int:
    """Some of the appointments that lie ahead there, the next ones first: their people are told, and choose another post. Who was
    served before their time, or written down as missed, has none to give back."""
    ahead = {
        "post_id": post_id,
        "starts_at": {"$gt": uow.at},
        "state": {"$in": [state.value for state in KEPT]},
        "visits.attendance": {"$nin": ["served", "absent"]},
    }
    rows = uow.db.bookings.find(ahead, {"_id": 1}, session=uow.session).sort("starts_at", 1).limit(TIMES_AT_ONCE)
    ids = [row["_id"] for row in await rows.to_list()]
    for booking_id in ids:
        if booking := await Bookings(uow).find({"_id": booking_id}):
            await ended(booking, "by-post", uow)
    return len(ids)


async def move_case(command: MoveCase, uow: UnitOfWork) -> None:
    """With fee, clock and what is kept of it as they are; its citizen is told by the event. What is being issued in this moment
    is found by the next look, and so is what has no place any more."""
    closure = await Closures(uow).find({"_id": command.post_id})
    if closure is None or not closure.is_closed or closure.round != command.round:
        return
    applications, catalogue = Applications(uow), the_catalogue()
    try:
        application = await applications.get(command.application_id)
    except NotFound:  # deleted by its rule
        return
    if application.post_id != command.post_id:
        return
    definition = catalogue.definition_of(application)
    places = places_left(closure, await closed_posts(uow.db, uow.session))
    try:
        targets = [catalogue.post(each) for each in places]
        to = place_for(application.citizen_id, definition, targets, over=is_over(application))
        act = move(application, to, closure=closure.name, at=uow.at)
    except (BeingIssued, NoPlaceForService):
        return
    await applications.save(application, act)
