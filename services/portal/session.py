"""The session: one encrypted cookie (JWE, A256GCM). Nothing of it is kept on the server.

It holds the language, the CSRF token and, once signed in, the person, an access token for each API and the refresh token
that brings the next ones. When the sign-in has ended, the rest stays, so that a form that was open meanwhile can still be
sent. A second cookie names the sign-in that was ended here last: an answer that comes late cannot bring it back.
"""

import json
import secrets
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from hashlib import sha256
from typing import Any, Literal

from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import OctKey
from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.portal.packed_tokens import pack, unpack
from shared.base64url import from_base64url
from shared.texts import LANGUAGES

KEPT_S = 30 * 24 * 3600
LONGEST_COOKIE = 4000
_HEADER = {"alg": "dir", "enc": "A256GCM"}


@dataclass(frozen=True, slots=True)
class Person:
    """Who is signed in, as identity told it. session: the sign-in's id there. tokens: one for each API, by its name."""

    kind: Literal["citizen", "officer"]
    name: str
    account: str
    session: str
    tokens: dict[str, str]
    refresh: str
    until: float  # epoch seconds
    post_id: str | None = None
    roles: tuple[str, ...] = ()

    @property
    def is_citizen(self) -> bool:
        return self.kind == "citizen"

    @property
    def assurance(self) -> str:
        """What is known of who a citizen is, as the sign-in's token says; one that was raised since comes with the next."""
        return str(claims_in(self.tokens.get("identity", "")).get("acr", ""))

    @property
    def is_administrator(self) -> bool:
        return "administrator" in self.roles

    @property
    def reads_audit(self) -> bool:
        return bool(set(self.roles) & {"auditor", "head"})

    @property
    def reads_retention(self) -> bool:
        return bool(set(self.roles) & {"ministry", "auditor"})

    @property
    def reads_objections(self) -> bool:
        return bool(set(self.roles) & {"head", "ministry", "auditor"})

    @property
    def reads_cash(self) -> bool:
        return bool({"head", "ministry"} & set(self.roles))

    @property
    def gives_roles(self) -> bool:
        return bool(set(self.roles) & {"administrator", "head"})

    @property
    def answers_rights(self) -> bool:
        """Requests of people about their own data."""
        return bool(set(self.roles) & {"head", "ministry"})

    @property
    def home(self) -> str:
        """Where one begins after signing in."""
        if self.is_citizen:
            return "/applications"
        homes = (("/officer", self.is_officer), ("/operator", self.is_administrator), ("/audit", self.reads_audit))
        return next((home for home, theirs in homes if theirs), "/")

    @property
    def is_officer(self) -> bool:
        """Works on cases."""
        return self.kind == "officer" and bool(set(self.roles) & {"intake", "deciding", "head", "ministry"})


@dataclass(frozen=True, slots=True)
class CodeAsked:
    """A one-time code that is on its way. binding: what only this browser has, and without which the code is worth nothing.
    contact: as it was typed, to show it and to send another. tries: how often identity was shown a code for it."""

    challenge: str
    binding: str
    channel: Literal["email", "sms"]
    until: float  # epoch seconds
    contact: str = ""
    asked_at: float = 0.0  # epoch seconds
    tries: int = 0


@dataclass(frozen=True, slots=True)
class PasswordShown:
    """An officer's login and password were right; the second factor is still to come. binding: as of CodeAsked."""

    pending: str
    binding: str
    until: float  # epoch seconds


@dataclass(frozen=True, slots=True)
class SentElsewhere:
    """On the way to a provider of OpenID Connect. binding: as of CodeAsked. target: where to go on to afterwards."""

    provider: str
    binding: str
    until: float  # epoch seconds
    target: str = ""


@dataclass(slots=True)
class Session:
    csrf: str = ""
    language: str = ""
    person: Person | None = None
    former: str = ""  # the account whose sign-in ended by itself
    asked: CodeAsked | None = None
    half: PasswordShown | None = None
    elsewhere: SentElsewhere | None = None
    changed: bool = field(default=False, compare=False)
    left: str = field(default="", compare=False)  # the sign-in that this request ended

    def csrf_token(self) -> str:
        """Made at the first form that needs one."""
        if not self.csrf:
            self.csrf, self.changed = secrets.token_urlsafe(24), True
        return self.csrf

    def speak(self, language: str) -> None:
        self.language, self.changed = language, True

    def sign_in(self, person: Person) -> None:
        """Somebody else than before gets a new CSRF token: forms that the other one left open are not sent as theirs."""
        before = self.person.account if self.person else self.former
        if before and before != person.account:
            self.csrf = ""
        if self.person and self.person.session != person.session:
            self.left = fingerprint(self.person.session)
        self.person, self.former, self.changed = person, "", True
        self.asked = self.half = self.elsewhere = None

    def await_code(self, asked: CodeAsked) -> None:
        self.asked, self.half, self.changed = asked, None, True

    def await_second_factor(self, half: PasswordShown) -> None:
        self.asked, self.half, self.changed = None, half, True

    def await_return(self, elsewhere: SentElsewhere) -> None:
        self.elsewhere, self.changed = elsewhere, True

    def came_back(self) -> None:
        self.elsewhere, self.changed = None, True

    def go_on(self, tokens: dict[str, str], refresh: str, until: float) -> None:
        """The same sign-in with new tokens: the refresh token of before is worth nothing now."""
        if self.person:
            self.person, self.changed = replace(self.person, tokens=tokens, refresh=refresh, until=until), True

    def expire(self) -> None:
        """The sign-in has ended by itself: what is open in the browser may still be sent once they are back."""
        if self.person:
            self.former = self.person.account
        self.person, self.changed = None, True

    def sign_out(self) -> None:
        """A new CSRF token too: forms of the person before are worth nothing to the next."""
        if self.person:
            self.left = fingerprint(self.person.session)
        self.person, self.former, self.csrf, self.changed = None, "", "", True
        self.asked = self.half = self.elsewhere = None


class SessionCookie:
    """Reads and writes the cookie."""

    def __init__(self, key: str, *, secure: bool) -> None:
        self._key = OctKey.import_key({"kty": "oct", "k": key.rstrip("=")})
        self._secure = secure
        self.name = "__Host-eshik" if secure else "eshik"
        self.name_of_left = f"{self.name}-left"

    def read(self, value: str, left: str = "") -> Session:
        """A new session for what is missing, foreign, altered or no longer readable. left: what the second cookie says."""
        try:
            held = json.loads(jwe.decrypt_compact(value, self._key).plaintext or b"")
            session = _session(held)
        except (JoseError, ValueError, TypeError, KeyError):
            return Session()
        if session.person and left == fingerprint(session.person.session):
            session.sign_out()
        return session

    def header(self, session: Session) -> str:
        person = session.person and asdict(session.person) | {"tokens": pack(session.person.tokens)}
        asked = session.asked and asdict(session.asked)
        half = session.half and asdict(session.half)
        elsewhere = session.elsewhere and asdict(session.elsewhere)
        held: dict[str, Any] = {"csrf": session.csrf, "language": session.language, "person": person, "former": session.former}
        held |= {"asked": asked, "half": half} | ({"elsewhere": elsewhere} if elsewhere else {})
        sealed = jwe.encrypt_compact(_HEADER, json.dumps(held, ensure_ascii=False).encode(), self._key)
        if len(sealed) > LONGEST_COOKIE:
            raise ValueError("the session does not fit into a cookie")
        return f"{self.name}={sealed}; {self._kept()}"

    def header_of_left(self, left: str) -> str:
        return f"{self.name_of_left}={left}; {self._kept()}"

    def _kept(self) -> str:
        return f"Path=/; Max-Age={KEPT_S}; HttpOnly; SameSite=Lax{'; Secure' if self._secure else ''}"


class Sessions:
    """Middleware: puts the session into request.state.session, and sends the cookie where it changed."""

    def __init__(self, app: ASGIApp, cookie: SessionCookie) -> None:
        self.app, self._cookie = app, cookie

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        cookies = HTTPConnection(scope).cookies
        session = self._cookie.read(cookies.get(self._cookie.name, ""), cookies.get(self._cookie.name_of_left, ""))
        scope.setdefault("state", {})["session"] = session

        async def send_with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start" and session.changed:
                headers = MutableHeaders(scope=message)
                headers.append("Set-Cookie", self._cookie.header(session))
                if session.left:
                    headers.append("Set-Cookie", self._cookie.header_of_left(session.left))
            await send(message)

        await self.app(scope, receive, send_with_cookie)


def session_of(request: Request) -> Session:
    session: Session = request.state.session
    return session


def fingerprint(session: str) -> str:
    return sha256(session.encode()).hexdigest()[:32]


def claims_in(token: str) -> dict[str, Any]:
    """As it says, unchecked: the APIs are the ones who check it. Empty for what is no token."""
    try:
        body = token.split(".")[1]
        claims = json.loads(from_base64url(body))
    except (LookupError, ValueError, TypeError):
        return {}
    return claims if isinstance(claims, dict) else {}


def _session(held: Mapping[str, Any]) -> Session:
    known = held["person"]
    person = known and Person(**{**known, "roles": tuple(known["roles"]), "tokens": unpack(known["tokens"])})
    language = held["language"] if held["language"] in LANGUAGES else ""
    asked = CodeAsked(**held["asked"]) if held.get("asked") else None
    asked = asked if asked and asked.until > time.time() else None
    half = PasswordShown(**held["half"]) if held.get("half") else None
    half = half if half and half.until > time.time() else None
    gone = SentElsewhere(**held["elsewhere"]) if held.get("elsewhere") else None
    gone = gone if gone and gone.until > time.time() else None
    former = held.get("former", "")
    session = Session(str(held["csrf"]), language, person or None, former=former, asked=asked, half=half, elsewhere=gone)
    if session.person and session.person.until < time.time():
        session.expire()
        session.changed = False  # the cookie says so by itself
    return session
