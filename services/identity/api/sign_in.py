"""Signing in by a one-time code, without telling whether somebody with this contact exists.

Until a code is proven nobody is looked up, and every contact goes the same way.
"""

import hmac
import secrets
from dataclasses import dataclass
from datetime import timedelta
from math import ceil
from typing import Literal

import structlog
from fastapi import APIRouter, Request, Response
from pymongo.errors import DuplicateKeyError

from services.identity.api.answers import NO_STORE
from services.identity.api.schemas import CodeRequested, CodeShown, ContactGiven, OpenSession
from services.identity.config import IdentitySettings
from services.identity.counted import Cap, give_try_back, given_back_if_away, over_cap, take_a_try, uncount
from services.identity.domain.challenge import LIFETIME
from services.identity.domain.contact import Contact
from services.identity.domain.sign_in_secret import DIGITS, SignInSecret, fingerprint
from services.identity.sessions import OpenedSession, SessionTokens
from services.identity.use_cases.open_session_by_code import OpenSessionByCode, open_session_by_code
from services.identity.use_cases.request_sign_in_code import RequestSignInCode, request_sign_in_code
from shared.addresses import network_of
from shared.texts import N_
from shared.web.commands import Commands, RepeatableCommands, RequestQueries
from shared.web.description import also
from shared.web.problems import HttpProblem

log = structlog.get_logger(__name__)

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
_TOO_MANY = {
    "contact": N_("Too many codes were asked for with this contact. Use the last one, or try again in {minutes} minutes."),
    "address": N_("Too many codes were asked for from your connection. Try again in {minutes} minutes."),
    "range": N_("More codes are asked for with numbers like this one than we send. Try again in {minutes} minutes."),
    "all": N_("More codes are asked for than we can send. Try again in {minutes} minutes."),
}
_TOO_MANY_WAYS = N_("Too many sign-ins were begun from your connection. Try again in {minutes} minutes.")
_REFUSED = N_(
    "This code does not sign you in: it is not right, it has run out after 10 minutes or 5 tries, it was used, or it was asked "
    "for in another browser. Look at the code again, or ask for a new one."
)


@dataclass(frozen=True, slots=True)
class SignIn:
    """What the routes need."""

    settings: IdentitySettings
    secret: SignInSecret
    tokens: SessionTokens


def routes(parts: SignIn) -> APIRouter:
    router = APIRouter(prefix="/api/sign-in", tags=["sign-in"])

    @router.post("/codes", status_code=202)
    async def request_code(
        body: ContactGiven, request: Request, commands: RepeatableCommands, reads: RequestQueries, response: Response
    ) -> CodeRequested:
        """Have a code of six digits sent to an e-mail address or a telephone number. The answer is the same whoever has the
        contact, or nobody. Keep binding in the browser: only with it the code signs in. 429 with Retry-After past a limit."""
        contact = Contact.parse(body.contact)
        caps = _caps(parts, contact, request.client.host if request.client else "")
        if full := await reads.run(over_cap, caps, at=commands.at):
            raise _too_many(*full)
        binding = secrets.token_urlsafe(32)
        command = RequestSignInCode(contact, body.language, binding, parts.secret)
        async with given_back_if_away(lambda: reads.run(uncount, caps)):
            challenge = await commands.run_repeatable(request_sign_in_code, command)
        response.headers.update(NO_STORE)
        return CodeRequested(
            challenge=challenge.id,
            binding=binding,
            channel=challenge.channel,
            digits=DIGITS,
            expires_in=int(LIFETIME.total_seconds()),
        )

    @router.post("/sessions", responses=also(401))
    async def sign_in(body: CodeShown, commands: RepeatableCommands, reads: RequestQueries, response: Response) -> OpenSession:
        """Show the code. Five tries for each challenge, counted before the code is looked at; 401 for every way to be wrong."""
        opened = await _opened(parts, body, commands, reads)
        if opened is None:
            raise HttpProblem(401, "sign-in-refused", _REFUSED)
        response.headers.update(NO_STORE)
        return OpenSession.of(opened, parts.tokens.granted(opened, at=commands.at))

    return router


async def _opened(parts: SignIn, body: CodeShown, commands: Commands, reads: RequestQueries) -> OpenedSession | None:
    challenge = await reads.run(take_a_try, body.challenge, at=commands.at)
    if challenge is None:
        return None
    right = hmac.compare_digest(parts.secret.code(challenge.id), body.code)
    bound = hmac.compare_digest(challenge.binding, fingerprint(body.binding))
    log.info("sign_in_code_judged", challenge_id=challenge.id, right=right and bound)
    if not (right and bound):
        return None
    command = OpenSessionByCode(challenge, challenge.contact(parts.secret), body.device)
    async with given_back_if_away(lambda: reads.run(give_try_back, challenge.id)):  # of a right code: nobody learns by it
        try:
            return await commands.run_repeatable(open_session_by_code, command)
        except DuplicateKeyError:  # somebody proved the same new contact at this moment: now it has an owner
            return await commands.run_repeatable(open_session_by_code, command, operation=commands.next_operation())


def _caps(parts: SignIn, contact: Contact, address: str) -> list[Cap]:
    limits, index = parts.settings, parts.secret.index
    to = index("contact", f"{contact.kind}:{contact.mailbox}")
    around = contact.number_range
    ranges = [Cap("range", index("contact", f"range:{around}"), limits.codes_per_number_range_hour, HOUR)] if around else []
    return [
        Cap("address", index("address", network_of(address)), limits.codes_per_address_hour, HOUR),
        Cap("contact", to, limits.codes_per_contact_hour, HOUR),
        Cap("contact", to, limits.codes_per_contact_day, DAY),
        *ranges,
        Cap("all", "", limits.codes_per_hour, HOUR),  # last: what another limit refuses uses up nothing of everybody's
    ]


async def may_begin(parts: SignIn, request: Request, commands: Commands, reads: RequestQueries) -> None:
    """For what begins without any proof, and leaves a row. Raises HttpProblem 429."""
    address = network_of(request.client.host if request.client else "")
    cap = Cap("ways", parts.secret.index("address", address), parts.settings.sign_ins_per_address_hour, HOUR)
    if full := await reads.run(over_cap, [cap], at=commands.at):
        seconds = max(1, ceil(full[1].total_seconds()))
        raise HttpProblem(
            429,
            "too-many-sign-ins-address",
            _TOO_MANY_WAYS,
            headers={"Retry-After": str(seconds)},
            minutes=ceil(seconds / 60),
        )


def _too_many(cap: Cap, wait: timedelta) -> HttpProblem:
    what: Literal["contact", "address", "range", "all"] = cap.what  # type: ignore[assignment]
    log.warning("sign_in_code_refused", cap=what, span_s=int(cap.span.total_seconds()))
    seconds = max(1, ceil(wait.total_seconds()))
    return HttpProblem(
        429,
        f"too-many-codes-{what}",
        _TOO_MANY[what],
        headers={"Retry-After": str(seconds)},
        minutes=ceil(seconds / 60),
    )
