"""An administrator, or the head of the post, takes a role back: tokens that are out already carry it for 15 minutes at most."""

from dataclasses import dataclass

from services.identity.domain.grants import GrantNotFound, WithdrawalReason, must_be_given_by
from services.identity.domain.person import Person
from services.identity.grant_queries import officer_to_change
from services.identity.repository import People
from shared.actors import Officer
from shared.mongo.transactions import UnitOfWork


@dataclass(frozen=True, slots=True)
class WithdrawRole:
    person_id: str
    grant_id: str
    reason: WithdrawalReason
    by: Officer


async def withdraw_role(command: WithdrawRole, uow: UnitOfWork) -> Person:
    """Raises NotFound, GrantNotFound, NotToYourself, MayNotGive, AlreadyWithdrawn."""
    by = command.by
    person = await officer_to_change(uow, by, command.person_id)
    grant = next((grant for grant in person.grants if grant.id == command.grant_id), None)
    if grant is None:
        raise GrantNotFound
    must_be_given_by(by, to=person.id, role=grant.role, posts=grant.posts)
    ended = grant.withdrawn_by(by, command.reason, uow.at)
    person.grants = [ended if each.id == grant.id else each for each in person.grants]
    person.version += 1
    await People(uow).save(person)
    about = {"person": person.id, "grant": grant.id, "role": grant.role, "posts": list(grant.posts)}
    uow.audit("grant:withdraw", about=about, reason=command.reason.value)
    return person
