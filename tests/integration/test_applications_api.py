"""The HTTP interface of applications, on the real database and broker."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import httpx
import pytest

from services.applications.app import create_app
from tests.support.places import Place
from tests.support.serving import serving
from tests.support.tokens import TestTokens
from tests.unit.applications.cases import ANSWERS, REGISTRATION, RETURN

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 2000
PDF = b"%PDF-1.7\n" + b"x" * 300_000
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


def keyed(headers: Headers, key: str | None = None) -> Headers:
    return headers | {"Idempotency-Key": key or str(uuid4())}


async def start(api: httpx.AsyncClient, who: Headers, service_id: str = REGISTRATION, post_id: str = "yek") -> dict[str, Any]:
    answer = await api.post("/api/applications", json={"service_id": service_id, "post_id": post_id}, headers=keyed(who))
    assert answer.status_code == 201, answer.text
    started: dict[str, Any] = answer.json()
    return started


async def complete(api: httpx.AsyncClient, who: Headers, service_id: str = REGISTRATION) -> str:
    started = await start(api, who, service_id)
    path = f"/api/applications/{started['id']}"
    saved = await api.put(f"{path}/answers", json={"answers": ANSWERS[service_id]}, headers=who)
    assert saved.status_code == 200, saved.text
    attached = await api.put(f"{path}/attachment", content=PNG, headers=who | {"Content-Type": "image/png"})
    assert attached.status_code == 200, attached.text
    return str(started["id"])


async def submitted(api: httpx.AsyncClient, who: Headers, service_id: str = REGISTRATION) -> str:
    application_id = await complete(api, who, service_id)
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
    return application_id


async def test_an_application_goes_from_draft_through_two_officers_to_a_dossier(
    api: httpx.AsyncClient, aigerim: Headers, nurlan: Headers, gulnara: Headers, tokens: TestTokens
) -> None:
    application_id = await approved(api, (aigerim, nurlan, gulnara), REGISTRATION)

    seen = (await api.get(f"/api/applications/{application_id}", headers=aigerim)).json()
    assert (seen["status"], seen["held_by"]["role"]) == ("approved", "issuing")
    documents = tokens.service("documents", "dossier:read")
    dossier = (await api.get(f"/api/internal/applications/{application_id}/dossier", headers=documents)).json()
    assert dossier["holder_name"] == ANSWERS[REGISTRATION]["full_name"]
    assert dossier["outcome"] == "digital_document"
    facts = {fact["key"]: fact["value"] for fact in dossier["facts"]}
    assert facts["country_of_stay"]["ru"] == "Россия"
    journal = (await api.get(f"/api/applications/{application_id}/journal", headers=aigerim)).json()["entries"]
    assert [line["action"].split(":")[1] for line in journal] == [
        "start", "save_answers", "attach", "submit", "claim", "propose", "approve",
    ]  # fmt: skip
    assert "nurlan" not in str(journal)
    assert "gulnara" not in str(journal)


async def test_a_blank_is_used_once_in_all_applications(
    api: httpx.AsyncClient, aigerim: Headers, nurlan: Headers, gulnara: Headers
) -> None:
    first = await approved(api, (aigerim, nurlan, gulnara), RETURN)
    second = await approved(api, (aigerim, nurlan, gulnara), RETURN)

    assert (await act(api, nurlan, first, "blank", {"blank_number": "СВ-0000017"})).json()["status"] == "approved"
    again = await act(api, nurlan, second, "blank", {"blank_number": "CB 0000017"})
    assert (again.status_code, again.json()["type"]) == (409, "/problems/blank-already-used")
    assert (await act(api, nurlan, second, "blank", {"blank_number": "СВ-0000018"})).status_code == 200
