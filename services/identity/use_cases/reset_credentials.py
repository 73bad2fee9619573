"""An administrator, or the head of the post, lets an officer set a new password and authenticator: the old ones end at once."""

from dataclasses import dataclass

from services.identity.domain.grants import NotToYourself
from services.identity.domain.invitation import Invitation, InvitationReason
from services.identity.domain.person import Person
from services.identity.grant_queries import officer_to_change
from services.identity.officers_ending import end_sessions_of
from services.identity.officers_schema import OfficerCredentials
from services.identity.use_cases.invite_officer import invite
from services.identity.ways_in import end_ways_in
from shared.actors import Officer
from shared.errors import NotAllowed, NotAllowedNow
from shared.mongo.transactions import UnitOfWork
from shared.texts import N_


class NoAddress(NotAllowedNow):
    code = "officer-has-no-e-mail"
    message = N_("No e-mail address of this officer is known, so no link can be sent. Invite them with one.")


class MayNotReset(NotAllowed):
    code = "may-not-reset"
    message = N_("This officer has a role that a head does not give. Ask an administrator.")


@dataclass(frozen=True, slots=True)
class ResetCredentials:
    person_id: str
    reason: InvitationReason
    by: Officer


async def reset_credentials(command: ResetCredentials, uow: UnitOfWork) -> Invitation:
    """Raises NotFound, NotToYourself, MayNotReset, NoAddress."""
    by = command.by
    person = await officer_to_change(uow, by, command.person_id)
    if person.id == by.id:
        raise NotToYourself
    _must_be_below(by, person)
    if person.email is None:
        raise NoAddress
    every = OfficerCredentials(uow)
    if credentials := await every.find({"_id": person.id}):
        credentials.void(uow.at)
        await every.save(credentials)
    await end_ways_in(person.id, uow)  # a linked account too: it may be somebody else's, who had the link of the invitation
    ended = await end_sessions_of(person.id, uow)
    uow.audit("credentials:reset", about={"person": person.id, "sessions": ended}, reason=command.reason.value)
    return await invite(person.id, command.reason, by, uow)


def _must_be_below(by: Officer, person: Person) -> None:
    """Whoever sets another's credentials anew could act as them if they read their mail: a head does so for those whose roles
    a head gives, at posts that are theirs, and for nobody else."""
    if "administrator" in by.roles:
        return
    heads = by.posts_with({"head"})
    live = [grant for grant in person.grants if grant.withdrawn is None]
    if any(grant.role not in {"intake", "deciding"} or not set(grant.posts) <= heads for grant in live):
        raise MayNotReset
