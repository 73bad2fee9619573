"""For those who run it: health, queues, unsent events, dead letters, jobs of each service; what a person must do comes first."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Literal

import httpx
from fastapi import APIRouter, Request
from fastapi.responses import Response

from services.portal.access import Asked, CurrentAdministrator, Drawn
from services.portal.apis import SERVICES, Api, ApiProblem, Apis, Service
from services.portal.formats import duration
from services.portal.pages import messages
from services.portal.rendering import Pages
from shared.texts import N_

router = APIRouter(prefix="/operator")
router.include_router(messages.router)

ANSWER_WITHIN_S = 3.0
HEALTH_WITHIN_S = 1.5
LATE_AFTER_S = 60.0
AWAY = 503
RETRIES = ".retry-"  # in the names of queues where messages wait for their next try

WORDS = {  # each with what helps; the names of services, queues and commands stay as they are
    "away": N_("{service} does not answer. ./eshik status says what became of it, and its log why."),
    "unasked": N_("{service} is up, but its figures could not be had. While identity is away, nobody can be signed in anew."),
    "part": N_("{service} works without its {part}. Nothing is lost meanwhile; ./eshik status says what became of it."),
    "unsent": N_(
        "{service} has unsent events: {count}; the oldest waits: {age}. They leave by themselves once the broker answers."
    ),
    "given_up": N_("{service} gave up jobs: {count}. ./eshik jobs says why, ./eshik jobs again tries them once more."),
    "unheard": N_("Nobody takes the messages of the queue {queue}: {count}. ./eshik status says which process is missing."),
    "late": N_(
        "{service} is behind with its jobs: {count}; the oldest is late by: {age}. ./eshik status shows whether they move."
    ),
    "dead": N_("{service} has dead letters: {count}. They are kept; what they are and why they died stands below."),
}


@dataclass(frozen=True, slots=True)
class Asking:
    """state: what the service told, None where it could not be had; parts: what it then says to anybody, None if nothing."""

    service: Service
    state: dict[str, Any] | None
    parts: dict[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Need:
    """Something that needs a person. level: bad where something has stopped, else warn."""

    level: Literal["bad", "warn"]
    word: str
    params: dict[str, str | int]
    age_s: float | None = None


@router.get("")
async def overview(request: Request, pages: Drawn, api: Asked, _who: CurrentAdministrator) -> Response:
    apis: Apis = request.app.state.apis
    first = await _asked(api, apis, "identity")  # where a token runs out, it is renewed once and not four times
    rest = await asyncio.gather(*(_asked(api, apis, name) for name in SERVICES if name != "identity"))
    found = [first, *rest]
    needs = [(need.level, _said(need, request, pages, api.language)) for need in _needs(found)]
    return pages.render(request, "operator/overview.html", found=found, needs=needs, now=datetime.now(UTC), live=True)


async def _asked(api: Api, apis: Apis, service: Service) -> Asking:
    """Raises ApiProblem (not 503), SignedOut."""
    try:
        async with asyncio.timeout(ANSWER_WITHIN_S):
            return Asking(service, await api.get(service, "/api/operator/state"))
    except ApiProblem as problem:
        if problem.status != AWAY:
            raise
    except TimeoutError:
        pass
    return Asking(service, None, await _parts(apis, service))


async def _parts(apis: Apis, service: Service) -> dict[str, str] | None:
    """A service may be up where identity, which signs people in, is not."""
    try:
        answer = await apis.client(service).get("/health/ready", timeout=HEALTH_WITHIN_S)
        parts: dict[str, str] = answer.json()["parts"]
    except (httpx.HTTPError, ValueError, LookupError, TypeError):
        return None
    return parts


def _said(need: Need, request: Request, pages: Pages, language: str) -> str:
    params = need.params if need.age_s is None else need.params | {"age": duration(need.age_s, language)}
    return pages.say(request, WORDS[need.word], **params)


def _needs(found: Sequence[Asking]) -> list[Need]:
    """What has stopped comes first, then in the order of WORDS."""
    needs = [need for asking in found for need in _needs_of(asking)]
    order = list(WORDS)
    return sorted(needs, key=lambda need: (need.level != "bad", order.index(need.word)))


def _needs_of(asking: Asking) -> Iterator[Need]:
    name: dict[str, str | int] = {"service": asking.service}
    state, parts = asking.state, asking.state["parts"] if asking.state else asking.parts
    if parts is None:
        yield Need("bad", "away", name)
    for part, word in (parts or {}).items():
        if word != "ok":
            yield Need("bad", "part", name | {"part": part})
    if state is None:
        if parts is not None:
            yield Need("warn", "unasked", name)
        return
    for need in _figures_of(state):
        yield replace(need, params=need.params | name)


def _figures_of(state: dict[str, Any]) -> Iterator[Need]:
    outbox, jobs, dead = state["outbox"] or {}, state["jobs"] or {}, state["dead_letters"] or {}
    if (age := outbox.get("oldest_s") or 0) > LATE_AFTER_S:
        yield Need("bad", "unsent", {"count": outbox["waiting"]}, age)
    if jobs.get("given_up"):
        yield Need("bad", "given_up", {"count": jobs["given_up"]})
    for queue in state["queues"] or ():
        if queue["messages"] and not queue["consumers"] and RETRIES not in queue["name"]:
            yield Need("bad", "unheard", {"queue": queue["name"], "count": queue["messages"]})
    if jobs.get("late"):
        yield Need("warn", "late", {"count": jobs["late"]}, jobs["oldest_late_s"])
    if dead.get("count"):
        yield Need("warn", "dead", {"count": dead["count"]})
