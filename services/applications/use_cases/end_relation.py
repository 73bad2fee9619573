"""A head of one of the two posts, or the ministry, confirms a declaration or ends it: never one of those it is about."""

from dataclasses import dataclass

from services.applications.domain import authority
from services.applications.domain.errors import RelationNotFound
from services.applications.domain.relations import EndReason, Relation
from services.applications.repository import DeclaredRelations
from services.applications.scopes import relation_is_seen
from shared.actors import Officer
from shared.mongo.transactions import UnitOfWork


@dataclass(frozen=True, slots=True)
class EndRelation:
    relation_id: str
    reason: EndReason
    by: Officer


@dataclass(frozen=True, slots=True)
class ConfirmRelation:
    relation_id: str
    by: Officer


async def end_relation(command: EndRelation, uow: UnitOfWork) -> Relation:
    """Raises RelationNotFound, MayNotEndRelation, SecondFactorNeeded, RelationAlreadyEnded."""
    by = command.by
    relation = await _seen(command.relation_id, by, uow)
    place = authority.to_end_relation(relation, by)
    ended = relation.end(by.id, command.reason, uow.at)
    await DeclaredRelations(uow).save(ended)
    _write_down("relation:end", ended, place, uow, reason=command.reason.value)
    return ended


async def confirm_relation(command: ConfirmRelation, uow: UnitOfWork) -> Relation:
    """Raises RelationNotFound, MayNotConfirmRelation, SecondFactorNeeded, RelationAlreadyEnded, RelationAlreadyConfirmed."""
    by = command.by
    relation = await _seen(command.relation_id, by, uow)
    place = authority.to_confirm_relation(relation, by)
    confirmed = relation.confirm(by.id, place, uow.at)
    await DeclaredRelations(uow).save(confirmed)
    _write_down("relation:confirm", confirmed, place, uow)
    return confirmed


async def _seen(relation_id: str, by: Officer, uow: UnitOfWork) -> Relation:
    relation = await DeclaredRelations(uow).find({"_id": relation_id})
    if relation is None or not relation_is_seen(by, relation):
        raise RelationNotFound
    return relation


def _write_down(act: str, relation: Relation, place: str, uow: UnitOfWork, *, reason: str | None = None) -> None:
    about = {"relation": relation.id, "people": list(relation.people)}
    of_ministry = place == authority.MINISTRY
    role, post = ("ministry", relation.post_id) if of_ministry else ("head", place)
    uow.audit(act, about=about, reason=reason, role=role, post=post)
