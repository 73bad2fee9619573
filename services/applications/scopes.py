"""Which applications an actor may see, as a part of every query: what is not theirs is not found.

The same rule as domain/authority.sees, which the acts ask; tests/integration/test_applications_scopes.py holds them together.
"""

from collections.abc import Iterable

from services.applications.domain.authority import DECIDING_ROLES, MINISTRY, SEEN_WHERE_IT_IS_DECIDED, sees
from services.applications.domain.status import Status
from shared.actors import EVERY_POST, POST_ROLES, Citizen, Officer
from shared.mongo.database import Document

OF_A_POST: tuple[Status, ...] = tuple(status for status in Status if status not in (Status.DRAFT, Status.EXPIRED))
_HANDED_IN: Document = {"$in": [status.value for status in OF_A_POST]}
_WHERE_DECIDED: Document = {"$in": [status.value for status in SEEN_WHERE_IT_IS_DECIDED]}


def scope_of(actor: Citizen | Officer) -> Document:
    """A citizen's own; of an officer's posts what was handed in, and what was given to them to decide; all for the ministry."""
    if isinstance(actor, Citizen):
        return {"citizen_id": actor.id}
    if actor.is_ministry:
        return {"status": _HANDED_IN}
    posts = {"post_id": any_of(actor.posts_with(POST_ROLES)), "status": _HANDED_IN}
    given = {"deciding_at": any_of(deciding_places(actor)), "status": _WHERE_DECIDED}
    return {"$or": [posts, given]}


def is_seen(actor: Officer, row: Document) -> bool:
    """The same of a row that was read: with post_id, deciding_at and status."""
    return sees(actor, post_id=row["post_id"], deciding_at=row.get("deciding_at"), status=Status(row["status"]))


def deciding_places(officer: Officer) -> frozenset[str]:
    """Where a decision can be given to, to be theirs: posts, and the ministry."""
    return officer.posts_with(DECIDING_ROLES) - {EVERY_POST} | ({MINISTRY} if officer.is_ministry else frozenset())


def relations_seen_by(officer: Officer) -> Document:
    """What they declared, as head of a post what was declared there or names it, and all for the ministry."""
    if officer.is_ministry:
        return {}
    theirs = any_of(officer.posts_with({"head"}))
    return {"$or": [{"declared_by": officer.id}, {"post_id": theirs}, {"other_post_id": theirs}]}


def any_of(values: Iterable[str]) -> Document | str:
    """One value by itself, so that a list sorted by the next part of an index needs no sorting."""
    found = sorted(values)
    return found[0] if len(found) == 1 else {"$in": found}
