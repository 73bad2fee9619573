"""Every operation that takes JSON says what it accepts where something else was sent: asked of each, in all services."""

import re
from collections.abc import Iterator

import httpx
import pytest
from fastapi import FastAPI

from cli.service_apps import every_app
from deploy.local.environment import SERVICES
from deploy.local.keys import SERVICE_SCOPES
from shared.clock import SystemClock
from shared.mongo.database import Database
from shared.mongo.transactions import Transactions
from shared.runtime import Runtime
from shared.web.tokens import TokenVerifier
from tests.support.tokens import TestTokens

ID = "6f99a9e1-84d4-5d64-ab59-a2133ece18a1"
NOWHERE = "mongodb://127.0.0.1:9/?directConnection=true"
# another party's word: whoever cannot sign it is told 401, whatever it is sent as
SIGNED = {"POST /api/payments/words"}


def takes_json(app: FastAPI) -> Iterator[tuple[str, str]]:
    """Method and path of each operation whose document says that its body is JSON."""
    for path, methods in app.openapi()["paths"].items():
        for method, operation in methods.items():
            if "application/json" in operation.get("requestBody", {}).get("content", {}):
                yield method.upper(), path


@pytest.fixture(scope="module")
def apps() -> dict[str, FastAPI]:
    return every_app(local_stack=True)


@pytest.mark.parametrize("service", SERVICES)
async def test_a_body_that_is_not_said_to_be_json_is_415_with_what_is_accepted_at_every_operation(
    apps: dict[str, FastAPI], service: str
) -> None:
    app, tokens = apps[service], TestTokens(SystemClock())
    app.state.verifier = TokenVerifier(service, tokens.keys, SystemClock())
    runtime: Runtime = app.state.runtime
    runtime.database = Database(NOWHERE, "of-the-test")  # nothing is read or written: the body is judged before
    runtime.transactions = Transactions(runtime.database, runtime.clock)
    people = [
        tokens.citizen(ID),
        tokens.officer(ID, "intake", "deciding", "head"),
        tokens.officer(ID, "administrator", "auditor", "ministry", post="mfa"),
        tokens.service("applications", " ".join(sorted({each for scopes in SERVICE_SCOPES.values() for each in scopes}))),
    ]
    wrong, asked = [], 0
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app, raise_app_exceptions=False), base_url="http://x") as api:
        for method, path in takes_json(app):
            if f"{method} {path}" in SIGNED:
                continue
            asked += 1
            for kind in ({"Content-Type": "text/plain"}, {}):
                headers = {"Idempotency-Key": "one-of-the-test", "Accept-Language": "en", **kind}
                answers = [
                    await api.request(method, re.sub(r"{\w+}", ID, path), content=b"{}", headers=headers | who) for who in people
                ]
                told = [each for each in answers if each.status_code == 415]
                if not told or any(
                    (each.json()["type"], each.json()["accepted"], each.headers["accept"])
                    != ("/problems/body-not-json", ["application/json"], "application/json")
                    or "application/json" not in each.json()["detail"]
                    for each in told
                ):
                    wrong.append(f"{method} {path} {kind}: {sorted({each.status_code for each in answers})}")
                if any(each.status_code == 422 for each in answers):
                    wrong.append(f"{method} {path} {kind}: 422")
    await runtime.database.close()
    assert asked > 1
    assert wrong == []


@pytest.mark.parametrize("service", SERVICES)
def test_the_document_says_415_wherever_json_is_taken(apps: dict[str, FastAPI], service: str) -> None:
    paths = apps[service].openapi()["paths"]
    lacking = [
        (method, path) for method, path in takes_json(apps[service]) if "415" not in paths[path][method.lower()]["responses"]
    ]
    assert [f"{method} {path}" for method, path in lacking if f"{method} {path}" not in SIGNED] == []
