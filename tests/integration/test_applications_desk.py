"""The queue at work: what is next, claims that end, giving a case to an officer, likely duplicates, and a post that closes."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from services.applications.catalogue import the_catalogue
from services.applications.queue import desks, queries
from services.applications.queue.claims import CLAIMS
from services.applications.queue.desks import DESKS
from services.applications.queue.queries import next_cases
from services.applications.schema import CASES
from shared.actors import Officer
from shared.mongo.database import Db
from tests.integration.applications_client import (
    Headers,
    act,
    aigerim,
    api,
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
from tests.support.serving import eventually
from tests.support.tokens import TestTokens
from tests.unit.applications.cases import ANSWERS, REGISTRATION

pytestmark = pytest.mark.places_again

__all__ = ["aigerim", "api", "gulnara", "nurlan"]
NEXT = "/api/officer/next-application"


async def take(api: httpx.AsyncClient, who: Headers, **body: str) -> httpx.Response:
    return await api.post(NEXT, json=body, headers=keyed(who))


async def journal_of(db: Db, case: str) -> list[str]:
    rows = await db.journal.find({"application_id": case}).sort("sequence", 1).to_list()
    return [row["action"].partition(":")[2] for row in rows]


async def desk(api: httpx.AsyncClient, who: Headers, case: str) -> dict[str, Any]:
    answer = await api.get(f"/api/officer/applications/{case}/desk", headers=who | {"Accept-Language": "en"})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def submitted_with(api: httpx.AsyncClient, who: Headers, *, pin: str) -> str:
    """A PIN that does not fit the date of birth: something to compare."""
    case = await complete(api, who)
    answers = ANSWERS[REGISTRATION] | {"pin": pin}
    assert (await api.put(f"/api/applications/{case}/answers", json={"answers": answers}, headers=who)).status_code == 200
    assert (await api.post(f"/api/applications/{case}/submission", headers=keyed(who))).status_code == 200
    return case


async def test_next_gives_what_is_due_first_and_each_who_asks_another_one_until_nothing_is_left(
    api: httpx.AsyncClient, aigerim: Headers, nurlan: Headers, gulnara: Headers, place: Place
) -> None:
    cases = [await submitted(api, aigerim) for _ in range(4)]
    keys = ("12026-12-04", "12026-12-01", "02026-12-09", "12026-12-02")  # the third is urgent
    async with database_of(place) as db:
        for case, key in zip(cases, keys, strict=True):
            await set_in(db, CASES, case, {"turn": {"key": key, "urgent": key[0] == "0"}})
    listed = (await api.get("/api/officer/applications", params={"sort": "next"}, headers=nurlan)).json()["applications"]
    assert [row["id"] for row in listed] == [cases[number] for number in (2, 1, 3, 0)]
    first = (await take(api, nurlan)).json()
    assert first["id"] == cases[2]
    rest = await asyncio.gather(take(api, nurlan), take(api, gulnara), take(api, gulnara))
    assert {answer.json()["id"] for answer in rest} == set(cases) - {cases[2]}
    nothing = await take(api, nurlan)
    assert (nothing.status_code, nothing.json()["type"]) == (409, "/problems/nothing-to-take")


async def test_a_repeated_request_for_what_is_next_gets_the_case_it_took(
    api: httpx.AsyncClient, aigerim: Headers, nurlan: Headers
) -> None:
    case = await submitted(api, aigerim)
    headers = keyed(nurlan)
    first, again = [await api.post(NEXT, json={}, headers=headers) for _ in range(2)]
    assert (first.json()["id"], again.json()) == (case, first.json())


async def test_who_gave_a_case_back_is_not_given_it_again_and_others_are(
    api: httpx.AsyncClient, aigerim: Headers, nurlan: Headers, gulnara: Headers
) -> None:
    case = await submitted(api, aigerim)
    await take(api, nurlan)
    assert (await act(api, nurlan, case, "release")).status_code == 200
    assert (await take(api, nurlan)).status_code == 409
    assert (await take(api, gulnara)).json()["id"] == case


async def test_what_all_gave_back_is_shown_to_the_head_and_offered_to_them_again_after_a_while(
    api: httpx.AsyncClient, aigerim: Headers, nurlan: Headers, tokens: TestTokens, place: Place
) -> None:
    head = tokens.officer("cholpon", "head")
    case = await submitted(api, aigerim)
    await take(api, nurlan)
    assert (await api.get("/api/officer/given-back", headers=head)).json()["applications"] == []
    assert (await act(api, nurlan, case, "release")).status_code == 200
    (shown,) = (await api.get("/api/officer/given-back", headers=head)).json()["applications"]
    assert (shown["id"], shown["times"]) == (case, 1)
    assert (await api.get("/api/officer/given-back", headers=nurlan)).status_code == 403
    again = datetime.fromisoformat(shown["offered_again_at"])
    officer = Officer.of_post("nurlan", "yek", {"intake"})
    async with database_of(place) as db:
        assert await next_cases(db, officer, None, again - timedelta(seconds=1)) == []
        assert await next_cases(db, officer, None, again) == [case]


async def test_a_claim_on_which_nobody_works_ends_and_one_that_was_looked_at_lasts_longer(
    api: httpx.AsyncClient, aigerim: Headers, nurlan: Headers, place: Place
) -> None:
    left, looked_at = [await submitted(api, aigerim) for _ in range(2)]
    for case in (left, looked_at):
        assert (await act(api, nurlan, case, "claim")).status_code == 200
    assert (await desk(api, nurlan, left))["taken_until"] is not None
    async with database_of(place) as db:
        long_ago = timedelta(days=4)
        for row in await db[CLAIMS].find({}).to_list():
            await db[CLAIMS].update_one({"_id": row["_id"]}, {"$set": {"until": row["until"] - long_ago}})
        await api.get(f"/api/officer/applications/{looked_at}", headers=nurlan)
        for job in await db.jobs.find({"kind": "return_claim"}).to_list():
            await db.jobs.update_one({"_id": job["_id"]}, {"$set": {"due_at": job["due_at"] - long_ago}})

        async def ended() -> bool:
            return "claim_ran_out" in await journal_of(db, left)

        await eventually(ended, every_s=0.2)
        assert await journal_of(db, looked_at) == [*(await journal_of(db, left))[:-1]]
        states = {row["_id"]: (row["status"], row["claimed_by"]) for row in await db.applications.find({}).to_list()}
        assert (states[left], states[looked_at]) == (("submitted", None), ("in_review", "nurlan"))
        assert await db[CLAIMS].count_documents({}) == 1
    late = await act(api, nurlan, left, "proposal", {"outcome": "approve"})
    assert late.status_code == 409


async def test_the_head_gives_a_case_to_an_officer_of_the_list_whoever_had_it(
    api: httpx.AsyncClient, aigerim: Headers, nurlan: Headers, tokens: TestTokens, place: Place
) -> None:
    head = tokens.officer("cholpon", "head")
    case = await submitted(api, aigerim)
    await act(api, nurlan, case, "claim")
    unknown = await act(api, head, case, "assignment", {"officer_id": "gulnara"})
    assert (unknown.status_code, unknown.json()["type"]) == (404, "/problems/no-such-desk")
    listed = await api.put("/api/officer/desks/gulnara", json={"skills": []}, headers=head)
    assert listed.status_code == 200, listed.text
    assert (await desk(api, head | {"Eshik-Access-Reason": "supervision"}, case))["colleagues"] == ["gulnara"]
    assert (await act(api, nurlan, case, "assignment", {"officer_id": "gulnara"})).status_code == 403
    assert (await act(api, head, case, "assignment", {"officer_id": "gulnara"})).status_code == 200
    desks = (await api.get("/api/officer/desks", headers=head)).json()["desks"]
    assert [(row["officer_id"], row["claimed"], row["overdue"]) for row in desks] == [("gulnara", 1, 0)]
    assert (await act(api, nurlan, case, "proposal", {"outcome": "approve"})).status_code == 403
    async with database_of(place) as db:
        assert (await journal_of(db, case))[-2:] == ["claim", "assign"]
        assert await db[DESKS].count_documents({}) == 1


async def test_what_asks_for_a_skill_is_next_for_who_has_it_and_given_to_another_only_where_the_head_confirms_it(
    api: httpx.AsyncClient,
    aigerim: Headers,
    nurlan: Headers,
    tokens: TestTokens,
    place: Place,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    head, skill = tokens.officer("cholpon", "head"), "citizenship-law"
    definition = the_catalogue().service(REGISTRATION)
    asks = definition.model_copy(update={"skills": (skill,)})
    versions = {**the_catalogue().versions, (definition.id, definition.version): asks}
    catalogue = replace(the_catalogue(), versions=versions)
    for module in (desks, queries):
        monkeypatch.setattr(module, "the_catalogue", lambda: catalogue)
    case = await submitted(api, aigerim)
    for who in ("gulnara", "nurlan"):
        assert (await api.put(f"/api/officer/desks/{who}", json={"skills": []}, headers=head)).status_code == 200
    assert (await api.put("/api/officer/desks/ermek", json={"skills": [skill]}, headers=head)).status_code == 200
    unknown = await api.put("/api/officer/desks/nurlan", json={"skills": ["juggling"]}, headers=head)
    assert (unknown.status_code, unknown.json()["type"]) == (409, "/problems/unknown-skill")
    nothing = await take(api, nurlan)
    assert (nothing.status_code, nothing.json().get("id")) != (200, case), "they lack what it asks for"

    refused = await act(api, head, case, "assignment", {"officer_id": "gulnara"})
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/lacks-skill")
    assert (await act(api, head, case, "assignment", {"officer_id": "gulnara", "despite_skills": True})).status_code == 200
    reasoned = head | {"Eshik-Access-Reason": "supervision", "Accept-Language": "en"}
    lines = (await api.get(f"/api/officer/applications/{case}/journal", headers=reasoned)).json()["entries"]
    confirmed = next(line for line in lines if line["action"] == "application:assign")
    assert (confirmed["actor_id"], confirmed["reason"]) == ("cholpon", "despite-skills")
    assert confirmed["reason_text"].endswith("the head of the post confirmed it.")

    other = await submitted(api, tokens.citizen("bermet"))
    assert (await api.put("/api/officer/desks/nurlan", json={"skills": [skill]}, headers=head)).status_code == 200
    assert (await take(api, nurlan)).json()["id"] == other


async def test_notarial_acts_go_to_who_is_marked_and_to_anybody_where_nobody_is_of_which_the_head_is_told(
    api: httpx.AsyncClient, nurlan: Headers, tokens: TestTokens, place: Place
) -> None:
    head, service = tokens.officer("cholpon", "head") | {"Accept-Language": "en"}, the_catalogue().service("power-of-attorney")
    assert service.skills == the_catalogue().service("minor-travel-consent").skills == ("notarial",)
    async with database_of(place) as db:

        async def offered() -> bool:
            officer = Officer.of_post("nurlan", "yek", {"intake"})
            return service.id not in await desks.left_to_others(db, "yek", officer.id)

        async def known() -> list[tuple[str, str, int]]:
            listed = (await api.get("/api/officer/desks", headers=head)).json()["known"]
            return [(each["code"], each["text"], each["held"]) for each in listed]

        assert (await offered(), await known()) == (True, [("notarial", "Notarial acts", 0)])
        await api.put("/api/officer/desks/gulnara", json={"skills": ["notarial"]}, headers=head)
        assert (await offered(), await known()) == (False, [("notarial", "Notarial acts", 1)])
        await api.put("/api/officer/desks/nurlan", json={"skills": ["notarial"]}, headers=head)
        assert (await offered(), await known()) == (True, [("notarial", "Notarial acts", 2)])


async def test_another_open_case_of_the_same_person_or_pin_is_shown_as_a_likely_duplicate(
    api: httpx.AsyncClient, aigerim: Headers, nurlan: Headers, tokens: TestTokens
) -> None:
    other = tokens.citizen("baktygul")
    case, same_person = await submitted_with(api, aigerim, pin="12903199100015"), await submitted(api, aigerim)
    same_pin, _not_the_same = await submitted_with(api, other, pin="12903199100015"), await submitted(api, other)
    found = await desk(api, nurlan, case)
    assert {row["id"]: row["why"] for row in found["duplicates"]} == {same_person: "same-service", same_pin: "same-pin"}
    assert (found["ready_to_decide"], [row["code"] for row in found["missing"]], found["urgent"]) == (False, ["warnings"], False)
    assert (await desk(api, nurlan, same_person))["ready_to_decide"] is True
    await api.post(f"/api/applications/{same_person}/withdrawal", headers=keyed(aigerim))
    assert [row["id"] for row in (await desk(api, nurlan, case))["duplicates"]] == [same_pin]


async def test_a_closed_post_takes_nothing_and_what_lay_there_goes_on_elsewhere_with_its_day_and_is_told_once(
    api: httpx.AsyncClient, aigerim: Headers, nurlan: Headers, tokens: TestTokens, place: Place
) -> None:
    head = tokens.officer("cholpon", "head")
    cases = [await submitted(api, aigerim) for _ in range(3)]
    draft = (await start(api, aigerim))["id"]
    await act(api, nurlan, cases[0], "claim")
    await act(api, nurlan, cases[1], "claim")
    await act(api, nurlan, cases[1], "proposal", {"outcome": "approve"})
    path, body = "/api/officer/posts/yek/closure", {"reason": "emergency", "targets": ["mow"]}
    assert (await api.post(path, json=body, headers=keyed(nurlan))).status_code == 403
    assert (await api.post(path, json=body | {"targets": ["yek"]}, headers=keyed(head))).status_code == 422
    async with database_of(place) as db:
        due = {row["_id"]: row["due_on"] for row in await db.applications.find({}).to_list()}
        assert (await api.post(path, json=body, headers=keyed(head))).status_code == 201
        assert (await api.post(path, json=body, headers=keyed(head))).status_code == 409

        async def moved() -> bool:
            return await db.applications.count_documents({"post_id": "mow"}) == 4

        await eventually(moved, every_s=0.2)
        rows = await db.applications.find({}).to_list()
        assert {row["_id"]: row["due_on"] for row in rows} == due
        assert {row["_id"]: (row["status"], row["claimed_by"], row["proposal"]) for row in rows} == {
            **dict.fromkeys(cases, ("submitted", None, None)),
            draft: ("draft", None, None),
        }
        assert (await journal_of(db, cases[1]))[-1] == "move_to_queue"
        told = await db.published_events.count_documents({"type": "application.moved.v1"})
        assert told == 4
    refused = await api.post(
        "/api/applications", json={"service_id": "return-certificate", "post_id": "yek"}, headers=keyed(aigerim)
    )
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/post-is-closed")
    listed = {each["id"]: each for each in (await api.get("/api/posts", headers=aigerim)).json()["posts"]}
    assert (listed["yek"]["takes_applications"], [each["id"] for each in listed["yek"]["closed"]["serves"]]) == (False, ["mow"])
    assert (listed["mow"]["takes_applications"], listed["mow"]["closed"]) == (True, None)
    there = tokens.officer("ermek", "intake", post="mow")
    assert (await take(api, there)).json()["id"] in cases
    assert (await api.post("/api/officer/posts/yek/reopening", headers=keyed(head))).json()["closed"] is False
    await start(api, aigerim)
