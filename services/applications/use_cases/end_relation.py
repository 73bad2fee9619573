"""A head of post ends a declaration that was a mistake or holds no longer: never one of those it is about."""

from dataclasses import dataclass, replace

from services.applications.domain.errors import MayNotEndRelation, RelationAlreadyEnded, RelationNotFound
from services.applications.domain.relations import EndReason, Relation, RelationEnd
from services.applications.repository import DeclaredRelations
from services.applications.scopes import relations_seen_by
from shared.actors import Officer
from shared.errors import SecondFactorNeeded
from shared.mongo.transactions import UnitOfWork


@dataclass(frozen=True, slots=True)
class EndRelation:
    relation_id: str
    reason: EndReason
    by: Officer


async def end_relation(command: EndRelation, uow: UnitOfWork) -> Relation:
    """Raises RelationNotFound, MayNotEndRelation, SecondFactorNeeded, RelationAlreadyEnded."""
    relations, by = DeclaredRelations(uow), command.by
    relation = await relations.find({"_id": command.relation_id} | relations_seen_by(by))
    if relation is None:
        raise RelationNotFound
    if by.id in relation.people or "head" not in by.roles_at(relation.post_id):
        raise MayNotEndRelation
    if not by.second_factor:
        raise SecondFactorNeeded
    if relation.ended:
        raise RelationAlreadyEnded
    ended = replace(relation, ended=RelationEnd(by.id, uow.at, command.reason), version=relation.version + 1)
    await relations.save(ended)
    about = {"relation": relation.id, "people": list(relation.people)}
    uow.audit("relation:end", about=about, reason=command.reason.value, role="head", post=relation.post_id)
    return ended
