"""HTTP as a citizen's and an officer's program speaks it: signed in, one Idempotency-Key for an act until it is answered."""

from __future__ import annotations

import asyncio
import re
import time
import zlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

import httpx

from deploy.local.ports import LOOPBACK, Ports
from deploy.local.sinks.received import received

Reply = dict[str, Any]
T = TypeVar("T")
REPEATED = {429, 500, 502, 503, 504}
PATIENCE_S, AGAIN_S = 120.0, (0.2, 1.5)
TOKEN_KEPT_S = 600.0
CODE = re.compile(r"\b\d{6}\b")


class DeskFailed(Exception):
    """A step was refused, or did not come about in time. The text names the step and never what was sent."""

    def __init__(self, step: str, status: int = 0, code: str = "") -> None:
        super().__init__(f"{step}: HTTP {status} {code}" if status else step)
        self.status, self.code = status, code


@dataclass(frozen=True)
class Session:
    tokens: dict[str, str]  # one for each service
    since: float


class Desk:
    """Everybody's requests to one running stack. tell is called with each act that was answered: who did what."""

    def __init__(self, ports: Ports, inbox: Path, tell: Callable[[str, str], None] = lambda _who, _what: None) -> None:
        """inbox: where the local stack keeps the messages that it sent."""
        self._ports, self._inbox, self._tell = ports, inbox, tell
        self._sessions: dict[str, Session] = {}
        self._refreshing: dict[str, str] = {}
        self._signing_in: dict[str, asyncio.Lock] = {}
        limits = httpx.Limits(max_connections=24, max_keepalive_connections=24)
        self._http = httpx.AsyncClient(timeout=20, trust_env=False, limits=limits)

    async def close(self) -> None:
        await self._http.aclose()

    def forget_sessions(self) -> None:
        """After the clock was moved: tokens have run out."""
        self._sessions.clear()

    async def get(self, login: str, path: str, service: str = "applications") -> Reply:
        return await self._answered(login, "GET", path, service)

    async def post(
        self, login: str, path: str, body: Reply | None = None, *, service: str = "applications", act: str = ""
    ) -> Reply:
        """act: what is told of it."""
        headers = {"Idempotency-Key": str(uuid4())}
        found = await self._answered(login, "POST", path, service, json=body, headers=headers)
        self._tell(login, act or path.rpartition("/")[2])
        return found

    async def put(self, login: str, path: str, service: str = "applications", **content: Any) -> Reply:
        return await self._answered(login, "PUT", path, service, **content)

    async def eventually(self, look: Callable[[], Awaitable[T | None]], otherwise: str) -> T:
        end, pause_s = time.monotonic() + PATIENCE_S, AGAIN_S[0]
        while time.monotonic() < end:
            if (found := await look()) is not None:
                return found
            await asyncio.sleep(pause_s)
            pause_s = min(pause_s * 1.5, AGAIN_S[1])
        raise DeskFailed(otherwise)

    async def _answered(self, login: str, method: str, path: str, service: str, **content: Any) -> Reply:
        headers = content.pop("headers", {})
        step = f"{method} {path.partition('?')[0]}"

        async def once() -> httpx.Response | None:
            token = (await self._session(login)).tokens[service]
            known = {"Accept-Language": "en", "Authorization": f"Bearer {token}", **headers}
            answer = await self._sent(method, self._url(service, path), headers=known, **content)
            if answer is not None and answer.status_code == httpx.codes.UNAUTHORIZED:
                self._sessions.pop(login, None)
                return None
            return answer

        answer = await self.eventually(once, f"{step}: no answer")
        if not answer.is_success:
            raise DeskFailed(step, answer.status_code, _code(answer))
        found: Reply = answer.json()
        return found

    async def _sent(self, method: str, url: str, **content: Any) -> httpx.Response | None:
        try:
            answer = await self._http.request(method, url, **content)
        except httpx.TransportError:
            return None
        return None if answer.status_code in REPEATED else answer

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
        asked = await self._identity(login, "/api/sign-in/codes", {"contact": login, "language": "ru"})

        async def code() -> str | None:
            """As it came by e-mail."""
            mine = [message for message in received(self._inbox, "email") if login in message.to]
            found = CODE.search(mine[-1].text) if mine else None
            return found.group() if found else None

        shown = {"challenge": asked["challenge"], "binding": asked["binding"]}
        shown["code"] = await self.eventually(code, f"no code came to {login}")
        return await self._identity(login, "/api/sign-in/sessions", shown)

    async def _identity(self, login: str, path: str, body: Reply) -> Reply:
        """Each person asks from an address of their own, as they do in life: tries are counted by address."""
        address = f"198.51.{100 + sum(login.encode()) % 100}.{zlib.crc32(login.encode()) % 250 + 1}"
        headers = {"Idempotency-Key": str(uuid4()), "X-Forwarded-For": address}

        async def once() -> httpx.Response | None:
            return await self._sent("POST", self._url("identity", path), json=body, headers=headers)

        answer = await self.eventually(once, f"POST {path}: no answer")
        if not answer.is_success:
            raise DeskFailed(f"POST {path}", answer.status_code, _code(answer))
        found: Reply = answer.json()
        return found

    def _url(self, service: str, path: str) -> str:
        return f"http://{LOOPBACK}:{self._ports.service(service)}{path}"


def _code(answer: httpx.Response) -> str:
    """The slug of a problem and the pointers it names; never a text, which may say what was sent."""
    try:
        content = answer.json()
    except ValueError:
        return "no JSON"
    kind = str(content.get("code") or content.get("type") or "no problem document").rpartition("/")[2]
    pointers = ", ".join(str(error.get("pointer")) for error in content.get("errors", []))
    return f"{kind} {pointers}".strip()
