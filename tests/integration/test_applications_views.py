"""What the pages read from applications: the form in steps, answers and the status as people read them, what one may do."""

import httpx
import pytest

from services.applications.schema import CASES
from tests.integration.applications_client import (
    Headers,
    act,
    aigerim,
    api,
    approved,
    complete,
    database_of,
    gulnara,
    keyed,
    nurlan,
    start,
    submitted,
)
from tests.support.kept import set_in
from tests.support.places import Place
from tests.support.tokens import TestTokens
from tests.unit.applications.cases import ANSWERS, POWER, REGISTRATION, RETURN

pytestmark = pytest.mark.places_again

__all__ = ["aigerim", "api", "gulnara", "nurlan"]
ENGLISH = {"Accept-Language": "en"}


async def test_the_form_of_a_service_comes_in_pages_that_ask_for_each_field_once(api: httpx.AsyncClient) -> None:
    for service_id in (REGISTRATION, RETURN, POWER):
        service = (await api.get(f"/api/services/{service_id}", headers={"Accept-Language": "ru"})).json()
        asked = [key for step in service["steps"] for key in step["fields"]]
        assert sorted(asked) == sorted(field["key"] for field in service["fields"])
        assert service["steps"][0] == {"id": "name", "title": "Ваше имя", "fields": ["full_name", "full_name_latin"]}
    powers = next(field for field in service["fields"] if field["key"] == "powers")
    assert (powers["multiline"], powers["max_lines"]) == (True, 40)


async def test_answers_are_shown_again_with_their_labels_as_a_person_reads_them(api: httpx.AsyncClient, aigerim: Headers) -> None:
    path = f"/api/applications/{await complete(api, aigerim)}"
    seen = (await api.get(path, headers=aigerim | {"Accept-Language": "en"})).json()
    assert [answer["key"] for answer in seen["answer_texts"]] == list(ANSWERS[REGISTRATION])
    told = {answer["label"]: answer["text"] for answer in seen["answer_texts"]}
    assert (told["Date of birth"], told["Country of stay"], told["Kind of registration"]) == ("23.04.1990", "Russia", "Temporary")


async def test_a_draft_says_until_when_and_may_be_submitted_once_it_is_complete(api: httpx.AsyncClient, aigerim: Headers) -> None:
    path = f"/api/applications/{(await start(api, aigerim))['id']}"
    unfinished = (await api.get(path, headers=aigerim | ENGLISH)).json()
    assert unfinished["may"] == ["edit"]
    assert unfinished["until"].startswith("Hand it in before ")
    assert unfinished["due"] is None
    finished = (await api.get(f"/api/applications/{await complete(api, aigerim)}", headers=aigerim)).json()
    assert (finished["may"], finished["missing"]) == (["edit", "submit"], [])


async def test_a_case_tells_its_officers_in_their_words_what_each_may_do(
    api: httpx.AsyncClient, aigerim: Headers, nurlan: Headers, gulnara: Headers
) -> None:
    path = f"/api/officer/applications/{(case := await submitted(api, aigerim))}"
    waiting = (await api.get(path, headers=nurlan | ENGLISH)).json()
    assert (waiting["may"], waiting["why_not"]) == (["claim"], None)
    assert (waiting["applicant"], waiting["overdue"]) == (ANSWERS[REGISTRATION]["full_name"], False)
    assert "your" not in (waiting["what_happened"] + waiting["what_next"]).lower()
    assert waiting["until"].startswith("The answer is due by ")
    await act(api, nurlan, case, "claim")
    assert (await api.get(path, headers=nurlan | ENGLISH)).json()["held_by"]["text"] == "You"
    assert (await api.get(path, headers=gulnara | ENGLISH)).json()["held_by"]["text"] == "The officer who took it"
    await act(api, nurlan, case, "proposal", {"outcome": "approve"})
    first, second = [(await api.get(path, headers=who | ENGLISH)).json() for who in (nurlan, gulnara)]
    assert (first["may"], first["why_not"]) == (
        ["refer"],
        "Your role does not allow this. A deciding officer or the head of your post can do it.",
    )
    assert (second["may"], second["why_not"]) == (["decide", "send_back"], None)


async def test_who_took_a_case_reads_why_another_must_decide_in_their_language(
    api: httpx.AsyncClient, aigerim: Headers, gulnara: Headers
) -> None:
    case = await submitted(api, aigerim)
    await act(api, gulnara, case, "claim")
    await act(api, gulnara, case, "proposal", {"outcome": "approve"})
    seen = (await api.get(f"/api/officer/applications/{case}", headers=gulnara | {"Accept-Language": "ru"})).json()
    assert seen["may"] == ["refer"]
    assert "другой сотрудник" in seen["why_not"].lower()


async def test_a_case_brings_the_reasons_of_the_version_it_runs_on(
    api: httpx.AsyncClient, aigerim: Headers, nurlan: Headers
) -> None:
    seen = (await api.get(f"/api/officer/applications/{await submitted(api, aigerim)}", headers=nurlan | ENGLISH)).json()
    assert [(reason["code"], reason["illustrative"]) for reason in seen["refusal_reasons"]] == [
        ("card-missing-or-wrong", False),
        ("attachment-unreadable", True),
    ]
    assert seen["send_back_notes"][1]["text"] == "The proposal needs another look."


async def test_an_officer_is_shown_how_the_number_of_a_blank_is_written(
    api: httpx.AsyncClient, aigerim: Headers, nurlan: Headers, gulnara: Headers
) -> None:
    case = await approved(api, (aigerim, nurlan, gulnara), RETURN)
    seen = (await api.get(f"/api/officer/applications/{case}", headers=nurlan)).json()
    assert seen["blank_example"] == "СВ-0012345"
    wrong = await act(api, nurlan | ENGLISH, case, "blank", {"blank_number": "0012345"})
    assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (422, "/blank_number")
    assert "СВ-0012345" in wrong.json()["errors"][0]["detail"]
    digital = (await api.get(f"/api/officer/applications/{await submitted(api, aigerim)}", headers=nurlan)).json()
    assert digital["blank_example"] is None


async def test_the_journal_of_a_post_gives_reasons_in_words(
    api: httpx.AsyncClient, aigerim: Headers, nurlan: Headers, gulnara: Headers
) -> None:
    case = await submitted(api, aigerim)
    refusal = {"outcome": "refuse", "reason": "card-missing-or-wrong"}
    await act(api, nurlan, case, "claim")
    await act(api, nurlan, case, "proposal", refusal)
    await act(api, gulnara, case, "decision", {"outcome": "send_back", "reason": "proposal-needs-another-look"})
    await act(api, nurlan, case, "proposal", refusal)
    await act(api, gulnara, case, "decision", refusal)
    entries = (await api.get(f"/api/officer/applications/{case}/journal", headers=nurlan | ENGLISH)).json()["entries"]
    wrong, again = "The registration card is missing or wrongly filled.", "The proposal needs another look."
    assert [line["reason_text"] for line in entries[4:]] == [None, wrong, again, wrong, wrong]


async def test_a_second_officer_cannot_decide_what_was_not_proposed(
    api: httpx.AsyncClient, aigerim: Headers, nurlan: Headers, gulnara: Headers
) -> None:
    case = await submitted(api, aigerim)
    await act(api, nurlan, case, "claim")
    await act(api, nurlan, case, "proposal", {"outcome": "refuse", "reason": "card-missing-or-wrong"})
    other = await act(api, gulnara | ENGLISH, case, "decision", {"outcome": "approve"})
    assert (other.status_code, other.json()["type"]) == (409, "/problems/decision-differs-from-proposal")
    assert other.json()["detail"] == "Your colleague proposed otherwise. Send the case back with a note."


async def test_deciding_on_a_withdrawn_case_says_that_the_citizen_took_it_back(
    api: httpx.AsyncClient, aigerim: Headers, nurlan: Headers, gulnara: Headers
) -> None:
    case = await submitted(api, aigerim)
    await act(api, nurlan, case, "claim")
    await act(api, nurlan, case, "proposal", {"outcome": "approve"})
    await api.post(f"/api/applications/{case}/withdrawal", headers=keyed(aigerim))
    late = await act(api, gulnara | ENGLISH, case, "decision", {"outcome": "approve"})
    assert (late.status_code, late.json()["type"]) == (409, "/problems/application-withdrawn")
    assert late.json()["detail"].startswith("The citizen took this application back.")


async def test_a_case_that_was_given_back_can_be_taken_by_another(
    api: httpx.AsyncClient, aigerim: Headers, nurlan: Headers, gulnara: Headers
) -> None:
    path = f"/api/officer/applications/{(case := await submitted(api, aigerim))}"
    await act(api, nurlan, case, "claim")
    assert (await api.get(path, headers=nurlan)).json()["may"] == ["propose", "release"]
    assert (await act(api, gulnara, case, "release")).status_code == 403
    assert (await act(api, nurlan, case, "release")).json()["status"] == "submitted"
    seen = (await api.get(path, headers=gulnara)).json()
    assert (seen["may"], seen["claimed_by_you"]) == (["claim"], False)
    journal = (await api.get(f"{path}/journal", headers=nurlan)).json()["entries"]
    assert (journal[-1]["action"], journal[-1]["event_ids"]) == ("application:release", [])
    assert (await act(api, gulnara, case, "claim")).status_code == 200


async def test_an_answer_that_is_late_says_so_to_both_sides(
    api: httpx.AsyncClient, aigerim: Headers, nurlan: Headers, place: Place
) -> None:
    case = await submitted(api, aigerim)
    async with database_of(place) as db:
        await set_in(db, CASES, case, {"due_on": "2026-01-05"})
    citizen = (await api.get(f"/api/applications/{case}", headers=aigerim | ENGLISH)).json()
    officer = (await api.get(f"/api/officer/applications/{case}", headers=nurlan | ENGLISH)).json()
    assert citizen["until"].startswith("The answer was due on January 5, 2026 and is late.")
    assert (officer["until"], officer["overdue"]) == ("The answer was due on January 5, 2026. It is late.", True)


async def test_a_visit_names_the_post_to_come_to(
    api: httpx.AsyncClient, aigerim: Headers, nurlan: Headers, gulnara: Headers, tokens: TestTokens
) -> None:
    case = await approved(api, (aigerim, nurlan, gulnara), POWER)
    citizen = (await api.get(f"/api/applications/{case}", headers=aigerim | ENGLISH)).json()
    assert "Consulate General of the Kyrgyz Republic in Yekaterinburg" in citizen["what_next"]
    assert citizen["held_by"]["post"]["id"] == "yek"
    head = tokens.officer("bakyt", "head")
    officer = (await api.get(f"/api/officer/applications/{case}", headers=head | ENGLISH)).json()
    assert (officer["may"], officer["status_text"]) == (["identity_check"], "Approved, waiting for the citizen's visit")
