"""An administrator, or the head of a post, invites an officer: the person is there with their first role, and gets a link."""

from dataclasses import dataclass, replace

from pymongo.errors import DuplicateKeyError

from services.identity.domain.contact import EMAIL
from services.identity.domain.grants import RoleGrant, must_be_given_by
from services.identity.domain.invitation import LIFETIME, Invitation, InvitationReason
from services.identity.domain.person import Person
from services.identity.officers_schema import Invitations, close_invitations
from services.identity.repository import People
from services.identity.schema import PEOPLE_SEALED
from services.identity.second_person import second_person_rules
from shared.actors import Officer
from shared.errors import FieldError, InvalidInput, NotAllowedNow
from shared.mongo.transactions import UnitOfWork
from shared.texts import N_

_NO_EMAIL = N_("Give an e-mail address as name@example.org.")


class LoginTaken(NotAllowedNow):
    code = "login-taken"
    message = N_("Somebody has this login already. Choose another.")


@dataclass(frozen=True, slots=True)
class InviteOfficer:
    """The role is in force once a second person has confirmed it; the link goes to the officer at once."""

    login: str
    name: str
    email: str
    language: str
    post_id: str
    grant: RoleGrant
    by: Officer


async def invite_officer(command: InviteOfficer, uow: UnitOfWork) -> Invitation:
    """Raises MayNotGive, InvalidInput, LoginTaken."""
    by = command.by
    grant = replace(command.grant, invited=True, needs_second=second_person_rules().needed(command.grant.role, invited=True))
    must_be_given_by(by, to="", role=grant.role, posts=[*grant.posts, command.post_id])
    people = People(uow)
    if not EMAIL.fullmatch(command.email):
        raise InvalidInput([FieldError("/email", _NO_EMAIL)])
    if await people.find(PEOPLE_SEALED.where(uow.db, "login_index", command.login)):
        raise LoginTaken
    person = Person.officer(
        id=uow.new_id(),
        login=command.login,
        name=command.name,
        language=command.language,
        post_id=command.post_id,
        grants=[grant],
    )
    person.email = command.email
    try:
        await people.add(person)
    except DuplicateKeyError:  # somebody took the login at this moment
        raise LoginTaken from None
    about = {"person": person.id, "grant": grant.id, "role": grant.role, "posts": list(grant.posts)}
    uow.audit("officer:invite", about=about, reason=grant.reason)
    return await invite(person.id, InvitationReason.NEW_OFFICER, by, uow)


async def invite(person_id: str, reason: InvitationReason, by: Officer, uow: UnitOfWork) -> Invitation:
    """A new invitation; earlier ones of this person are good for nothing any more."""
    await close_invitations(person_id, uow)
    invitation = Invitation(uow.new_id(), person_id, reason, by.id, uow.at, uow.at + LIFETIME)
    await Invitations(uow).add(invitation)
    uow.publish(invitation.sent())
    return invitation
