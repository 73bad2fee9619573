"""The officers whom the head of a post has put on its list, and what they are marked as able to do."""

from collections.abc import Collection
from dataclasses import dataclass

from services.applications.catalogue import the_catalogue
from services.applications.domain.application import Application
from services.applications.domain.status import UNDECIDED
from services.applications.queries import COUNTED_UP_TO
from shared.mongo.database import Db, Document, Session

DESKS = "desks"
MOST_DESKS = 200


@dataclass(frozen=True, slots=True)
class Desk:
    post_id: str
    officer_id: str
    skills: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        return desk_id(self.post_id, self.officer_id)

    def lacks(self, case: Application) -> list[str]:
        """What its service asks for, and they are not marked with."""
        return sorted(set(the_catalogue().definition_of(case).skills) - set(self.skills))


@dataclass(frozen=True, slots=True)
class Load:
    """claimed: cases that they have and that are not decided. overdue: of these. No more than COUNTED_UP_TO."""

    desk: Desk
    claimed: int
    overdue: int


def desk_id(post_id: str, officer_id: str) -> str:
    return f"{post_id}:{officer_id}"


async def desk_of(db: Db, post_id: str, officer_id: str, session: Session | None = None) -> Desk | None:
    row = await db[DESKS].find_one({"_id": desk_id(post_id, officer_id)}, session=session)
    return _desk(row) if row else None


async def desks_of(db: Db, posts: Collection[str]) -> list[Desk]:
    rows = (
        await db[DESKS].find({"post_id": {"$in": sorted(posts)}}).sort([("post_id", 1), ("_id", 1)]).limit(MOST_DESKS).to_list()
    )
    return [_desk(row) for row in rows]


async def loads_of(db: Db, post_id: str, today: str) -> list[Load]:
    """What lies on each desk of the post. today: as an ISO date."""
    return [await load_of(db, desk, today) for desk in await desks_of(db, {post_id})]


async def load_of(db: Db, desk: Desk, today: str) -> Load:
    theirs: Document = {"post_id": desk.post_id, "claimed_by": desk.officer_id}
    theirs |= {"status": {"$in": [each.value for each in UNDECIDED]}}
    claimed = await db.applications.count_documents(theirs, limit=COUNTED_UP_TO)
    late = await db.applications.count_documents(theirs | {"due_on": {"$lt": today}}, limit=COUNTED_UP_TO) if claimed else 0
    return Load(desk, claimed, late)


def known_skills() -> list[str]:
    """All that a service of the catalogue asks for."""
    return sorted({skill for definition in the_catalogue().services() for skill in definition.skills})


async def left_to_others(db: Db, post_id: str, officer_id: str) -> frozenset[str]:
    """Services that others of the post are marked as able to do, and this officer is not. What nobody of the post is marked with
    is left to nobody: it would wait for ever."""
    marked = {each.officer_id: set(each.skills) for each in await desks_of(db, {post_id})}
    theirs = marked.pop(officer_id, set())
    asking = [each for each in the_catalogue().versions.values() if not set(each.skills) <= theirs]
    return frozenset(each.id for each in asking if any(set(each.skills) <= skills for skills in marked.values()))


def _desk(row: Document) -> Desk:
    return Desk(row["post_id"], row["officer_id"], tuple(row["skills"]))
