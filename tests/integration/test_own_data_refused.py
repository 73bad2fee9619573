"""Who may not ask for their data now, or for whose; and what is given of somebody who was erased."""

import base64
import json
import time
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from services.applications.app import create_app
from shared.web.tokens import claims_of
from tests.integration.applications_client import act, approved, submitted
from tests.integration.test_applications_sealed import erase
from tests.support.places import Place
from tests.support.serving import serving
from tests.support.tokens import TestTokens
from tests.unit.applications.cases import ANSWERS, REGISTRATION

pytestmark = pytest.mark.places_again
PATH = "/api/me/data"


@pytest.fixture
async def api(place: Place, tokens: TestTokens) -> AsyncIterator[httpx.AsyncClient]:
    async with serving(create_app(place.settings()), tokens) as client:
        yield client


async def test_a_sign_in_of_long_ago_reads_how_much_there_is_and_none_of_it(api: httpx.AsyncClient, tokens: TestTokens) -> None:
    old = tokens.citizen("aigerim", auth_time=int(time.time()) - 3_600)
    assert claims_of(old["Authorization"].partition(" ")[2])["auth_time"]
    refused = await api.get(PATH, headers=old)
    assert (refused.status_code, refused.json()["type"]) == (403, "/problems/sign-in-again")
    assert (await api.get(f"{PATH}/summary", headers=old)).status_code == 200
    assert (await api.get(PATH, headers=tokens.citizen("aigerim"))).status_code == 200
    assert (await api.get(PATH)).status_code == 401
    assert (await api.get(PATH, headers=tokens.service("documents", "dossier:read"))).status_code == 403


async def test_a_cursor_of_one_s_own_making_opens_nothing(api: httpx.AsyncClient, tokens: TestTokens) -> None:
    case = await submitted(api, tokens.citizen("aigerim"))
    own: list[Any] = [["application", ""], ["application", "0"], ["history", 0], ["history", -1], ["application", case]]
    for made in own:
        text = base64.urlsafe_b64encode(json.dumps(made).encode()).decode().rstrip("=")
        answer = await api.get(PATH, params={"after": text}, headers=tokens.citizen("bermet"))
        assert (answer.status_code, answer.json()["records"]) == (200, []), made
    other: list[Any] = [
        ["application", {"$gt": ""}],
        ["application", None],
        ["application", True],
        ["people", "x"],
        {"a": 1},
        [],
        "x",
    ]
    for made in other:
        text = base64.urlsafe_b64encode(json.dumps(made).encode()).decode().rstrip("=")
        answer = await api.get(PATH, params={"after": text}, headers=tokens.citizen("bermet"))
        assert answer.status_code == 422, made


async def test_of_an_erased_person_what_was_done_is_given_and_nothing_that_they_said(
    place: Place, api: httpx.AsyncClient, tokens: TestTokens
) -> None:
    aigerim, nurlan, gulnara = (
        tokens.citizen("aigerim"),
        tokens.officer("nurlan", "intake"),
        tokens.officer("gulnara", "deciding"),
    )
    await approved(api, (aigerim, nurlan, gulnara), REGISTRATION)
    waiting = await submitted(api, aigerim)
    await act(api, nurlan, waiting, "claim")
    before = (await api.get(f"{PATH}/summary", headers=aigerim)).json()
    assert (before["erased"], before["counts"]["application"], before["files"]) == (False, 2, 2)
    await erase(place, api, "aigerim")

    page = (await api.get(PATH, headers=aigerim)).json()
    assert page["erased"] is True
    cases = [one for one in page["records"] if one["record"] == "application"]
    assert [(one["applicant"], one["answers"], "file" in one) for one in cases] == [(None, {}, False)] * 2
    text = json.dumps(page, ensure_ascii=False)
    said = [value for value in ANSWERS[REGISTRATION].values() if len(value) > 3 and value in text]
    assert said == []
    after = (await api.get(f"{PATH}/summary", headers=aigerim)).json()
    assert (after["erased"], after["counts"]["application"], after["files"]) == (True, 2, 0)
    assert all(left["why"] for left in after["not_given"])
