"""An officer declares a relative, or an account that is theirs as well; the head of a post does it for its officers."""

from dataclasses import dataclass

from services.applications.domain.errors import MayNotDeclareForOthers, SameAsOneself
from services.applications.domain.relations import Relation, RelationKind
from services.applications.repository import Applications, DeclaredRelations
from shared.actors import Officer
from shared.mongo.transactions import UnitOfWork


@dataclass(frozen=True, slots=True)
class DeclareRelation:
    """of: the officer it is about. officer_id: the other one; or application_id: its citizen."""

    relation_id: str
    of: str
    officer_id: str | None
    application_id: str | None
    kind: RelationKind
    by: Officer


async def declare_relation(command: DeclareRelation, uow: UnitOfWork) -> Relation:
    """Raises ApplicationNotFound, MayNotDeclareForOthers, SameAsOneself."""
    by = command.by
    heads = sorted(by.posts_with({"head"}))
    if command.of != by.id and not heads:
        raise MayNotDeclareForOthers
    other = command.officer_id or ""
    if command.application_id:
        other = (await Applications(uow).get_for(by, command.application_id)).citizen_id
    if other == command.of:
        raise SameAsOneself
    first, second = sorted((command.of, other))
    post = by.post_id if by.post_id in heads or not heads else heads[0]
    relation = Relation(command.relation_id, (first, second), command.kind, post, by.id, uow.at)
    await DeclaredRelations(uow).add(relation)
    uow.audit("relation:declare", about={"relation": relation.id, "people": [first, second]})
    return relation
