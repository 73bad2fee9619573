"""Citizens object to looks: who is over the officers of the post answers, once, and never about a look of their own."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from services.applications.app import create_app
from shared.mongo.audit import AUDIT
from tests.integration.applications_client import Headers, database_of, keyed, submitted
from tests.support.places import Place
from tests.support.serving import eventually, serving
from tests.support.tokens import TestTokens

pytestmark = pytest.mark.places_again
ENGLISH = {"Accept-Language": "en"}


@pytest.fixture
async def api(place: Place, tokens: TestTokens) -> AsyncIterator[httpx.AsyncClient]:
    async with serving(create_app(place.settings()), tokens) as client:
        yield client


async def objected(api: httpx.AsyncClient, citizen: Headers, officer: Headers) -> tuple[str, str]:
    """Out: the case, and the id of the objection to the officer's look at it."""
    case = await submitted(api, citizen)
    assert (await api.get(f"/api/officer/applications/{case}", headers=officer)).status_code == 200

    async def look() -> str:
        listed = (await api.get(f"/api/applications/{case}/looks", headers=citizen)).json()["looks"]
        return next((str(one["id"]) for one in listed), "")

    body = {"look_id": await eventually(look)}
    made = await api.post(f"/api/applications/{case}/objections", json=body, headers=keyed(citizen))
    assert made.status_code == 201, made.text
    return case, str(made.json()["id"])


async def listed(api: httpx.AsyncClient, who: Headers, **params: str) -> list[dict[str, Any]]:
    answer = await api.get("/api/officer/objections", params=params, headers=who | ENGLISH)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["objections"]
    return found


async def test_an_objection_is_answered_once_by_somebody_over_who_looked_and_its_citizen_reads_it(
    place: Place, api: httpx.AsyncClient, tokens: TestTokens
) -> None:
    aigerim, nurlan = tokens.citizen("aigerim"), tokens.officer("nurlan", "intake", "head")
    case, objection = await objected(api, aigerim, nurlan)
    path, said = f"/api/officer/objections/{objection}/answer", {"answer": "not-justified"}

    async def answer(who: Headers, body: dict[str, str] | None = None) -> int:
        return (await api.post(path, json=body or said, headers=keyed(who))).status_code

    gulnara = tokens.officer("gulnara", "head")
    refusals = {
        403: [
            nurlan,
            tokens.officer("ermek", "deciding"),
            tokens.officer("melis", "auditor"),
            aigerim,
        ],  # nurlan: a look of theirs
        404: [tokens.officer("cholpon", "head", post="ist")],
    }
    for status, people in refusals.items():
        assert [await answer(who) for who in people] == [status] * len(people)
    assert await answer(tokens.officer("gulnara", "head", amr=["pwd"])) == 403
    assert await answer(gulnara, {"answer": "whatever"}) == 422
    assert [(one["may_answer"], one["state"]) for one in await listed(api, nurlan)] == [(False, "open")]
    assert [one["may_answer"] for one in await listed(api, gulnara)] == [True]
    assert [one["may_answer"] for one in await listed(api, tokens.officer("melis", "auditor"))] == [False]
    assert [await answer(who) for who in (gulnara, tokens.officer("asel", "ministry", post="mfa"))] == [200, 409]

    assert await listed(api, gulnara, state="open") == []
    (answered,) = await listed(api, gulnara, state="answered")
    assert answered["answer"]["text"] == "There was no need for this look. The officer was told so."
    (look,) = (await api.get(f"/api/applications/{case}/looks", headers=aigerim | ENGLISH)).json()["looks"]
    assert (look["objected"], look["answer"]) == (True, answered["answer"]["text"])
    async with database_of(place) as db:
        (row,) = await db[AUDIT].find({"act": "objection:answer"}).to_list()
    assert (row["about"]["person"], row["reason"], row["who"]["role"]) == ("aigerim", "not-justified", "head")
    own = (await api.get("/api/me/data", headers=aigerim)).json()["records"]
    (given,) = [one for one in own if one["record"] == "objection"]
    assert given["answer"] == "not-justified"
    assert not {"officer_id", "answered_by"} & given.keys()


async def test_a_search_for_a_person_says_why_and_is_written_down_for_each_it_finds_and_where_it_finds_none(
    place: Place, api: httpx.AsyncClient, tokens: TestTokens
) -> None:
    nurlan, people = tokens.officer("nurlan", "intake"), [tokens.citizen(name) for name in ("aigerim", "bermet")]
    cases = [await submitted(api, who) for who in people]
    path, body = "/api/officer/searches/people", {"name": "Айгерим"}
    for reason in ("", "curiosity", "working-the-case"):
        refused = await api.post(path, json=body, headers=nurlan | {"Eshik-Access-Reason": reason})
        assert refused.status_code == 428
        assert "applications" not in refused.json()
    found = (await api.post(path, json=body, headers=nurlan)).json()["applications"]
    assert {row["id"] for row in found} == set(cases)
    assert (await api.post(path, json={"pin": "21504199000199"}, headers=nurlan)).json()["applications"] == []
    async with database_of(place) as db:
        rows = await db[AUDIT].find({"act": "post:find_people"}).sort("at", 1).to_list()
    abouts = [row["about"] for row in rows]
    assert {about.get("case") for about in abouts[:2]} == set(cases)
    assert {about.get("person") for about in abouts[:2]} == {"aigerim", "bermet"}
    assert abouts[2:] == [{"found": 0, "given": ["pin"]}]
    assert {row["reason"] for row in rows} == {"covering-for-colleague"}
    assert "Айгерим" not in str(rows)
    for who, case in zip(people, cases, strict=True):

        async def seen(who: Headers = who, case: str = case) -> bool:
            looks = (await api.get(f"/api/applications/{case}/looks", headers=who | ENGLISH)).json()["looks"]
            return any("found by a search" in look["what"] for look in looks)

        await eventually(seen)
    assert (await api.post("/api/officer/searches", json={"reference": found[0]["reference"]}, headers=nurlan)).status_code == 200
    async with database_of(place) as db:
        (one,) = await db[AUDIT].find({"act": "post:find_case"}).to_list()
    assert one["about"]["person"] in {"aigerim", "bermet"}
