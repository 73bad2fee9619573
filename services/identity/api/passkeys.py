"""Passkeys: adding one after a first sign-in, signing in by one, and the list of one's own (WebAuthn, Level 3)."""

import hmac
import json
import secrets
from datetime import datetime
from typing import Annotated, Any

import structlog
from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field
from pymongo.errors import DuplicateKeyError
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from services.identity import queries
from services.identity.api.answers import NO_STORE
from services.identity.api.schemas import Asked, Device, OpenSession
from services.identity.api.sign_in import SignIn, may_begin
from services.identity.domain.passkey import LIFETIME, Passkey
from services.identity.domain.sign_in_secret import fingerprint
from services.identity.passkeys_schema import own_passkeys, passkey, passkey_id, use_ceremony
from services.identity.sessions import OpenedSession
from services.identity.use_cases.begin_passkey import BeginPasskey, begin_passkey
from services.identity.use_cases.keep_passkey import AddPasskey, RemovePasskey, add_passkey, remove_passkey
from services.identity.use_cases.open_session_by_passkey import OpenSessionByPasskey, open_session_by_passkey
from shared.actors import Assurance, Citizen, Officer
from shared.base64url import from_base64url
from shared.errors import ConcurrentUpdate, NotFound, SecondFactorNeeded
from shared.texts import N_
from shared.web.auth import SignedIn
from shared.web.commands import Commands, RepeatableCommands, RequestQueries
from shared.web.description import also
from shared.web.problems import HttpProblem
from shared.web.recent import SignedInJustNow

log = structlog.get_logger(__name__)

_REFUSED = N_("This passkey does not sign you in here. Try again, or choose another way to sign in.")
_NOT_ADDED = N_("This passkey could not be added. Begin again on the device that is to keep it.")
_BINDING = Field(min_length=1, max_length=64, pattern="^[A-Za-z0-9_-]+$")
_LARGEST = 20_000  # signs of JSON; an authenticator's answer has about 2,000


class Question(BaseModel):
    """options: for navigator.credentials.create or .get, by parseCreationOptionsFromJSON or parseRequestOptionsFromJSON."""

    ceremony: str
    binding: str
    expires_in: int
    options: dict[str, Any]


class Answer(Asked):
    """credential: what the browser's PublicKeyCredential.toJSON gives."""

    ceremony: str = Field(min_length=1, max_length=64)
    binding: str = _BINDING
    credential: dict[Annotated[str, Field(max_length=64)], Any] = Field(max_length=20)
    device: Device = ""


class PasskeyView(BaseModel):
    id: str
    device: str
    created_at: datetime
    used_at: datetime | None

    @classmethod
    def of(cls, found: Passkey) -> "PasskeyView":
        return cls(id=found.id, device=found.device, created_at=found.created_at, used_at=found.used_at)


class OwnPasskeys(BaseModel):
    passkeys: list[PasskeyView]


class Removed(BaseModel):
    removed: str


class _Party:
    """Who asks the question: the name that passkeys belong to, and the one origin whose pages may answer."""

    def __init__(self, pages_url: str) -> None:
        self.origin = pages_url
        self.id = pages_url.partition("://")[2].partition(":")[0]


def routes(parts: SignIn) -> APIRouter:
    router, party = APIRouter(prefix="/api/passkeys", tags=["passkeys"]), _Party(parts.settings.pages_url)

    @router.get("")
    async def own(who: SignedIn, reads: RequestQueries) -> OwnPasskeys:
        """One's own, the oldest first."""
        return OwnPasskeys(passkeys=[PasskeyView.of(each) for each in await reads.run(own_passkeys, who.id)])

    @router.post("/registration/options")
    async def begin_adding(
        who: SignedInJustNow, commands: RepeatableCommands, reads: RequestQueries, response: Response
    ) -> Question:
        """What the device is asked to make a passkey for, shortly after signing in; an officer with two factors."""
        _must_be_strong(who)
        person = await reads.run(queries.person, who.id)
        options = generate_registration_options(
            rp_id=party.id,
            rp_name="Eshik",
            user_id=person.id.encode(),
            user_name=person.email or person.phone or person.login,
            user_display_name=person.name or person.login,
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED, user_verification=_verification(who)
            ),
        )
        response.headers.update(NO_STORE)
        return await _asked(commands, options.challenge, options_to_json(options), who.id)

    @router.post("/registration")
    async def add(body: Answer, who: SignedIn, commands: RepeatableCommands, reads: RequestQueries) -> PasskeyView:
        """The device's answer: the passkey is kept. 409 where it is not an answer to the question."""
        _must_be_strong(who)
        ceremony = await reads.run(use_ceremony, body.ceremony, at=commands.at)
        bound = ceremony is not None and hmac.compare_digest(ceremony.binding, fingerprint(body.binding))
        if ceremony is None or not bound or ceremony.person_id != who.id:
            raise HttpProblem(409, "passkey-not-added", _NOT_ADDED)
        try:
            verified = verify_registration_response(
                credential=_small(body.credential),
                expected_challenge=ceremony.challenge,
                expected_rp_id=party.id,
                expected_origin=party.origin,
                require_user_verification=isinstance(who, Officer),
            )
            level = who.assurance if isinstance(who, Citizen) else Assurance.SELF_ASSERTED
            public_key = verified.credential_public_key.hex()
            made = AddPasskey(passkey_id(verified.credential_id), who.id, public_key, verified.sign_count, body.device, level)
            return PasskeyView.of(await commands.run_repeatable(add_passkey, made))
        except (WebAuthnException, ValueError, LookupError, TypeError, DuplicateKeyError) as error:
            log.info("passkey_not_added", error=type(error).__name__)
            raise HttpProblem(409, "passkey-not-added", _NOT_ADDED) from None

    @router.post("/{passkey}/removal")
    async def remove(passkey: str, who: SignedInJustNow, commands: RepeatableCommands) -> Removed:
        """Take one of one's own away, shortly after signing in; 404 for another's."""
        await commands.run_repeatable(remove_passkey, RemovePasskey(passkey, who.id))
        return Removed(removed=passkey)

    router.include_router(_sign_in(party, parts))
    return router


def _sign_in(party: _Party, parts: SignIn) -> APIRouter:
    router = APIRouter(prefix="/sign-in")

    @router.post("/options")
    async def begin(request: Request, commands: RepeatableCommands, reads: RequestQueries, response: Response) -> Question:
        """What any passkey of this site may answer: nobody says first who they are. 429 with Retry-After past a limit."""
        await may_begin(parts, request, commands, reads)
        options = generate_authentication_options(rp_id=party.id, user_verification=UserVerificationRequirement.PREFERRED)
        response.headers.update(NO_STORE)
        return await _asked(commands, options.challenge, options_to_json(options), None)

    @router.post("", responses=also(401))
    async def sign_in(body: Answer, commands: RepeatableCommands, reads: RequestQueries, response: Response) -> OpenSession:
        """The device's answer. 401 whatever is wrong; an officer's device must have made sure of its owner."""
        opened = await _opened(party, body, commands, reads)
        if opened is None:
            raise HttpProblem(401, "passkey-refused", _REFUSED)
        response.headers.update(NO_STORE)
        return OpenSession.of(opened, parts.tokens.granted(opened, at=commands.at))

    return router


async def _opened(party: _Party, body: Answer, commands: Commands, reads: RequestQueries) -> OpenedSession | None:
    ceremony = await reads.run(use_ceremony, body.ceremony, at=commands.at)
    if ceremony is None or ceremony.person_id is not None or not hmac.compare_digest(ceremony.binding, fingerprint(body.binding)):
        return None
    try:
        known = await reads.run(passkey, passkey_id(from_base64url(str(body.credential.get("rawId", "")))))
        verified = verify_authentication_response(
            credential=_small(body.credential),
            expected_challenge=ceremony.challenge,
            expected_rp_id=party.id,
            expected_origin=party.origin,
            credential_public_key=bytes.fromhex(known.public_key),
            credential_current_sign_count=known.sign_count,
        )
        command = OpenSessionByPasskey(known.id, verified.new_sign_count, known.sign_count, verified.user_verified, body.device)
        return await commands.run_repeatable(open_session_by_passkey, command)
    except (WebAuthnException, NotFound, ConcurrentUpdate, ValueError, LookupError, TypeError) as error:
        log.info("passkey_refused", error=type(error).__name__)
        return None


async def _asked(commands: Commands, challenge: bytes, options: str, person_id: str | None) -> Question:
    ceremony_id, binding = commands.new_id(), secrets.token_urlsafe(32)
    await commands.run_repeatable(begin_passkey, BeginPasskey(ceremony_id, challenge, binding, person_id))
    seconds = int(LIFETIME.total_seconds())
    return Question(ceremony=ceremony_id, binding=binding, expires_in=seconds, options=json.loads(options))


def _small(credential: dict[str, Any]) -> str:
    """Raises ValueError."""
    text = json.dumps(credential)
    if len(text) > _LARGEST:
        raise ValueError("credential")
    return text


def _verification(who: Citizen | Officer) -> UserVerificationRequirement:
    return UserVerificationRequirement.REQUIRED if isinstance(who, Officer) else UserVerificationRequirement.PREFERRED


def _must_be_strong(who: Citizen | Officer) -> None:
    """Raises SecondFactorNeeded: a passkey counts as two factors, so nobody gets one with less."""
    if isinstance(who, Officer) and not who.second_factor:
        raise SecondFactorNeeded
