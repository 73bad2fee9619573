"""How the clients ask: as real ones do, with one Idempotency-Key for an act until it is answered; all of it is remembered."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx

from cli.soak.history import Act, Case, History
from deploy.local.ports import LOOPBACK, Ports

Reply = dict[str, Any]
ANSWER_WITHIN_S = 6.0  # a service answers within 2 s; whoever is frozen does not
AGAIN_S = (0.3, 1.5)
TOKEN_KEPT_S = 600
BUSY = (429, 503)  # "try again": nothing is wrong
MANY = 60  # connections: those to a frozen process stay open
REPLAYED = "idempotency-replayed"


class GaveUp(Exception):
    """The person closed the page before an answer came."""


class NotAsModelled(Exception):
    """The answer leaves no way to go on with the case. It was noted as unexpected."""


@dataclass(frozen=True)
class Account:
    """One of the invented people."""

    id: str
    login: str


class Client:
    """Talks to the stack. over: set when the run ends; then nobody waits longer than last_s for an answer."""

    def __init__(self, ports: Ports, history: History, accounts: Mapping[str, Account], last_s: float = 90) -> None:
        self._ports, self._history, self._accounts = ports, history, accounts
        self._tokens: dict[str, tuple[dict[str, str], float]] = {}  # one for each service
        self._signing_in: dict[str, asyncio.Lock] = {login: asyncio.Lock() for login in accounts}
        limits = httpx.Limits(max_connections=MANY, max_keepalive_connections=MANY)
        self._http = httpx.AsyncClient(timeout=ANSWER_WITHIN_S, trust_env=False, limits=limits)
        self._last_s = last_s
        self._deadline: float | None = None

    async def close(self) -> None:
        await self._http.aclose()

    def end(self) -> None:
        """From now on an act that is not answered in time is left as unknown."""
        self._deadline = time.monotonic() + self._last_s

    # acts

    async def post(
        self, login: str, name: str, path: str, body: Reply | None = None, *, case: Case | None = None, may_give_up: bool = False
    ) -> tuple[Act, httpx.Response]:
        """One act with a key of its own, sent until it is answered. Raises GaveUp."""
        act = self._begin(name, case, scope=f"{self._accounts[login].id}:{(key := str(uuid4()))}")
        headers = {"Idempotency-Key": key}
        answer = await self._sent(act, "POST", login, path, may_give_up=may_give_up, json=body, headers=headers)
        return act, self._judged(act, answer)

    async def post_twice(
        self, login: str, name: str, path: str, body: Reply | None = None, *, case: Case | None = None
    ) -> tuple[Act, httpx.Response]:
        """A double click: two requests with one key at once. Both must get the same answer."""
        act = self._begin(name, case, scope=f"{self._accounts[login].id}:{(key := str(uuid4()))}")
        headers = {"Idempotency-Key": key}
        both = [self._sent(act, "POST", login, path, json=body, headers=headers) for _ in range(2)]
        first, second = await asyncio.gather(*both)
        if (first.status_code, first.content) != (second.status_code, second.content):
            codes = f"{first.status_code} and {second.status_code}"
            self._history.note("unexpected", act.case, f"two different answers for one key: {name}, HTTP {codes}")
        return act, self._judged(act, first)

    async def again(self, act: Act, login: str, path: str, body: Reply | None, before: httpx.Response) -> None:
        """The same request once more, later: it must change nothing and get the answer of the first."""
        headers = {"Idempotency-Key": act.scope.partition(":")[2]}
        answer = await self._until_answered(None, "POST", login, self._url("applications", path), json=body, headers=headers)
        if (answer.status_code, answer.content) != (before.status_code, before.content):
            codes = f"HTTP {answer.status_code} after {before.status_code}"
            self._history.note("unexpected", act.case, f"another answer when {act.name} was repeated: {codes}")

    async def put(self, login: str, name: str, path: str, *, case: Case, **content: Any) -> tuple[Act, httpx.Response]:
        """An act without a key: it may safely be repeated."""
        act = self._begin(name, case, scope="")
        answer = await self._sent(act, "PUT", login, path, **content)
        return act, self._judged(act, answer)

    async def get(self, login: str, path: str, service: str = "applications") -> httpx.Response:
        self._history.reads += 1
        return await self._until_answered(None, "GET", login, self._url(service, path))

    async def ask(self, path: str, body: Reply, service: str) -> httpx.Response:
        """As anyone, without signing in."""
        self._history.reads += 1
        return await self._until_answered(None, "POST", None, self._url(service, path), json=body)

    def _begin(self, name: str, case: Case | None, scope: str) -> Act:
        act = Act(name, case.id if case else "", scope)
        (case.acts if case else self._history.starts).append(act)
        return act

    async def _sent(self, act: Act, method: str, login: str, path: str, **how: Any) -> httpx.Response:
        try:
            return await self._until_answered(act, method, login, self._url("applications", path), **how)
        except GaveUp:
            act.outcome = "unknown"
            if act.case:
                self._history.cases[act.case].sure = False
            raise

    def _judged(self, act: Act, answer: httpx.Response) -> httpx.Response:
        act.outcome = "acknowledged" if answer.is_success else "refused"
        act.replayed = act.replayed or (act.unanswered > 0 and answer.headers.get(REPLAYED) == "true")
        return answer

    # sending

    async def _until_answered(
        self, act: Act | None, method: str, login: str | None, url: str, *, may_give_up: bool = False, **content: Any
    ) -> httpx.Response:
        pause_s = AGAIN_S[0]
        headers = content.pop("headers", {})
        while True:
            token = (await self._tokens_of(login))[self._ports.service_at(url)] if login else None
            if act:
                act.tries += 1
            answer = await self._once(act, method, url, token, headers=headers, **content)
            if answer is not None and not self._is_to_be_repeated(answer, act, login, method, url):
                return answer
            if self._deadline and time.monotonic() > self._deadline:
                self._history.note("unsettled", act.case if act else "", f"no answer to {method} {httpx.URL(url).path}")
                raise GaveUp
            if may_give_up:
                raise GaveUp
            await asyncio.sleep(pause_s)
            pause_s = min(pause_s * 1.5, AGAIN_S[1])

    async def _once(
        self, act: Act | None, method: str, url: str, token: str | None, *, headers: Mapping[str, str], **content: Any
    ) -> httpx.Response | None:
        known = {"Accept-Language": "en", **headers, **({"Authorization": f"Bearer {token}"} if token else {})}
        try:
            return await self._http.request(method, url, headers=known, **content)
        except httpx.TransportError:  # killed, frozen, or not there yet
            self._history.unanswered += 1
            if act:
                act.unanswered += 1
            return None

    def _is_to_be_repeated(self, answer: httpx.Response, act: Act | None, login: str | None, method: str, url: str) -> bool:
        if answer.status_code in BUSY or (method == "POST" and is_changed_meanwhile(answer)):
            return True
        if answer.status_code >= 500:
            route = f"{method} {httpx.URL(url).path}"
            self._history.note(
                "unexpected", act.case if act else "", f"HTTP {answer.status_code} from {route}: {code_of(answer)}"
            )
            return True
        if answer.status_code == httpx.codes.UNAUTHORIZED and login and login in self._tokens:
            if time.monotonic() - self._tokens.pop(login)[1] < TOKEN_KEPT_S:
                self._history.note("unexpected", act.case if act else "", f"a fresh token was refused: {code_of(answer)}")
            return True
        return False

    async def _tokens_of(self, login: str) -> dict[str, str]:
        async with self._signing_in[login]:
            known = self._tokens.get(login)
            if known is None or time.monotonic() - known[1] > TOKEN_KEPT_S:
                url = self._url("identity", "/api/demo/sign-in")
                answer = await self._until_answered(None, "POST", None, url, json={"account": login})
                if not answer.is_success:
                    raise NotAsModelled(f"{login} cannot sign in: HTTP {answer.status_code}")
                known = answer.json()["access_tokens"], time.monotonic()
                self._tokens[login] = known
        return known[0]

    def _url(self, service: str, path: str) -> str:
        return f"http://{LOOPBACK}:{self._ports.service(service)}{path}"


def is_changed_meanwhile(answer: httpx.Response) -> bool:
    """What the page says is "open it again and repeat your step"."""
    return answer.status_code == httpx.codes.CONFLICT and code_of(answer) == "concurrent-update"


def code_of(answer: httpx.Response) -> str:
    """The slug of a problem; never its text, which may name what was sent."""
    try:
        content = answer.json()
    except ValueError:
        return "no JSON"
    kind = content.get("code") or content.get("type") if isinstance(content, dict) else None
    return str(kind or "no problem document").rpartition("/")[2]
