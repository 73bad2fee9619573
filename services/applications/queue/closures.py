"""Posts that were closed: kept one row a post, and asked before anything is begun or handed in there."""

from collections.abc import Iterable

from pymongo import IndexModel

from services.applications.domain.closing import Closure
from services.applications.domain.queue_errors import PostIsClosed
from shared.jobs.job import NewJob
from shared.mongo.aggregates import Aggregates, Mapper
from shared.mongo.database import Db, Indexes, Session
from shared.mongo.transactions import UnitOfWork

COLLECTION = "closures"
INDEXES: Indexes = {COLLECTION: [IndexModel("reopened_at")]}
MAPPER = Mapper(Closure)
MOVE_CASES = "move_cases"
MOVE_CASE = "move_case"


class Closures(Aggregates[Closure]):
    def __init__(self, uow: UnitOfWork) -> None:
        super().__init__(uow, COLLECTION, MAPPER)


async def closure_of(db: Db, post_id: str) -> Closure | None:
    """The last one, also where the post was opened again."""
    row = await db[COLLECTION].find_one({"_id": post_id})
    return MAPPER.from_document(row) if row else None


async def look_again(closure: Closure, uow: UnitOfWork) -> None:
    """What lies at a closed post is listed anew, as where it was emptied before or something could not move."""
    data: dict[str, str | int] = {"post_id": closure.id, "round": closure.round, "step": 0, "series": closure.look_again()}
    await Closures(uow).save(closure)
    uow.schedule(NewJob(MOVE_CASES, f"{closure.name}:{data['series']}:0", uow.at, data))


async def closed_posts(db: Db, session: Session | None = None) -> dict[str, Closure]:
    """Those that are closed now."""
    rows = await db[COLLECTION].find({"reopened_at": None}, session=session).to_list()
    return {closure.id: closure for closure in map(MAPPER.from_document, rows)}


async def must_be_open(post_id: str, uow: UnitOfWork) -> None:
    """Raises PostIsClosed."""
    if await is_closed(post_id, uow):
        raise PostIsClosed


async def is_closed(post_id: str, uow: UnitOfWork) -> bool:
    wanted = {"_id": post_id, "reopened_at": None}
    return await uow.db[COLLECTION].find_one(wanted, {"_id": 1}, session=uow.session) is not None


async def must_all_be_open(posts: Iterable[str], uow: UnitOfWork) -> None:
    """Raises PostIsClosed."""
    for post_id in posts:
        await must_be_open(post_id, uow)
