"""An administrator, or the head of a post, gives an officer a role at named posts, from a day on and perhaps until one."""

from dataclasses import dataclass
from datetime import date

from services.identity.domain.grants import GivingReason, RoleGrant, must_be_given_by, nobody_vouches
from services.identity.domain.person import Person
from services.identity.grant_queries import officer_to_change
from services.identity.repository import People
from services.identity.second_person import second_person_rules
from shared.actors import Officer
from shared.mongo.transactions import UnitOfWork


@dataclass(frozen=True, slots=True)
class GiveRole:
    person_id: str
    grant_id: str
    role: str
    posts: tuple[str, ...]
    valid_from: date
    valid_until: date | None
    reason: GivingReason
    by: Officer


async def give_role(command: GiveRole, uow: UnitOfWork) -> Person:
    """Raises NotFound, NotToYourself, MayNotGive, InvalidInput."""
    by = command.by
    person = await officer_to_change(uow, by, command.person_id)
    must_be_given_by(by, to=person.id, role=command.role, posts=command.posts)
    unseen = nobody_vouches(person.grants)  # or who invited somebody would give them another first role, and need nobody
    grant = RoleGrant(
        command.grant_id,
        command.role,
        command.posts,
        command.valid_from,
        command.valid_until,
        given_by=by.id,
        given_at=uow.at,
        reason=command.reason.value,
        invited=unseen,
        needs_second=second_person_rules().needed(command.role, invited=unseen),
    )
    grant.must_make_sense()
    person.grants = [*person.grants, grant]
    person.version += 1
    await People(uow).save(person)
    about = {"person": person.id, "grant": grant.id, "role": grant.role, "posts": list(grant.posts)}
    days = {"from": grant.valid_from.isoformat()} | ({"until": grant.valid_until.isoformat()} if grant.valid_until else {})
    waits = {"waits": "second-person"} if grant.waits else {}
    uow.audit("grant:give", about={**about, **days, **waits}, reason=grant.reason)
    return person
