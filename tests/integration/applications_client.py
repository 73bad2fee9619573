"""Driving the applications service over HTTP, for its integration tests: fixtures, and the steps of a case."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from cli.casework.answers import receipt
from services.applications.app import create_app
from shared.mongo.database import Db
from tests.support.files import one_page_pdf, white_png
from tests.support.kept import database_with_keys
from tests.support.places import Place
from tests.support.serving import serving
from tests.support.tokens import TestTokens
from tests.unit.applications.cases import ANSWERS, REGISTRATION

PNG = white_png()
PDF = one_page_pdf(600_000)
Headers = dict[str, str]


@pytest.fixture
async def api(place: Place, tokens: TestTokens) -> AsyncIterator[httpx.AsyncClient]:
    async with serving(create_app(place.settings()), tokens) as client:
        yield client


@pytest.fixture
def aigerim(tokens: TestTokens) -> Headers:
    return tokens.citizen("aigerim")


@pytest.fixture
def nurlan(tokens: TestTokens) -> Headers:
    return tokens.officer("nurlan", "intake")


@pytest.fixture
def gulnara(tokens: TestTokens) -> Headers:
    return tokens.officer("gulnara", "deciding")


@asynccontextmanager
async def database_of(place: Place) -> AsyncIterator[Db]:
    """With the keys that open what is sealed."""
    database = database_with_keys(place, "applications")
    yield database.db
    await database.close()


def keyed(headers: Headers, key: str | None = None) -> Headers:
    return headers | {"Idempotency-Key": key or str(uuid4())}


async def start(api: httpx.AsyncClient, who: Headers, service_id: str = REGISTRATION, post_id: str = "yek") -> dict[str, Any]:
    answer = await api.post("/api/applications", json={"service_id": service_id, "post_id": post_id}, headers=keyed(who))
    assert answer.status_code == 201, answer.text
    started: dict[str, Any] = answer.json()
    return started


async def complete(
    api: httpx.AsyncClient, who: Headers, service_id: str = REGISTRATION, *, name: str | None = None, post_id: str = "yek"
) -> str:
    started = await start(api, who, service_id, post_id)
    path = f"/api/applications/{started['id']}"
    answers = ANSWERS[service_id] | ({"full_name": name} if name else {})
    saved = await api.put(f"{path}/answers", json={"answers": answers}, headers=who)
    assert saved.status_code == 200, saved.text
    attached = await api.put(f"{path}/attachment", content=PNG, headers=who | {"Content-Type": "image/png"})
    assert attached.status_code == 200, attached.text
    return str(started["id"])


async def submitted(
    api: httpx.AsyncClient, who: Headers, service_id: str = REGISTRATION, *, name: str | None = None, post_id: str = "yek"
) -> str:
    application_id = await complete(api, who, service_id, name=name, post_id=post_id)
    answer = await api.post(f"/api/applications/{application_id}/submission", headers=keyed(who))
    assert answer.status_code == 200, answer.text
    return application_id


async def act(api: httpx.AsyncClient, who: Headers, application_id: str, noun: str, body: Any = None) -> httpx.Response:
    return await api.post(f"/api/officer/applications/{application_id}/{noun}", json=body, headers=keyed(who))


async def approved(api: httpx.AsyncClient, people: tuple[Headers, Headers, Headers], service_id: str) -> str:
    citizen, first, second = people
    application_id = await submitted(api, citizen, service_id)
    assert (await act(api, first, application_id, "claim")).status_code == 200
    assert (await act(api, first, application_id, "proposal", {"outcome": "approve"})).status_code == 200
    decided = await act(api, second, application_id, "decision", {"outcome": "approve"})
    assert decided.status_code == 200, decided.text
    await paid(api, citizen, first, application_id)
    return application_id


async def paid(api: httpx.AsyncClient, citizen: Headers, officer: Headers, application_id: str) -> None:
    """What is owed, by receipts: nothing where nothing is."""
    fee = (await api.get(f"/api/applications/{application_id}/fee", headers=citizen)).json()
    for part in (part for part in fee["parts"] if part["state"] == "open"):
        entered = await act(
            api, officer, application_id, "fee/receipts", receipt(part, uuid4().hex, datetime.now(UTC).date() - timedelta(days=1))
        )
        assert entered.status_code == 200, entered.text
