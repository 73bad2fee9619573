"""Officers come by invitation: who invites, what the link is fetched for, and what the invited person sets by it."""

from datetime import date, datetime
from typing import Annotated, Literal

import pyotp
from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse
from pydantic import Field

from services.identity.api.answers import NO_STORE
from services.identity.api.schemas import Asked
from services.identity.config import IdentitySettings
from services.identity.domain.credentials import RECOVERY_CODES, hash_recovery_code, recovery_codes_of
from services.identity.domain.grants import GivingReason, RoleGrant
from services.identity.domain.invitation import (
    OPEN_FOR,
    Invitation,
    InvitationOver,
    InvitationReason,
    invitation_of,
    token_of,
)
from services.identity.domain.sign_in_secret import SignInSecret
from services.identity.officers_queries import open_invitation, opened_invitation
from services.identity.passwords import hash_password, room
from services.identity.use_cases.enrol_officer import EnrolOfficer, enrol_officer
from services.identity.use_cases.invite_officer import InviteOfficer, invite_officer
from services.identity.use_cases.open_invitation import OpenInvitation, open_invitation_once
from services.identity.use_cases.reset_credentials import ResetCredentials, reset_credentials
from shared.actors import ServiceCaller
from shared.contracts.http import HttpContract, OfficerInvitation
from shared.errors import NotFound
from shared.web.auth import CurrentGrantor, service_with
from shared.web.commands import RepeatableCommands, RequestCommands, RequestQueries
from shared.web.description import also

ISSUER = "Eshik"
Login = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{2,39}$", description="Small Latin letters, digits and . _ -")]
Post = Annotated[str, Field(pattern=r"^([a-z]{3}|\*)$")]
Token = Annotated[str, Field(min_length=1, max_length=200, description="What stands after # in the link that was sent")]


class NewOfficer(Asked):
    login: Login
    name: str = Field(min_length=1, max_length=200)
    email: str = Field(min_length=3, max_length=254, description="Where the link goes; nobody signs in by it")
    language: Literal["ky", "ru", "en"]
    post_id: str = Field(pattern="^[a-z]{3}$")
    role: str = Field(max_length=40)
    posts: list[Post] = Field(min_length=1, max_length=50)
    valid_from: date | None = None
    valid_until: date | None = None
    reason: GivingReason


class Renewal(Asked):
    reason: InvitationReason


class Invited(HttpContract):
    """Nothing that names anybody, because the answer is kept for repetitions. The link goes to the officer alone."""

    person_id: str
    invitation_id: str
    expires_at: datetime

    @classmethod
    def of(cls, invitation: Invitation) -> "Invited":
        return cls(person_id=invitation.person_id, invitation_id=invitation.id, expires_at=invitation.expires_at)


Binding = Annotated[
    str,
    Field(min_length=32, max_length=64, pattern="^[A-Za-z0-9_-]+$", description="Random, made in the browser, and kept there"),
]


class Shown(Asked):
    token: Token
    binding: Binding


class Enrolment(HttpContract):
    """What the page of an invitation needs. otpauth: for the authenticator, as text and to be drawn as a QR code. expires_at:
    when the page shows nothing any more."""

    login: str
    name: str
    language: str
    expires_at: datetime
    totp_secret: str
    otpauth: str


class NewCredentials(Asked):
    token: Token
    binding: Binding
    password: str = Field(max_length=1000)
    code: str = Field(pattern="^[0-9]{6}$", description="Of the authenticator that was just set up")


class RecoveryCodes(HttpContract):
    """Shown this once: each is good once in place of the authenticator's code."""

    login: str
    recovery_codes: list[str] = Field(min_length=RECOVERY_CODES, max_length=RECOVERY_CODES)


class InvitationNamed(Asked):
    invitation_id: str = Field(min_length=1, max_length=64)


def routes(settings: IdentitySettings, secret: SignInSecret) -> APIRouter:
    router = APIRouter(tags=["officers"])

    @router.post("/api/officers/invitations", status_code=201, response_model=Invited)
    async def invite(body: NewOfficer, by: CurrentGrantor, commands: RequestCommands) -> JSONResponse:
        """Invite an officer with a first role. A head invites to their own posts, for intake and deciding (403 else). The
        link goes by e-mail, is good once and for three days. The role is in force once a second person has confirmed it."""
        given = RoleGrant(
            commands.new_id(),
            body.role,
            tuple(body.posts),
            body.valid_from or commands.at.date(),
            body.valid_until,
            given_by=by.id,
            given_at=commands.at,
            reason=body.reason.value,
        )
        command = InviteOfficer(body.login, body.name, body.email, body.language, body.post_id, given, by)
        return await commands.run(invite_officer, command, Invited.of, status=201)

    @router.post("/api/officers/{person_id}/invitations", status_code=201, response_model=Invited)
    async def renew(person_id: str, body: Renewal, by: CurrentGrantor, commands: RequestCommands) -> JSONResponse:
        """Password, authenticator, passkeys, linked accounts and sessions of this officer end now, and a new link goes to them.
        403 for oneself, and for a head about somebody with a role that a head does not give."""
        command = ResetCredentials(person_id, body.reason, by)
        return await commands.run(reset_credentials, command, Invited.of, status=201)

    router.include_router(_enrolment(secret))
    router.include_router(_internal(settings, secret))
    return router


def _enrolment(secret: SignInSecret) -> APIRouter:
    router = APIRouter(prefix="/api/officers/enrolment", tags=["officers"])

    @router.post("")
    async def begin(body: Shown, commands: RepeatableCommands, response: Response) -> Enrolment:
        """What the authenticator is set up with: shown to the browser that opens the link first, for 15 minutes. 409 after, and
        in any other."""
        invitation_id = _shown(body.token, secret)
        command = OpenInvitation(invitation_id, body.binding, pyotp.random_base32())
        try:
            invitation, person = await commands.run_repeatable(open_invitation_once, command)
        except NotFound:
            raise InvitationOver from None
        totp = pyotp.TOTP(invitation.totp_secret or "")
        response.headers.update(NO_STORE)
        return Enrolment(
            login=person.login,
            name=person.name,
            language=person.language,
            expires_at=min(invitation.expires_at, (invitation.opened_at or commands.at) + OPEN_FOR),
            totp_secret=totp.secret,
            otpauth=totp.provisioning_uri(name=person.login, issuer_name=ISSUER),
        )

    @router.post("/credentials")
    async def finish(
        body: NewCredentials, commands: RepeatableCommands, reads: RequestQueries, response: Response
    ) -> RecoveryCodes:
        """Set the password and show that the authenticator works. Then sign in; the invitation is used up, and the same request
        gets the same answer for a minute. 422 says what is wrong with the password or the code."""
        invitation, person = await reads.run(opened_invitation, _shown(body.token, secret), body.binding, at=commands.at)
        codes = recovery_codes_of(invitation.id, body.binding, secret)
        if invitation.used_at is None:
            with room():
                hashed = await hash_password(body.password, login=person.login)
            hashes = [hash_recovery_code(code, secret) for code in codes]
            command = EnrolOfficer(invitation.id, body.binding, hashed, body.code, hashes)
            await commands.run_repeatable(enrol_officer, command)
        response.headers.update(NO_STORE)
        return RecoveryCodes(login=person.login, recovery_codes=codes)

    return router


def _internal(settings: IdentitySettings, secret: SignInSecret) -> APIRouter:
    router = APIRouter(tags=["internal"])

    @router.post("/api/internal/officers/invitations", responses=also(404))
    async def invitation_to_send(
        body: InvitationNamed,
        _caller: Annotated[ServiceCaller, Depends(service_with("codes:read"))],
        reads: RequestQueries,
        request: Request,
        response: Response,
    ) -> OfficerInvitation:
        """The link of an open invitation and whom to send it to; 404 after. What stands after # reaches no server."""
        now = request.app.state.runtime.clock.now()
        try:
            invitation, person = await reads.run(open_invitation, body.invitation_id, at=now)
        except InvitationOver:
            raise NotFound from None
        if person.email is None:
            raise NotFound
        response.headers.update(NO_STORE)
        return OfficerInvitation(
            invitation_id=invitation.id,
            email=person.email,
            language=person.language,
            link=f"{settings.pages_url}/officer/enrolment#{token_of(invitation.id, secret)}",
            expires_at=invitation.expires_at,
        )

    return router


def _shown(token: str, secret: SignInSecret) -> str:
    """Raises InvitationOver: a token that was not made here is told no more than an old one."""
    invitation_id = invitation_of(token, secret)
    if invitation_id is None:
        raise InvitationOver
    return invitation_id
