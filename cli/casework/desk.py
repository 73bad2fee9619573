"""HTTP as a citizen's and an officer's program speaks it: signed in, one Idempotency-Key for an act until it is answered."""

from __future__ import annotations

import asyncio
import re
import time
import zlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self, TypeVar
from uuid import uuid4

import httpx

from deploy.local.ports import LOOPBACK, Ports
from deploy.local.sinks.received import received

Reply = dict[str, Any]
Act = str | Callable[[Reply], str]  # what is told of an act; of the answer, where that says it
T = TypeVar("T")
REPEATED = {429, 500, 502, 503, 504}
PATIENCE_S, AGAIN_S = 180.0, (0.1, 1.5)
MEANWHILE = "concurrent-update"  # somebody else changed the case at the same moment: what is asked is asked again
TOKEN_KEPT_S = 600.0
CODE = re.compile(r"\b\d{6}\b")


class DeskFailed(Exception):
    """A step was refused, or did not come about in time. The text names the step and never what was sent.

    status: of a refusal, which asking again cannot help; 0: nobody answered. said: the refusal in words, as the person reads it.
    """

    def __init__(self, step: str, status: int = 0, code: str = "", said: str = "") -> None:
        super().__init__(f"{step}: HTTP {status} {code}" if status else step)
        self.status, self.code, self.said = status, code, said


@dataclass(frozen=True)
class Session:
    tokens: dict[str, str]  # one for each service
    since: float


class Desk:
    """Everybody's requests to one running stack. tell is called with each act that was answered: who did what."""

    def __init__(
        self,
        ports: Ports,
        inbox: Path,
        tell: Callable[[str, str], None] = lambda _who, _what: None,
        patience_s: float = PATIENCE_S,
    ) -> None:
        """inbox: where the local stack keeps the messages that it sent."""
        self._ports, self._inbox, self._tell, self._patience_s = ports, inbox, tell, patience_s
        self._sessions: dict[str, Session] = {}
        self._refreshing: dict[str, str] = {}
        self._signing_in: dict[str, asyncio.Lock] = {}
        limits = httpx.Limits(max_connections=24, max_keepalive_connections=24)
        self._http = httpx.AsyncClient(timeout=20, trust_env=False, limits=limits)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.aclose()

    def forget_sessions(self) -> None:
        """After the clock was moved: tokens have run out."""
        self._sessions.clear()

    async def get(self, login: str, path: str, service: str = "applications") -> Reply:
        return _read(await self._answered(login, "GET", path, service))

    async def post(
        self, login: str, path: str, body: Reply | None = None, *, service: str = "applications", act: Act = "", key: str = ""
    ) -> Reply:
        """key: the Idempotency-Key; a new one where none is given, the same for the repetitions of this call."""
        headers = {"Idempotency-Key": key or str(uuid4())}
        found = _read(await self._answered(login, "POST", path, service, json=body, headers=headers))
        self.tell(login, act(found) if callable(act) else act)
        return found

    async def put(self, login: str, path: str, *, act: Act = "", **content: Any) -> Reply:
        found = _read(await self._answered(login, "PUT", path, "applications", **content))
        self.tell(login, act(found) if callable(act) else act)
        return found

    async def file(self, login: str, path: str, service: str = "documents") -> bytes:
        return (await self._answered(login, "GET", path, service)).content

    async def ask(self, path: str, body: Reply, service: str) -> Reply:
        """As anyone, without signing in."""
        return _read(await self._asked(path, service, body, {"Accept-Language": "en"}))

    async def token(self, login: str, service: str) -> str:
        return (await self._session(login)).tokens[service]

    def tell(self, who: str, what: str) -> None:
        if what:
            self._tell(who, what)

    async def eventually(self, look: Callable[[], Awaitable[T | None]], otherwise: str) -> T:
        end, pause_s = time.monotonic() + self._patience_s, AGAIN_S[0]
        while time.monotonic() < end:
            if (found := await look()) is not None:
                return found
            await asyncio.sleep(pause_s)
            pause_s = min(pause_s * 1.5, AGAIN_S[1])
        raise DeskFailed(f"{otherwise} within {self._patience_s:.0f} s; ./eshik status shows where it is stuck")

    async def _answered(self, login: str, method: str, path: str, service: str, **content: Any) -> httpx.Response:
        headers = content.pop("headers", {})

        async def once() -> httpx.Response | None:
            known = {"Accept-Language": "en", "Authorization": f"Bearer {await self.token(login, service)}", **headers}
            answer = await self._sent(method, self._url(service, path), headers=known, **content)
            if answer is not None and answer.status_code == httpx.codes.UNAUTHORIZED:
                self._sessions.pop(login, None)
                return None
            return answer

        return await self._until_answered(once, f"{method} {path.partition('?')[0]}")

    async def _asked(self, path: str, service: str, body: Reply, headers: dict[str, str]) -> httpx.Response:
        known = {"Idempotency-Key": str(uuid4()), **headers}
        return await self._until_answered(
            lambda: self._sent("POST", self._url(service, path), json=body, headers=known), f"POST {path}"
        )

    async def _until_answered(self, once: Callable[[], Awaitable[httpx.Response | None]], step: str) -> httpx.Response:
        answer = await self.eventually(once, f"{step}: no answer")
        if not answer.is_success:
            raise DeskFailed(step, answer.status_code, _code(answer), str(_problem(answer).get("detail", "")))
        return answer

    async def _sent(self, method: str, url: str, **content: Any) -> httpx.Response | None:
        try:
            answer = await self._http.request(method, url, **content)
        except httpx.TransportError:  # it is being started again
            return None
        return None if answer.status_code in REPEATED or _code(answer) == MEANWHILE else answer

    async def _session(self, login: str) -> Session:
        async with self._signing_in.setdefault(login, asyncio.Lock()):
            known = self._sessions.get(login)
            if known is None or time.monotonic() - known.since > TOKEN_KEPT_S:
                granted = await self._granted(login)
                known = Session(granted["access_tokens"], time.monotonic())
                self._sessions[login], self._refreshing[login] = known, granted["refresh_token"]
            return known

    async def _granted(self, login: str) -> Reply:
        if "@" not in login:
            return await self._identity(login, "/api/demo/sign-in", {"account": login})
        if refresh := self._refreshing.get(login):
            return await self._identity(login, "/api/sessions/refresh", {"refresh_token": refresh})
        before = len(self._codes_to(login))
        asked = await self._identity(login, "/api/sign-in/codes", {"contact": login, "language": "ru"})

        async def code() -> str | None:
            """As it came by e-mail; an earlier one is good for nothing."""
            return next(iter(self._codes_to(login)[before:]), None)

        shown = {"challenge": asked["challenge"], "binding": asked["binding"]}
        shown["code"] = await self.eventually(code, f"no code came to {login}")
        return await self._identity(login, "/api/sign-in/sessions", shown)

    def _codes_to(self, login: str) -> list[str]:
        """Oldest first."""
        texts = (message.text for message in received(self._inbox, "email") if login in message.to)
        return [found.group() for found in map(CODE.search, texts) if found]

    async def _identity(self, login: str, path: str, body: Reply) -> Reply:
        """Each person asks from an address of their own, as they do in life: tries are counted by address."""
        address = f"198.51.{100 + sum(login.encode()) % 100}.{zlib.crc32(login.encode()) % 250 + 1}"
        return _read(await self._asked(path, "identity", body, {"X-Forwarded-For": address}))

    def _url(self, service: str, path: str) -> str:
        return f"http://{LOOPBACK}:{self._ports.service(service)}{path}"


def _read(answer: httpx.Response) -> Reply:
    found: Reply = answer.json()
    return found


def _problem(answer: httpx.Response) -> Reply:
    try:
        content = answer.json()
    except ValueError:
        return {"code": "no-json"}
    return content if isinstance(content, dict) else {}


def _code(answer: httpx.Response) -> str:
    """The slug of a problem and the pointers it names; never a text, which may say what was sent."""
    if answer.is_success:
        return ""
    content = _problem(answer)
    kind = str(content.get("code") or content.get("type") or "no problem document").rpartition("/")[2]
    pointers = ", ".join(str(error.get("pointer")) for error in content.get("errors", []))
    return f"{kind} {pointers}".strip()
