"""Filling in: page by page with versions, on several devices; and what is confirmed by others."""

import httpx
import pytest

from tests.integration.applications_client import Headers, aigerim, api, complete, gulnara, keyed, nurlan, start, submitted
from tests.support.tokens import TestTokens
from tests.unit.applications.cases import REGISTRATION, RETURN

pytestmark = pytest.mark.places_again

__all__ = ["aigerim", "api", "gulnara", "nurlan"]

NAME = {"full_name": "Айгерим Токтобекова", "full_name_latin": "AIGERIM TOKTOBEKOVA"}
BIRTH = {"birth_date": "1990-04-23", "birth_place": "Ош шаары"}


async def save(
    api: httpx.AsyncClient, who: Headers, case: str, step: str, answers: dict[str, str], version: int | None
) -> httpx.Response:
    path = f"/api/applications/{case}/steps/{step}"
    return await api.put(path, json={"answers": answers, "version": version}, headers=who)


async def test_pages_saved_on_two_devices_do_not_get_into_each_others_way(api: httpx.AsyncClient, aigerim: Headers) -> None:
    begun = await start(api, aigerim, RETURN)
    case, seen = begun["id"], begun["version"]

    phone = await save(api, aigerim, case, "name", NAME, seen)
    computer = await save(api, aigerim, case, "birth", BIRTH, seen)
    assert (phone.status_code, computer.status_code) == (200, 200), "the pages are not the same"
    assert computer.json()["answers"] == NAME | BIRTH

    again = await save(api, aigerim, case, "name", NAME, seen)
    assert (again.status_code, again.json()["version"]) == (200, computer.json()["version"]), "the same twice is saved once"


async def test_a_page_that_was_changed_elsewhere_is_answered_by_what_it_holds_now(
    api: httpx.AsyncClient, aigerim: Headers
) -> None:
    begun = await start(api, aigerim, RETURN)
    case, seen = begun["id"], begun["version"]
    saved = (await save(api, aigerim, case, "name", NAME, seen)).json()

    late = await save(api, aigerim, case, "name", NAME | {"full_name": "Айгерим Асанова"}, seen)
    assert (late.status_code, late.json()["type"]) == (409, "/problems/answers-changed-elsewhere")
    assert late.json()["current"] == {"version": saved["version"], "answers": NAME}
    looked = await save(api, aigerim, case, "name", NAME | {"full_name": "Айгерим Асанова"}, late.json()["current"]["version"])
    assert looked.json()["answers"]["full_name"] == "Айгерим Асанова"


async def test_what_cannot_stay_is_named_and_changes_nothing(api: httpx.AsyncClient, aigerim: Headers) -> None:
    begun = await start(api, aigerim, RETURN)
    wrong = await save(api, aigerim, begun["id"], "birth", {"birth_date": "1.1.1990", "full_name": "Айгерим"}, None)
    assert wrong.status_code == 422
    assert [each["pointer"] for each in wrong.json()["errors"]] == ["/answers/full_name"]
    wrong = await save(api, aigerim, begun["id"], "birth", {"birth_date": "1.1.1990"}, None)
    assert [each["pointer"] for each in wrong.json()["errors"]] == ["/answers/birth_date"]
    missing = await save(api, aigerim, begun["id"], "no-such-page", {}, None)
    assert (missing.status_code, missing.json()["type"]) == (404, "/problems/step-not-found")


async def test_a_refusal_by_the_state_of_a_case_says_what_it_is_now(
    api: httpx.AsyncClient, aigerim: Headers, tokens: TestTokens
) -> None:
    case = await complete(api, aigerim, REGISTRATION)
    handed_in = (await api.post(f"/api/applications/{case}/submission", headers=keyed(aigerim))).json()
    late = await save(api, aigerim, case, "name", NAME, None)
    assert (late.status_code, late.json()["type"]) == (409, "/problems/application-not-a-draft")
    assert late.json()["current"] == {"status": handed_in["status"], "version": handed_in["version"]}
    others = await save(api, tokens.citizen("timur"), case, "name", NAME, None)
    assert others.status_code == 404
    assert "current" not in others.json()


async def test_what_will_be_needed_is_told_to_anybody_and_for_a_draft_by_its_own_answers(
    api: httpx.AsyncClient, aigerim: Headers
) -> None:
    path = "/api/services/passport-child/needs"
    open_ones = (await api.post(path, json={"answers": {}}, headers={"Accept-Language": "en"})).json()
    assert not open_ones["complete"]
    assert open_ones["questions"]
    assert (open_ones["who_may_apply"]["text"], open_ones["who_may_apply"]["only"]) == ("for your child", ["Under 16 years."])
    grown = await api.post(path, json={"answers": {"child_birth_date": "1990-01-01"}}, headers={"Accept-Language": "ru"})
    told = grown.json()["errors"][0]
    assert (grown.status_code, told["pointer"]) == (422, "/answers/child_birth_date")
    assert told["detail"].startswith("Ребёнку уже исполнилось 16 лет")
    wrong = await api.post(path, json={"answers": {"other_parent": "no such answer"}})
    assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (422, "/answers/other_parent")
    known = (await api.post(path, json={"answers": {"other_parent": "confirms_here"}})).json()
    assert [(each["applies"]) for each in known["cosigners"]] == ["yes"]
    assert known["answers"] == {"other_parent": "confirms_here"}

    case = (await start(api, aigerim, "passport-child"))["id"]
    await api.put(f"/api/applications/{case}/answers", json={"answers": known["answers"]}, headers=aigerim)
    own = (await api.get(f"/api/applications/{case}/needs", headers=aigerim)).json()
    assert [each["code"] for each in own["papers"]] == [each["code"] for each in known["papers"]]


async def test_an_officer_is_shown_a_name_that_an_earlier_case_has_otherwise_and_confirms_that_they_compared_it(
    api: httpx.AsyncClient, nurlan: Headers, tokens: TestTokens
) -> None:
    person = tokens.citizen("somebody-who-married")
    await submitted(api, person, RETURN)
    case = await submitted(api, person, RETURN, name="Айгерим Асанова")
    path = f"/api/officer/applications/{case}"

    async def warnings() -> dict[str, bool]:
        return {each["code"]: each["confirmed"] for each in (await api.get(path, headers=nurlan)).json()["warnings"]}

    assert await warnings() == {"name-identity": False, "name-record": False}
    own = (await api.get(f"/api/applications/{case}", headers=person)).json()["warnings"]
    assert [each["code"] for each in own] == ["name-identity"], "what earlier cases say is for officers"
    compared = {"pointer": "/answers/full_name", "code": "name-record"}
    assert (await api.post(f"{path}/warnings/confirmation", json=compared, headers=keyed(nurlan))).status_code == 200
    assert await warnings() == {"name-identity": False, "name-record": True}
    other = await api.post(f"{path}/warnings/confirmation", json=compared | {"code": "none"}, headers=keyed(nurlan))
    assert (other.status_code, other.json()["type"]) == (409, "/problems/no-such-warning")
