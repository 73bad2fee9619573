"""Which applications an actor may see, as a part of every query: what is not theirs is not found.

The same rule as domain/authority.sees, which the acts ask; tests/integration/test_applications_scopes.py holds them together.
"""

from collections.abc import Iterable

from services.applications.domain.authority import DECIDING_ROLES, MINISTRY, sees
from services.applications.domain.relations import Relation
from services.applications.domain.status import Status
from shared.actors import EVERY_POST, Officer
from shared.mongo.database import Document

OF_A_POST: tuple[Status, ...] = tuple(status for status in Status if status not in (Status.DRAFT, Status.EXPIRED))


def is_seen(actor: Officer, row: Document) -> bool:
    """The rule of domain/authority, of a row that was read: with post_id, deciding_at, status and submitted_at."""
    return sees(
        actor,
        post_id=row["post_id"],
        deciding_at=row.get("deciding_at"),
        status=Status(row["status"]),
        handed_in=row.get("submitted_at") is not None,
    )


def deciding_places(officer: Officer) -> frozenset[str]:
    """Where a decision can be given to, to be theirs: posts, and the ministry."""
    return officer.posts_with(DECIDING_ROLES) - {EVERY_POST} | ({MINISTRY} if officer.is_ministry else frozenset())


def relations_seen_by(officer: Officer) -> list[Document]:
    """Queries that together find what they declared, as head of a post what was declared there or names it; the ministry: all."""
    if officer.is_ministry:
        return [{}]
    theirs = officer.posts_with({"head"})
    of_posts = [{name: any_of(theirs)} for name in ("post_id", "other_post_id") if theirs]
    return [{"declared_by": officer.id}, *of_posts]


def relation_is_seen(officer: Officer, relation: Relation) -> bool:
    """The same of one that was read."""
    of_their_posts = not {relation.post_id, relation.other_post_id}.isdisjoint(officer.posts_with({"head"}))
    return officer.is_ministry or relation.declared_by == officer.id or of_their_posts


def any_of(values: Iterable[str]) -> Document | str:
    """One value by itself, so that a list sorted by the next part of an index needs no sorting."""
    found = sorted(values)
    return found[0] if len(found) == 1 else {"$in": found}
