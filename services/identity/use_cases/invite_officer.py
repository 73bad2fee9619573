"""An administrator, or the head of a post, invites an officer: the person is there with their first role, and gets a link."""

from dataclasses import dataclass

from services.identity.domain.contact import EMAIL
from services.identity.domain.grants import RoleGrant, must_be_given_by
from services.identity.domain.invitation import LIFETIME, Invitation, InvitationReason
from services.identity.domain.person import Person
from services.identity.officers_schema import Invitations
from services.identity.repository import People
from services.identity.schema import PEOPLE_SEALED
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
    """totp_secret: made before the transaction, and sealed in it."""

    login: str
    name: str
    email: str
    language: str
    post_id: str
    grant: RoleGrant
    totp_secret: str
    by: Officer


async def invite_officer(command: InviteOfficer, uow: UnitOfWork) -> Invitation:
    """Raises MayNotGive, InvalidInput, LoginTaken."""
    by, grant = command.by, command.grant
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
    await people.add(person)
    about = {"person": person.id, "grant": grant.id, "role": grant.role, "posts": list(grant.posts)}
    uow.audit("officer:invite", about=about, reason=grant.reason)
    return await invite(person.id, InvitationReason.NEW_OFFICER, command.totp_secret, by, uow)


async def invite(person_id: str, reason: InvitationReason, totp_secret: str, by: Officer, uow: UnitOfWork) -> Invitation:
    """A new invitation; earlier ones of this person are good for nothing any more."""
    await uow.db.officer_invitations.update_many(
        {"person_id": person_id, "used_at": None},
        {"$set": {"used_at": uow.at, "totp_secret": None}, "$inc": {"version": 1}},
        session=uow.session,
    )
    invitation = Invitation(uow.new_id(), person_id, reason, by.id, uow.at, uow.at + LIFETIME, totp_secret)
    await Invitations(uow).add(invitation)
    uow.publish(invitation.sent())
    return invitation
