"""Every door has a lock or a listed reason to stand open, and what creates or decides can be asked for twice."""

import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, get_args

from fastapi import APIRouter, Depends, FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import iter_route_contexts

from cli.service_apps import every_app
from shared.web.auth import AUTHENTICATES, CurrentCitizen
from shared.web.commands import RequestCommands

COMMANDS = next(part.dependency for part in get_args(RequestCommands) if hasattr(part, "dependency"))

_HEALTH = "Orchestrators ask it; it tells nothing but the state of the process"
_INTERFACE = "The description of the interface itself"
_OWN_PROOF = "Where tokens come from: the caller proves itself with its own secret"
_METRICS = (
    "Prometheus asks it on the process's own port, where the gateway leads nobody; counts and times, and nothing of anybody"
)
_DEMO = "Exists on a local stack only, where nobody is real"
_OWN_REFRESH = "The caller proves itself with the session's refresh token, also when its access token has run out"
_CATALOGUE = "What services there are, what they ask, cost and take: read before anyone signs in"
PUBLIC_ROUTES: dict[str, str] = {
    "GET /health/live": _HEALTH,
    "GET /health/ready": _HEALTH,
    "GET /openapi.json": _INTERFACE,
    "GET /metrics": _METRICS,
    "GET /.well-known/jwks.json": "Public keys: whoever verifies a token needs them",
    "POST /oauth/token": _OWN_PROOF,
    "GET /api/demo/accounts": _DEMO,
    "POST /api/demo/sign-in": _DEMO,
    "POST /api/sign-in/codes": "Where signing in begins: whoever asks is not known yet",
    "POST /api/sign-in/sessions": "The caller proves itself with the code and with what its browser was given",
    "GET /api/openid/providers": "Where signing in begins: whoever asks is not known yet",
    "POST /api/openid/{provider}/begin": "As above",
    "POST /api/openid/{provider}/finish": "The provider's code is the proof, in the browser that went there",
    "POST /api/passkeys/sign-in/options": "Where signing in begins: whoever asks is not known yet",
    "POST /api/passkeys/sign-in": "The caller proves itself with what its device signed",
    "POST /api/officers/sign-in": "The caller proves itself with login and password",
    "POST /api/officers/sign-in/second-factor": "The caller proves itself with a code, after the password, from the same browser",
    "POST /api/officers/enrolment": "The caller proves itself with the token of the invitation",
    "POST /api/officers/enrolment/credentials": "As above",
    "POST /api/sessions/refresh": _OWN_REFRESH,
    "POST /api/sessions/end": _OWN_REFRESH,
    "GET /api/services": _CATALOGUE,
    "GET /api/services/{service_id}": _CATALOGUE,
    "GET /api/posts": _CATALOGUE,
    "GET /api/posts/routing": _CATALOGUE,
    "GET /api/posts/{post_id}": _CATALOGUE,
    "GET /api/places": _CATALOGUE,
    "GET /api/departments": _CATALOGUE,
    "GET /api/countries": _CATALOGUE,
    "GET /api/appointments/slots": "Which times are free: read before anyone signs in",
    "GET /api/draws": "Draws are public: anybody can check them",
    "GET /api/draws/{draw_id}": "As above",
    "POST /api/payments/words": "The payment provider proves itself by the signature of what it says",
    "POST /api/services/{service_id}/needs": "What a service needs is for anybody to know; nothing of the answers is kept",
    "POST /api/verifications": "Anyone who is shown a paper may ask whether it is real; all that is printed must be known first",
    "POST /api/verifications/seal": "The same question by the code: whoever holds it holds what it says",
    "POST /api/verifications/file": "The same question by a picture or the file itself; nothing of it is kept",
    "GET /api/seal-keys": "Public keys: whoever checks a seal offline needs them",
    "GET /api/trust-root": "Public certificate: whoever checks a signature needs it",
}
# POSTs that may come twice without an Idempotency-Key
NO_KEY_NEEDED: dict[str, str] = {
    "POST /oauth/token": "Changes nothing: a second token is as good as the first",
    "POST /api/demo/sign-in": "A second session is as good as the first; a stored answer would keep its tokens",
    "POST /api/sign-in/codes": "A second code is as good as the first, and how many there are is limited",
    "POST /api/sign-in/sessions": "A code is good once; a stored answer would keep the session's tokens",
    "POST /api/openid/{provider}/begin": "A second flow is as good as the first",
    "POST /api/openid/{provider}/finish": "A code is good once; a stored answer would keep the session's tokens",
    "POST /api/passkeys/registration/options": "A second question is as good as the first",
    "POST /api/passkeys/registration": "A question is answered once, and a device has one passkey for it",
    "POST /api/passkeys/{passkey}/removal": "What is gone cannot go twice",
    "POST /api/passkeys/sign-in/options": "A second question is as good as the first",
    "POST /api/passkeys/sign-in": "A question is answered once; a stored answer would keep the session's tokens",
    "POST /api/officers/sign-in": "A second pending sign-in is as good as the first, and how many tries there are is limited",
    "POST /api/officers/sign-in/second-factor": "A code is good once; a stored answer would keep the session's tokens",
    "POST /api/officers/enrolment": "A question; a POST so that no address and no log names the token",
    "POST /api/officers/enrolment/credentials": "An invitation is good once; a stored answer would keep the recovery codes",
    "POST /api/officers/password": "The present password is its own key: it is another one after",
    "POST /api/internal/officers/invitations": "A question; a POST so that no address and no log names the invitation",
    "POST /api/internal/sign-in/codes": "A question; a POST so that no address and no log names the challenge",
    "POST /api/sessions/refresh": "The refresh token is its own key; a stored answer would keep the next one",
    "POST /api/sessions/end": "What is over cannot end twice",
    "POST /api/sessions/end-all": "As above",
    "POST /api/sessions/{session_id}/end": "As above",
    "POST /api/verifications": "A question; a POST only because what is asked for must not stand in an address or a log",
    "POST /api/people/at-counter/by-code": "A code is good once; a stored answer would keep the word for whom it is",
    "POST /api/services/{service_id}/needs": "A question; a POST so that no address and no log names the answers",
    "POST /api/cosignatures/openings": "A question; a POST so that no address and no log names the code",
    "POST /api/applications/{application_id}/cosigners/{cosigner}/invitation": (
        "A newer code replaces the one before; a stored answer would keep it"
    ),
    "POST /api/payments/words": "Each word has its number: one that comes again, or late, changes nothing",
    "POST /api/officer/searches": "A question; a POST only because what is asked for must not stand in an address or a log",
    "POST /api/officer/searches/people": "The same question by PIN, phone or name",
    "POST /api/verifications/seal": "A question, as above",
    "POST /api/internal/applications/{application_id}/work": "A question",
    "POST /api/internal/ledger/events": "A question; a POST because five hundred ids do not fit an address",
    "POST /api/verifications/file": "A question, as above",
    "POST /api/me/recovery-codes": "Newer codes replace those of before; a stored answer would keep them",
    "POST /api/audit/searches/cases": "A question, as below",
    "POST /api/audit/searches/officers": "A question, as below",
    "POST /api/audit/searches": "A question, written down each time that it is asked; a POST because it names people",
}


@dataclass(frozen=True)
class Door:
    service: str
    line: str  # "POST /api/applications"
    route: Any


def doors(app: FastAPI, service: str = "") -> Iterator[Door]:
    for route in iter_route_contexts(app.routes):
        assert route.methods, f"{service}: {route.path} is no plain route; these checks cannot look behind it"
        for method in sorted(route.methods - {"HEAD"}):
            yield Door(service, f"{method} {route.path}", route)


def uses(route: Any, dependency: Any) -> bool:
    dependant = getattr(route, "dependant", None)  # a plain Starlette route has none
    return dependant is not None and _has(dependant, dependency)


def _has(dependant: Dependant, dependency: Any) -> bool:
    return any(part.call is dependency or _has(part, dependency) for part in dependant.dependencies)


def unlocked(found: Iterator[Door]) -> list[str]:
    return [door.line for door in found if not uses(door.route, AUTHENTICATES)]


def repeats_carelessly(found: Iterator[Door]) -> list[str]:
    """POSTs that do not run their command under the Idempotency-Key."""
    posts = [door for door in found if door.line.startswith("POST ")]
    return [door.line for door in posts if not (uses(door.route, COMMANDS) and _runs_under_key(door.route))]


def _runs_under_key(route: Any) -> bool:
    return "commands.run(" in inspect.getsource(route.endpoint)


@cache
def _every_door() -> tuple[Door, ...]:
    return tuple(door for service, app in every_app(local_stack=True).items() for door in doors(app, service))


def test_every_route_asks_who_is_there_or_is_listed_with_its_reason() -> None:
    assert sorted(set(unlocked(iter(_every_door())))) == sorted(PUBLIC_ROUTES)


def test_demo_routes_exist_on_a_local_stack_only() -> None:
    assert [door.line for app in every_app().values() for door in doors(app) if "demo" in door.line] == []


def test_every_post_that_creates_or_decides_takes_an_idempotency_key() -> None:
    assert sorted(set(repeats_carelessly(iter(_every_door())))) == sorted(NO_KEY_NEEDED)


def test_transitions_are_posts_and_no_route_patches_or_deletes_by_accident() -> None:
    assert {door.line.partition(" ")[0] for door in _every_door()} == {"GET", "POST", "PUT"}


def test_what_services_read_from_each_other_is_open_to_services_with_a_scope_only() -> None:
    internal = [door for door in _every_door() if "/internal/" in door.line]
    assert internal
    for door in internal:
        assert any("service_with" in repr(part.call) for part in door.route.dependant.dependencies), door.line


def test_a_door_without_a_lock_or_key_would_be_seen() -> None:
    router = APIRouter()

    async def hidden_behind(_who: CurrentCitizen) -> str:
        return "a lock two steps away"

    @router.post("/open")
    async def open_to_all() -> None: ...

    @router.post("/locked")
    async def locked(_who: Annotated[str, Depends(hidden_behind)]) -> None: ...

    @router.post("/carried")
    async def carried(commands: RequestCommands) -> None:
        await commands.run_repeatable(None, None)  # type: ignore[arg-type]

    @router.post("/keyed")
    async def keyed(_who: CurrentCitizen, commands: RequestCommands) -> None:
        await commands.run(None, None, None)  # type: ignore[arg-type]

    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    app.include_router(router)
    assert unlocked(doors(app)) == ["POST /open", "POST /carried"]
    assert repeats_carelessly(doors(app)) == ["POST /open", "POST /locked", "POST /carried"]
