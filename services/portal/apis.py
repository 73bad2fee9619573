"""The four APIs as the pages use them: with the person's token, in their language, and one error for all refusals."""

import asyncio
import time
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any, Literal

import httpx
import structlog
from fastapi import Request
from opentelemetry.trace import SpanKind

from services.portal.access_reason import OWN_ACT, WORKING, given_reason
from services.portal.config import PortalSettings
from services.portal.renewals import Granted, Renewals
from services.portal.session import CodeAsked, PasswordShown, Person, Session, claims_in, session_of
from shared.clock import clock_from
from shared.spans import span
from shared.tracing import trace
from shared.web.language import language_of
from shared.web.tls import authorities

log = structlog.get_logger(__name__)

Service = Literal["identity", "applications", "documents", "notifications"]
SERVICES: tuple[Service, ...] = ("identity", "applications", "documents", "notifications")
MOST_CONNECTIONS = 700  # to each API; a live page holds one as long as it is open, and applications lets 500 be
TIMEOUT = httpx.Timeout(4.0, connect=2.0)  # an API answers within 2 s or says 503; this is for one that hangs
OF_FILES = httpx.Timeout(15.0, connect=2.0)  # a picture is read, a preview drawn, a file stored
KEPT_S = 300.0
MARGIN_S = 60
ASIDE_WITHIN_S = 3.0


@dataclass(frozen=True, slots=True)
class WrongField:
    pointer: str
    detail: str


class ApiProblem(Exception):
    """An API refused, or did not answer (status 503, code unavailable). detail: in the person's language."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str = "",
        *,
        errors: tuple[WrongField, ...] = (),
        retry_after: str = "",
        more: Mapping[str, Any] | None = None,
    ) -> None:
        """more: further members of the problem."""
        super().__init__(f"{status} {code}")
        self.status, self.code, self.detail, self.errors, self.retry_after = status, code, detail, errors, retry_after
        self.more = more or {}


class AccessReasonNeeded(ApiProblem):
    """An officer looks at a case that is not theirs, and did not say why."""


class SignInAgainNeeded(ApiProblem):
    """What is asked for needs a sign-in of the last minutes."""


KINDS = {"access-reason-needed": AccessReasonNeeded, "sign-in-again": SignInAgainNeeded}


class SignedOut(Exception):
    """Nobody is signed in, or no longer."""


class Apis:
    """One for the process: a client with its own connections for each API."""

    def __init__(self, settings: PortalSettings) -> None:
        addresses = {name: str(getattr(settings, f"{name}_url")) for name in SERVICES}
        limits = httpx.Limits(max_connections=MOST_CONNECTIONS)
        self._clients = {
            name: httpx.AsyncClient(base_url=address, timeout=TIMEOUT, trust_env=False, limits=limits, verify=authorities())
            for name, address in addresses.items()
        }
        self._remembered: dict[tuple[str, str], tuple[float, Any]] = {}
        self._clock = clock_from(settings.clock_file)
        self.renewals = Renewals(self.run_out)

    def client(self, service: Service) -> httpx.AsyncClient:
        return self._clients[service]

    async def close(self) -> None:
        for client in self._clients.values():
            await client.aclose()

    def run_out(self, tokens: Mapping[str, str], margin_s: float = MARGIN_S) -> bool:
        """Whether one ends within margin_s. They are only read here: the APIs are the ones who check them."""
        return any(_end_of(token) - self._clock.now().timestamp() < margin_s for token in tokens.values()) or not tokens

    async def remembered(self, api: "Api", path: str) -> Any:
        """What is open to all and changes seldom (posts, services, countries), kept for KEPT_S in each language."""
        key = (path, api.language)
        at, answer = self._remembered.get(key, (-KEPT_S, None))
        if time.monotonic() - at >= KEPT_S:
            answer = await api.get("applications", path)
            self._remembered[key] = (time.monotonic(), answer)
        return answer


class Api:
    """The APIs for one request."""

    def __init__(self, apis: Apis, session: Session, language: str, reason: str = "", address: str = "") -> None:
        """reason: why an officer looks at a case that is not theirs, where they were asked. address: of who asks the pages."""
        self._apis, self._session, self.language, self._reason, self._address = apis, session, language, reason, address

    async def get(self, service: Service, path: str, params: Mapping[str, Any] | None = None) -> Any:
        """In: a path from /api on. Out: its JSON. Raises ApiProblem, SignedOut."""
        return (await self._send(service, "GET", path, params=params)).json()

    async def post(self, service: Service, path: str, body: Any, *, key: str = "") -> Any:
        """key: the form's Idempotency-Key; a form sent twice then does its work once. Raises ApiProblem, SignedOut."""
        headers = {"Idempotency-Key": key} if key else {}
        return (await self._send(service, "POST", path, json=body, headers=headers)).json()

    async def put(self, service: Service, path: str, body: Any) -> Any:
        return (await self._send(service, "PUT", path, json=body)).json()

    async def send_bytes(
        self, service: Service, method: Literal["PUT", "POST"], path: str, content: AsyncIterable[bytes] | bytes, media_type: str
    ) -> Any:
        """A file as the body. Raises ApiProblem, SignedOut."""
        headers = {"Content-Type": media_type}
        return (await self._send(service, method, path, content=content, headers=headers, timeout=OF_FILES)).json()

    @asynccontextmanager
    async def stream(
        self, service: Service, path: str, *, params: Mapping[str, Any] | None = None, endless: bool = False
    ) -> AsyncIterator[httpx.Response]:
        """A file or a feed, piece by piece. endless: a feed may be silent for long. Raises ApiProblem, SignedOut."""
        await self._renew_where_due()
        timeout = httpx.Timeout(15.0, connect=2.0, read=60.0) if endless else OF_FILES
        client = self._apis.client(service)
        try:
            async with client.stream("GET", path, params=params, headers=self._headers(service), timeout=timeout) as response:
                if not response.is_success:
                    await response.aread()
                    raise self._refusal(response)
                yield response
        except httpx.HTTPError as error:
            raise ApiProblem(503, "unavailable") from error

    def because(self, reason: str) -> "Api":
        """The same, for what is asked with a reason that was chosen for it."""
        return Api(self._apis, self._session, self.language, reason, self._address)

    def after_own_act(self) -> None:
        """What is read of the case from now on is read to show what became of it; a reason that was chosen goes before."""
        self._reason = self._reason or OWN_ACT

    async def posts(self) -> dict[str, dict[str, Any]]:
        """Every post by its id."""
        return {post["id"]: post for post in (await self._apis.remembered(self, "/api/posts"))["posts"]}

    async def places(self) -> dict[str, Any]:
        """Countries that posts serve, and regions by which a post is found."""
        found: dict[str, Any] = await self._apis.remembered(self, "/api/places")
        return found

    async def services(self) -> dict[str, Any]:
        """`services`, each with its `group`, and `groups` in their order."""
        listed: dict[str, Any] = await self._apis.remembered(self, "/api/services")
        return listed

    async def service(self, service_id: str, *, of_case: bool = False) -> dict[str, Any]:
        """of_case: also one that is not offered any more."""
        which = "?of_case=true" if of_case else ""
        described: dict[str, Any] = await self._apis.remembered(self, f"/api/services/{service_id}{which}")
        return described

    async def countries(self) -> list[dict[str, str]]:
        """In the order of the reader's alphabet."""
        listed: list[dict[str, str]] = (await self._apis.remembered(self, "/api/countries"))["countries"]
        return listed

    async def sign_in(self, account: str) -> Person:
        """As one of the invented people. Raises ApiProblem 404 where there is no such account, or no demo accounts at all."""
        return await self.signed_in(await self.as_nobody("/api/demo/sign-in", {"account": account}))

    async def ask_code(self, contact: str) -> CodeAsked:
        """Have a one-time code sent. Raises ApiProblem: 422 for what is no contact, 429 with retry_after past a limit."""
        told = await self.as_nobody("/api/sign-in/codes", {"contact": contact, "language": self.language})
        now = time.time()
        asked = CodeAsked(told["challenge"], told["binding"], told["channel"], now + told["expires_in"], contact, now)
        self._session.await_code(asked)
        return asked

    async def sign_in_by_code(self, code: str, device: str = "") -> Person:
        """With the code that this browser asked for. Raises ApiProblem: 401 where it signs nobody in, 422 for what is no code."""
        if (asked := self._session.asked) is None:
            raise ApiProblem(401, "no-code-asked")
        shown = {"challenge": asked.challenge, "binding": asked.binding, "code": code, "device": device}
        try:
            return await self.signed_in(await self.as_nobody("/api/sign-in/sessions", shown))
        except ApiProblem as problem:
            if problem.status == 401:
                self._session.await_code(replace(asked, tries=asked.tries + 1))
            raise

    async def show_password(self, login: str, password: str) -> None:
        """An officer's first factor. Raises ApiProblem: 401 whatever is wrong, 429 with retry_after after several tries."""
        told = await self.as_nobody("/api/officers/sign-in", {"login": login, "password": password})
        half = PasswordShown(told["pending"], told["binding"], time.time() + told["expires_in"])
        self._session.await_second_factor(half)

    async def show_second_factor(self, code: str, device: str = "") -> Person:
        """Raises ApiProblem: 401 whatever is wrong."""
        if (half := self._session.half) is None:
            raise ApiProblem(401, "no-password-shown")
        shown = {"pending": half.pending, "binding": half.binding, "code": code, "device": device}
        return await self.signed_in(await self.as_nobody("/api/officers/sign-in/second-factor", shown))

    def enrolment_binding(self) -> str:
        """The same in this browser, however often it asks, and in no other."""
        return sha256(f"enrolment:{self._session.csrf_token()}".encode()).hexdigest()

    async def invitation(self, token: str) -> dict[str, Any]:
        """What an invited officer's authenticator is set up with. Raises ApiProblem 409 where the link is over, or was opened in
        another browser."""
        return await self.as_nobody("/api/officers/enrolment", {"token": token, "binding": self.enrolment_binding()})

    async def enrol(self, token: str, password: str, code: str) -> list[str]:
        """The recovery codes. Raises ApiProblem: 422 says what is wrong, 409 where the link is over."""
        body = {"token": token, "binding": self.enrolment_binding(), "password": password, "code": code}
        codes: list[str] = (await self.as_nobody("/api/officers/enrolment/credentials", body))["recovery_codes"]
        return codes

    async def sign_out(self) -> None:
        """Ends the sign-in at identity too, and here in any case: where identity is away, it lasts there until it runs out."""
        person = self._session.person
        self._session.sign_out()
        if person:
            await self._end(person)

    async def _end(self, person: Person) -> None:
        try:
            await self.as_nobody("/api/sessions/end", {"refresh_token": person.refresh})
        except ApiProblem as problem:
            log.warning("sign_out_not_told", status=problem.status)

    async def signed_in(self, opened: Mapping[str, Any]) -> Person:
        """In: identity's answer to a sign-in. The one before in this browser ends: who signs in again has one, and not two."""
        before = self._session.person
        who, granted = opened["person"], _granted(opened)
        person = Person(
            kind=who["kind"],
            name=who["name"],
            account=who["login"],
            session=opened["session_id"],
            tokens=granted.tokens,
            refresh=granted.refresh,
            until=granted.until,
            post_id=who["post_id"],
            roles=tuple(who["roles"]),
        )
        self._session.sign_in(person)
        if before:
            await self._end(before)
        return person

    async def as_nobody(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Of identity: what is sent proves itself. Raises ApiProblem."""
        try:
            response = await self._apis.client("identity").post(path, json=body, headers=self._headers())
        except httpx.HTTPError as error:
            raise ApiProblem(503, "unavailable") from error
        if not response.is_success:
            raise _problem_of(response)
        answered: dict[str, Any] = response.json()
        return answered

    async def _send(self, service: Service, method: str, path: str, **options: Any) -> httpx.Response:
        await self._renew_where_due()
        headers = options.pop("headers", {})
        try:
            with span(f"{method} {service}", kind=SpanKind.CLIENT, attributes={"http.request.method": method}) as call:
                response = await self._apis.client(service).request(
                    method, path, headers=self._headers(service) | headers, **options
                )
                call.set_attribute("http.response.status_code", response.status_code)
        except httpx.HTTPError as error:
            raise ApiProblem(503, "unavailable") from error
        if not response.is_success:
            raise self._refusal(response)
        return response

    async def renew(self, *, lasts_s: float) -> None:
        """Before an answer that takes so long: a cookie cannot be sent in the middle of it. Raises SignedOut, ApiProblem."""
        await self._renew_where_due(lasts_s)

    async def _renew_where_due(self, margin_s: float = MARGIN_S) -> None:
        """Access tokens last 15 minutes; the sign-in, days. Raises SignedOut where it is over."""
        person = self._session.person
        if person is None or not self._apis.run_out(person.tokens, margin_s):
            return

        async def ask() -> Granted:
            return _granted(await self.as_nobody("/api/sessions/refresh", {"refresh_token": person.refresh}))

        try:
            granted = await self._apis.renewals.of(person.refresh, ask)
        except ApiProblem as problem:
            if problem.status != 401:
                raise
            self._session.expire()
            raise SignedOut from None
        self._session.go_on(granted.tokens, granted.refresh, granted.until)

    def _headers(self, service: Service | None = None) -> dict[str, str]:
        """service: the one whose token is sent along."""
        headers = {
            # who asks: the APIs count by it, and not by ours, which would be everybody's
            **({"X-Forwarded-For": self._address} if self._address else {}),
            "Accept-Language": self.language,
            "X-Correlation-Id": trace().correlation_id,
            "traceparent": trace().traceparent,
        }
        if service and self._session.person:
            headers["Authorization"] = f"Bearer {self._session.person.tokens[service]}"
            if self._session.person.is_officer:
                headers["Eshik-Access-Reason"] = self._reason or WORKING
        return headers

    def _refusal(self, response: httpx.Response) -> Exception:
        if response.status_code == 401:
            self._session.expire()
            return SignedOut()
        return _problem_of(response)


def _problem_of(response: httpx.Response) -> ApiProblem:
    try:
        told = response.json()
        errors = tuple(WrongField(str(e["pointer"]), str(e["detail"])) for e in told.get("errors", ()))
        code, detail = str(told["type"]).rpartition("/")[2], str(told["detail"])
    except (ValueError, KeyError, TypeError, AttributeError):
        return ApiProblem(503 if response.status_code >= 500 else response.status_code, "unreadable-answer")
    retry_after = response.headers.get("retry-after", "")
    kind = KINDS.get(code, ApiProblem)
    return kind(response.status_code, code, detail, errors=errors, retry_after=retry_after, more=told)


def _granted(opened: Mapping[str, Any]) -> Granted:
    return Granted(opened["access_tokens"], opened["refresh_token"], time.time() + opened["refresh_expires_in"])


def _end_of(token: str) -> float:
    """Epoch seconds; 0 for what is no token."""
    return float(claims_in(token).get("exp", 0.0))


async def or_none(asked: Awaitable[Any]) -> Any:
    """For what a page can do without: None where that API is away, or takes longer than the page should wait for it."""
    try:
        async with asyncio.timeout(ASIDE_WITHIN_S):
            return await asked
    except TimeoutError:
        return None
    except ApiProblem as problem:
        if problem.status != 503:
            raise
        return None


def api_of(request: Request) -> Api:
    """A route dependency."""
    address = request.client.host if request.client else ""
    return Api(request.app.state.apis, session_of(request), language_in_use(request), given_reason(request), address)


def language_in_use(request: Request) -> str:
    """The language chosen before, else what the browser asks for, else Kyrgyz."""
    return session_of(request).language or language_of(request)
