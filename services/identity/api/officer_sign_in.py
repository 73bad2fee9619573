"""Officers sign in by password and authenticator, without telling whether somebody has this login."""

import hmac
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from math import ceil

import structlog
from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from services.identity.api.answers import NO_STORE
from services.identity.api.schemas import Asked, Device, Ended, OpenSession
from services.identity.api.sign_in import HOUR, SignIn
from services.identity.counted import Cap, given_back_if_away, over_cap, uncount
from services.identity.domain.credentials import HALF_LIFETIME
from services.identity.domain.sign_in_secret import fingerprint
from services.identity.officers_queries import KnownOfficer, credentials_of, officer_by_login
from services.identity.officers_tries import claim_try, give_second_try_back, place_of, take_second_try, unclaim_try
from services.identity.passwords import hash_password, is_password, room
from services.identity.sessions import OpenedSession
from services.identity.use_cases.begin_officer_sign_in import BeginOfficerSignIn, begin_officer_sign_in
from services.identity.use_cases.change_password import ChangePassword, change_password
from services.identity.use_cases.open_session_by_second_factor import OpenSessionBySecondFactor, open_session_by_second_factor
from shared.actors import Officer
from shared.addresses import network_of
from shared.errors import ConcurrentUpdate, FieldError, InvalidInput
from shared.texts import N_
from shared.web.commands import Commands, RepeatableCommands, RequestQueries
from shared.web.description import also
from shared.web.problems import HttpProblem
from shared.web.recent import SignedInJustNow
from shared.web.tokens import claims_of

log = structlog.get_logger(__name__)

_REFUSED = N_("Login and password do not fit together. Look at both again; who forgot the password asks the head of the post.")
_SECOND_REFUSED = N_(
    "This code does not sign you in: it is wrong, it was used, or the password was entered too long ago. "
    "Wait for the authenticator's next code, or begin again with the password."
)
_WAIT = N_("Too many tries with this login. Wait {seconds} seconds and try again.")
_WAIT_ADDRESS = N_("Too many tries from your connection. Try again in {minutes} minutes.")
_NOT_YOURS = N_("This is not your present password.")
_NO_PASSWORD = N_("You have no password here. You sign in with the ministry's account.")
_OFFICERS = N_("This is not open to your kind of account. Sign in with the right one.")


class PasswordShown(Asked):
    login: str = Field(min_length=1, max_length=64)
    password: str = Field(min_length=1, max_length=1000)


class SecondFactorNext(BaseModel):
    """Keep binding where the sign-in goes on, and nowhere else: without it pending is worth nothing."""

    pending: str
    binding: str
    expires_in: int


class SecondFactorShown(Asked):
    pending: str = Field(min_length=1, max_length=64)
    binding: str = Field(min_length=1, max_length=64, pattern="^[A-Za-z0-9_-]+$")
    code: str = Field(min_length=6, max_length=40, description="Six digits of the authenticator, or one of the recovery codes")
    device: Device = ""


class NewPassword(Asked):
    current: str = Field(min_length=1, max_length=1000)
    password: str = Field(max_length=1000)


def routes(parts: SignIn) -> APIRouter:
    router = APIRouter(prefix="/api/officers", tags=["sign-in"])

    @router.post("/sign-in", responses=also(401))
    async def show_password(
        body: PasswordShown, request: Request, commands: RepeatableCommands, reads: RequestQueries, response: Response
    ) -> SecondFactorNext:
        """Login and password; the second factor comes next. 401 whatever is wrong, after the same work; 429 with Retry-After
        once there were several tries, in doubling waits. 503 where too many passwords wait: nothing was counted then."""
        with room():
            async with _one_try(parts, body.login, request, commands, reads):
                known = await reads.run(officer_by_login, body.login)
                if not await is_password(body.password, known.credentials.password if known else None) or known is None:
                    log.info("password_judged", right=False)
                    raise HttpProblem(401, "sign-in-refused", _REFUSED)
                log.info("password_judged", right=True)
                binding = secrets.token_urlsafe(32)
                half = await commands.run_repeatable(begin_officer_sign_in, BeginOfficerSignIn(known.credentials, binding))
        response.headers.update(NO_STORE)
        return SecondFactorNext(pending=half.id, binding=binding, expires_in=int(HALF_LIFETIME.total_seconds()))

    @router.post("/sign-in/second-factor", responses=also(401))
    async def show_second_factor(
        body: SecondFactorShown, commands: RepeatableCommands, reads: RequestQueries, response: Response
    ) -> OpenSession:
        """The authenticator's code, which is good once, or a recovery code. Three tries; 401 whatever is wrong."""
        opened = await _opened(parts, body, commands, reads)
        if opened is None:
            raise HttpProblem(401, "second-factor-refused", _SECOND_REFUSED)
        response.headers.update(NO_STORE)
        return OpenSession.of(opened, parts.tokens.granted(opened, at=commands.at))

    @router.post("/password")
    async def take_another_password(
        body: NewPassword, who: SignedInJustNow, request: Request, commands: RepeatableCommands, reads: RequestQueries
    ) -> Ended:
        """Change one's own password, shortly after signing in. Ends one's other sessions. 422 says what is wrong with it."""
        known = await _with_password(who.id if isinstance(who, Officer) else None, reads)
        with room():
            async with _one_try(parts, known.person.login, request, commands, reads):
                if not await is_password(body.current, known.credentials.password):
                    raise InvalidInput([FieldError("/current", _NOT_YOURS)])
            hashed = await hash_password(body.password, login=known.person.login)
        here = claims_of(request.headers["authorization"].partition(" ")[2]).get("sid")
        command = ChangePassword(who.id, hashed, known.credentials.set_at, here)
        return Ended(ended=await commands.run_repeatable(change_password, command))

    return router


@asynccontextmanager
async def _one_try(parts: SignIn, login: str, request: Request, commands: Commands, reads: RequestQueries) -> AsyncIterator[None]:
    """Counted before anything is looked at, for logins that nobody has too, and given back where something here is away.
    Raises HttpProblem 429."""
    address = network_of(request.client.host if request.client else "")
    cap = Cap("passwords", parts.secret.index("address", address), parts.settings.passwords_per_address_hour, HOUR)
    if full := await reads.run(over_cap, [cap], at=commands.at):
        raise _too_many(full[1], "address")
    place = place_of(login, parts.secret)
    if wait := await reads.run(claim_try, place, at=commands.at):
        raise _too_many(wait, "login")

    async def give_back() -> None:
        await reads.run(uncount, [cap])
        await reads.run(unclaim_try, place, at=commands.at)

    async with given_back_if_away(give_back):
        yield


def _too_many(wait: timedelta, what: str) -> HttpProblem:
    log.warning("password_refused", cap=what)
    seconds = max(1, ceil(wait.total_seconds()))
    detail = _WAIT if what == "login" else _WAIT_ADDRESS
    headers = {"Retry-After": str(seconds)}
    return HttpProblem(429, f"too-many-tries-{what}", detail, headers=headers, seconds=seconds, minutes=ceil(seconds / 60))


async def _opened(parts: SignIn, body: SecondFactorShown, commands: Commands, reads: RequestQueries) -> OpenedSession | None:
    half = await reads.run(take_second_try, body.pending, at=commands.at)
    if half is None or not hmac.compare_digest(half.binding, fingerprint(body.binding)):
        return None
    command = OpenSessionBySecondFactor(half, body.code.strip(), parts.secret, body.device)
    try:
        async with given_back_if_away(lambda: reads.run(give_second_try_back, half.id)):
            opened = await commands.run_repeatable(open_session_by_second_factor, command)
    except ConcurrentUpdate:  # the same code at the same moment: it is good once
        opened = None
    log.info("second_factor_judged", right=opened is not None)
    return opened


async def _with_password(officer_id: str | None, reads: RequestQueries) -> KnownOfficer:
    """Raises HttpProblem."""
    if officer_id is None:
        raise HttpProblem(403, "wrong-kind-of-account", _OFFICERS)
    known = await reads.run(credentials_of, officer_id)
    if known is None or known.credentials.password is None:
        raise HttpProblem(409, "no-password", _NO_PASSWORD)
    return known
