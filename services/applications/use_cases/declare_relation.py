"""An officer declares a relative, or an account that is theirs as well; the head of a post does it for cases of that post."""

from dataclasses import dataclass

from pymongo.errors import DuplicateKeyError

from services.applications.domain.errors import (
    MayNotDeclareForOthers,
    RelationAlreadyDeclared,
    SameAsOneself,
    TooManyDeclared,
)
from services.applications.domain.relations import MOST_BY_HEAD, MOST_BY_OFFICER, Relation, RelationKind
from services.applications.repository import Applications, DeclaredRelations
from shared.actors import EVERY_POST, POST_ROLES, Officer
from shared.errors import ConcurrentUpdate, SecondFactorNeeded
from shared.mongo.transactions import UnitOfWork


@dataclass(frozen=True, slots=True)
class DeclareRelation:
    """of: the officer it is about. officer_id: the other one; or application_id: its citizen. other_post_id: where the other
    officer works, whose head is to see it."""

    relation_id: str
    of: str
    officer_id: str | None
    application_id: str | None
    kind: RelationKind
    by: Officer
    other_post_id: str | None = None


async def declare_relation(command: DeclareRelation, uow: UnitOfWork) -> Relation:
    """Raises SecondFactorNeeded, ApplicationNotFound, MayNotDeclareForOthers, SameAsOneself, RelationAlreadyDeclared,
    TooManyDeclared, ConcurrentUpdate."""
    by = command.by
    heads = sorted(by.posts_with({"head"}))
    if not by.second_factor:
        raise SecondFactorNeeded
    if command.of != by.id and not heads:
        raise MayNotDeclareForOthers
    other = command.officer_id or ""
    if command.application_id:
        other = (await Applications(uow).get_for(by, command.application_id)).citizen_id
    if other == command.of:
        raise SameAsOneself
    first, second = sorted((command.of, other))
    post, people = _post_of(by, heads), (first, second)
    relation = Relation(command.relation_id, people, command.kind, post, by.id, uow.at, other_post_id=command.other_post_id)
    relation.live_key = f"{by.id}:{await _free_place(relation, bool(heads), uow)}"
    try:
        await DeclaredRelations(uow).add(relation)
    except DuplicateKeyError:  # two at once took the same place
        raise ConcurrentUpdate from None
    about = {"relation": relation.id, "people": [first, second], "kind": relation.kind.value}
    uow.audit("relation:declare", about=about, post=post)
    return relation


def _post_of(by: Officer, heads: list[str]) -> str:
    held = heads or sorted(by.posts_with(POST_ROLES) - {EVERY_POST})
    return by.post_id if by.post_id in held or not held else held[0]


async def _free_place(relation: Relation, by_head: bool, uow: UnitOfWork) -> int:
    """Each who declares has a number of places, so that nobody binds everybody to everybody."""
    most = MOST_BY_HEAD if by_head else MOST_BY_OFFICER
    theirs = uow.db.relations.find({"declared_by": relation.declared_by, "ended": None}, session=uow.session)
    rows = await theirs.limit(most).to_list()
    if any((row["people"], row["kind"]) == ([*relation.people], relation.kind.value) for row in rows):
        raise RelationAlreadyDeclared
    taken = {row.get("live_key", "").rpartition(":")[2] for row in rows}
    free = next((place for place in range(most) if str(place) not in taken), None)
    if free is None or len(rows) >= most:
        raise TooManyDeclared
    return free
