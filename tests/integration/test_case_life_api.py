"""The later life of a case over HTTP: what is asked, written, held, corrected and annulled, and what its citizen sees of it."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from services.applications.app import create_app
from services.applications.catalogue import the_catalogue
from services.applications.domain.queue_acts import move
from services.applications.repository import Applications
from services.applications.use_cases.life.answer_request import EndRequest, end_request
from services.applications.use_cases.mark_ready import MarkReady, mark_ready
from services.applications.use_cases.note_issue_problem import NoteIssueProblem, note_issue_problem
from shared.mongo.database import Db
from shared.mongo.transactions import UnitOfWork
from tests.integration.applications_client import (
    PNG,
    Headers,
    act,
    aigerim,
    approved,
    database_of,
    gulnara,
    keyed,
    nurlan,
    submitted,
)
from tests.support.places import Place
from tests.support.serving import eventually, serving
from tests.support.tokens import TestTokens
from tests.unit.applications.cases import REGISTRATION

pytestmark = pytest.mark.places_again

__all__ = ["aigerim", "gulnara", "nurlan"]
LISTED = "/api/officer/applications?unanswered=true"
MARKS = [
    {"pointer": "/answers/address_abroad", "note": "other", "text": "Үйдүн номери жок"},
    {"pointer": "/attachment", "note": "unreadable"},
]


@pytest.fixture
def app(place: Place) -> FastAPI:
    return create_app(place.settings())


@pytest.fixture
async def api(app: FastAPI, tokens: TestTokens) -> AsyncIterator[httpx.AsyncClient]:
    async with serving(app, tokens) as client:
        yield client


@pytest.fixture
def bakyt(tokens: TestTokens) -> Headers:
    return tokens.officer("bakyt", "head")


async def asked(api: httpx.AsyncClient, citizen: Headers, officer: Headers) -> str:
    """A case whose citizen is asked to change an answer and the paper."""
    case = await submitted(api, citizen)
    assert (await act(api, officer, case, "claim")).status_code == 200
    answer = await act(api, officer, case, "papers-request", {"marks": MARKS})
    assert (answer.status_code, answer.json()["status"]) == (200, "papers_requested"), answer.text
    return case


async def life(api: httpx.AsyncClient, who: Headers, case: str, side: str = "applications") -> dict[str, Any]:
    answer = await api.get(f"/api/{side}/{case}/life", headers=who)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def ready(app: FastAPI, api: httpx.AsyncClient, people: tuple[Headers, Headers, Headers]) -> str:
    case = await approved(api, people, REGISTRATION)
    await app.state.runtime.transactions.run(mark_ready, MarkReady(case, "d1", 1))
    return case


async def test_a_citizen_changes_what_was_marked_and_nothing_else_and_the_same_officer_goes_on(
    api: httpx.AsyncClient, aigerim: Headers, nurlan: Headers
) -> None:
    case = await asked(api, aigerim, nurlan)
    path = f"/api/applications/{case}"
    shown = (await life(api, aigerim, case))["asked"]
    assert [(mark["pointer"], mark["text"], mark["changed"]) for mark in shown["marks"]] == [
        ("/answers/address_abroad", "Үйдүн номери жок", False),
        ("/attachment", "", False),
    ]
    foreign = await api.put(f"{path}/asked-answers", json={"answers": {"full_name": "Башка Киши"}}, headers=aigerim)
    assert foreign.status_code == 422
    assert [error["pointer"] for error in foreign.json()["errors"]] == ["/answers/full_name"]
    new = {"answers": {"address_abroad": "Екатеринбург, көчө Мира 1, 7-үй"}}
    assert (await api.put(f"{path}/asked-answers", json=new, headers=aigerim)).status_code == 200
    file = await api.put(f"{path}/attachment", content=PNG, headers=aigerim | {"Content-Type": "image/png"})
    assert file.status_code == 200, file.text
    again = await api.post(f"{path}/resubmission", headers=keyed(aigerim))
    assert (again.status_code, again.json()["status"]) == (200, "in_review"), again.text
    seen = await life(api, nurlan, case, "officer/applications")
    assert [mark["changed"] for mark in seen["asked"]["marks"]] == [True, True]
    assert (await act(api, nurlan, case, "proposal", {"outcome": "approve"})).status_code == 200


async def test_what_is_handed_in_again_as_it_was_is_refused_but_where_its_citizen_writes_why(
    api: httpx.AsyncClient, aigerim: Headers, nurlan: Headers
) -> None:
    case = await asked(api, aigerim, nurlan)
    path = f"/api/applications/{case}/resubmission"
    unchanged = await api.post(path, headers=keyed(aigerim))
    assert (unchanged.status_code, unchanged.json()["type"]) == (422, "/problems/nothing-changed"), unchanged.text
    assert [error["pointer"] for error in unchanged.json()["errors"]] == ["/answers/address_abroad", "/attachment"]
    assert (await api.post(path, json={"note": " "}, headers=keyed(aigerim))).status_code == 422
    key = keyed(aigerim)
    for _ in range(2):
        again = await api.post(path, json={"note": "Үйдүн номери жок көчө"}, headers=key)
        assert (again.status_code, again.json()["status"]) == (200, "in_review"), again.text
    assert [one["text"] for one in (await life(api, nurlan, case, "officer/applications"))["messages"]] == [
        "Үйдүн номери жок көчө"
    ]


async def test_what_officers_write_beside_a_mark_lies_sealed(
    api: httpx.AsyncClient, aigerim: Headers, nurlan: Headers, place: Place
) -> None:
    case = await asked(api, aigerim, nurlan)
    await act(api, nurlan, case, "messages", {"text": "Жаңы сүрөт керек"})
    async with database_of(place) as db:
        rows = [await db.applications.find_one({"_id": case}), await db.messages_of_cases.find_one({"application_id": case})]
    assert "Үйдүн" not in str(rows)
    assert "Жаңы" not in str(rows)


async def test_a_question_that_its_citizen_does_not_answer_goes_back_to_the_officer_once(
    app: FastAPI, api: httpx.AsyncClient, aigerim: Headers, nurlan: Headers
) -> None:
    case = await asked(api, aigerim, nurlan)
    version = (await life(api, aigerim, case))["version"]
    for _ in range(2):
        await app.state.runtime.transactions.run(end_request, EndRequest(case, version))
    read = (await api.get(f"/api/officer/applications/{case}", headers=nurlan)).json()
    assert (read["status"], read["version"]) == ("in_review", version + 1)
    late = await api.post(f"/api/applications/{case}/resubmission", headers=keyed(aigerim))
    assert (late.status_code, late.json()["type"].rpartition("/")[2]) == (409, "nothing-asked")


async def test_a_mark_of_something_that_is_not_in_the_form_is_refused_by_its_place(
    api: httpx.AsyncClient, aigerim: Headers, nurlan: Headers
) -> None:
    case = await submitted(api, aigerim)
    await act(api, nurlan, case, "claim")
    marks = [MARKS[1], {"pointer": "/answers/nothing", "note": "missing"}]
    answer = await act(api, nurlan, case, "papers-request", {"marks": marks})
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/marks/1"]


async def test_citizen_and_post_write_to_each_other_and_a_stranger_reads_nothing(
    api: httpx.AsyncClient, aigerim: Headers, nurlan: Headers, tokens: TestTokens
) -> None:
    case = await submitted(api, aigerim)
    wrote = await api.post(f"/api/applications/{case}/messages", json={"text": "Качан даяр болот?"}, headers=keyed(aigerim))
    assert wrote.status_code == 201, wrote.text
    assert (await life(api, nurlan, case, "officer/applications"))["unanswered_since"]
    for who, listed in ((nurlan, [case]), (tokens.officer("ermek", "intake", post="mow"), [])):
        rows = (await api.get("/api/officer/applications", params={"unanswered": True}, headers=who)).json()["applications"]
        assert [row["id"] for row in rows if row["unanswered_since"]] == listed
    counts = (await api.get("/api/officer/counts", headers=nurlan)).json()
    assert (counts["unanswered"], counts["unanswered_since"]) == (1, rows_since(await api.get(LISTED, headers=nurlan)))
    assert (await act(api, nurlan, case, "messages", {"text": "Эртең"})).status_code == 201
    told = await life(api, aigerim, case)
    assert [(one["written_by"], one["text"]) for one in told["messages"]] == [("citizen", "Качан даяр болот?"), ("post", "Эртең")]
    assert (await life(api, nurlan, case, "officer/applications"))["unanswered_since"] is None
    stranger = await api.get(f"/api/applications/{case}/life", headers=tokens.citizen("timur"))
    assert stranger.status_code == 404


def rows_since(answer: httpx.Response) -> str:
    return str(answer.json()["applications"][0]["unanswered_since"])


async def held(api: httpx.AsyncClient, who: Headers, case: str, kind: str = "passport") -> dict[str, str]:
    kept = await act(api, who, case, "originals", {"kind": kind, "kept_where": "сейф 2"})
    assert kept.status_code == 201, kept.text
    return {"application_id": case, "original_id": kept.json()["id"]}


async def test_the_post_a_pouch_was_sent_to_says_what_was_in_it_and_both_see_what_is_missing_until_it_comes(
    api: httpx.AsyncClient, aigerim: Headers, nurlan: Headers, tokens: TestTokens
) -> None:
    there = tokens.officer("ermek", "intake", post="mow")
    items = [await held(api, nurlan, await submitted(api, aigerim)) for _ in range(2)]
    papers = (await api.get("/api/officer/pouches/papers", headers=nurlan)).json()["papers"]
    assert {each["original_id"] for each in papers} == {each["original_id"] for each in items}
    sent = await api.post("/api/officer/pouches", json={"to": "mow", "seal": "21", "items": items}, headers=keyed(nurlan))
    assert sent.status_code == 201, sent.text
    pouch = f"/api/officer/pouches/{sent.json()['id']}"
    coming = (await api.get("/api/officer/pouches", params={"coming": True}, headers=there)).json()["pouches"]
    assert [(each["seal"], each["items"], each["missing"]) for each in coming] == [("21", 2, 0)]
    first, second = (each["original_id"] for each in items)
    opened = await api.post(f"{pouch}/arrival", json={"found": [first]}, headers=keyed(there))
    assert (opened.status_code, opened.json()["missing"]) == (200, 1), opened.text
    for who in (nurlan, there):
        contents = (await api.get(pouch, headers=who)).json()["contents"]
        assert {each["original_id"]: each["state"] for each in contents} == {first: "arrived", second: "missing"}
    again = await api.post(f"{pouch}/arrival", json={"found": [first]}, headers=keyed(there))
    assert again.status_code == 404
    lies_there = (await api.get("/api/officer/pouches/papers", headers=there)).json()["papers"]
    assert [each["original_id"] for each in lies_there] == [first]
    later = await api.post(f"{pouch}/arrival", json={"found": [second]}, headers=keyed(there))
    assert (later.status_code, later.json()["missing"]) == (200, 0)
    stranger = await api.get(pouch, headers=tokens.officer("asel", "intake", post="ast"))
    assert stranger.status_code == 404


async def test_a_department_of_the_ministry_finds_what_it_was_asked_in_its_inbox_and_its_answer_goes_back_to_the_post(
    api: httpx.AsyncClient, aigerim: Headers, nurlan: Headers, tokens: TestTokens
) -> None:
    ministry = tokens.officer("jyldyz", "ministry", post="min")
    case = await submitted(api, aigerim)
    await act(api, nurlan, case, "claim")
    assert (await act(api, nurlan, case, "body-request", {"body": "consular-department"})).status_code == 200
    listed = (await api.get("/api/officer/inboxes", headers=ministry)).json()["inboxes"]
    assert [(each["id"], each["waiting"]) for each in listed if each["yours"] and each["waiting"]] == [("consular-department", 1)]
    inbox = (await api.get("/api/officer/inboxes/consular-department", headers=ministry)).json()
    assert [each["application_id"] for each in inbox["awaited"]] == [case]
    assert (await act(api, ministry, case, "body-answer", {"answer": "of-no-list"})).status_code == 422
    assert (await act(api, ministry, case, "body-answer", {"answer": "agrees"})).json()["status"] == "in_review"
    asked = (await life(api, nurlan | {"Accept-Language": "en"}, case, "officer/applications"))["body"]
    assert asked["answer"] == "It confirms what was asked."
    assert (await api.get("/api/officer/inboxes/consular-department", headers=nurlan)).json()["awaited"] == []


async def test_an_original_is_taken_in_travels_with_the_pouch_and_is_given_back_once(
    api: httpx.AsyncClient, aigerim: Headers, nurlan: Headers
) -> None:
    case = await submitted(api, aigerim)
    kept = await act(api, nurlan, case, "originals", {"kind": "passport", "kept_where": "сейф 2"})
    assert kept.status_code == 201, kept.text
    original = kept.json()["id"]
    items = [{"application_id": case, "original_id": original}]
    sent = await api.post(
        "/api/officer/pouches", json={"to": "civil-status-office", "seal": "17", "items": items}, headers=keyed(nurlan)
    )
    assert sent.status_code == 201, sent.text
    assert [one["state"] for one in (await life(api, aigerim, case))["originals"]] == ["travelling"]
    assert (await act(api, nurlan, case, f"originals/{original}/return")).status_code == 409
    for expected in (200, 409):
        arrived = await api.post(f"/api/officer/pouches/{sent.json()['id']}/arrival", headers=keyed(nurlan))
        assert arrived.status_code == expected, arrived.text
    for expected in (200, 409):
        assert (await act(api, nurlan, case, f"originals/{original}/return")).status_code == expected
    assert [one["state"] for one in (await life(api, aigerim, case))["originals"]] == ["returned"]


async def test_a_pouch_of_a_case_that_moved_to_another_post_meanwhile_arrives_and_its_original_is_given_back_there(
    app: FastAPI, api: httpx.AsyncClient, aigerim: Headers, nurlan: Headers, tokens: TestTokens
) -> None:
    case = await submitted(api, aigerim)
    original = (await act(api, nurlan, case, "originals", {"kind": "passport", "kept_where": "сейф 2"})).json()["id"]
    carried = {"to": "civil-status-office", "seal": "18", "items": [{"application_id": case, "original_id": original}]}
    pouch = (await api.post("/api/officer/pouches", json=carried, headers=keyed(nurlan))).json()["id"]
    await app.state.runtime.transactions.run(moved_away, case)
    there = tokens.officer("ermek", "intake", post="mow")
    assert (await api.post(f"/api/officer/pouches/{pouch}/arrival", headers=keyed(there))).status_code == 404
    assert (await api.post(f"/api/officer/pouches/{pouch}/arrival", headers=keyed(nurlan))).status_code == 200
    assert (await act(api, there, case, f"originals/{original}/return")).status_code == 200


async def moved_away(case: str, uow: UnitOfWork) -> None:
    applications = Applications(uow)
    application = await applications.get(case)
    await applications.save(application, move(application, the_catalogue().post("mow"), closure="yek:1", at=uow.at))


async def test_another_body_is_asked_and_the_review_goes_on_with_its_answer(
    api: httpx.AsyncClient, aigerim: Headers, nurlan: Headers, gulnara: Headers
) -> None:
    case = await submitted(api, aigerim)
    await act(api, nurlan, case, "claim")
    assert (await act(api, nurlan, case, "body-request", {"body": "nobody"})).status_code == 422
    assert (await act(api, nurlan, case, "body-request", {"body": "civil-status-office"})).json()["status"] == "with_another_body"
    assert (await life(api, aigerim, case))["body"]["answered_at"] is None
    assert (await act(api, gulnara, case, "body-answer")).json()["status"] == "in_review"
    assert (await life(api, aigerim, case))["body"]["answered_at"]


async def test_a_refusal_says_its_ground_and_how_and_until_when_to_appeal(
    api: httpx.AsyncClient, aigerim: Headers, nurlan: Headers, gulnara: Headers
) -> None:
    case = await submitted(api, aigerim)
    await act(api, nurlan, case, "claim")
    refusal = {"outcome": "refuse", "reason": "card-missing-or-wrong"}
    await act(api, nurlan, case, "proposal", refusal)
    assert (await act(api, gulnara, case, "decision", refusal)).status_code == 200
    appeal = (await life(api, aigerim | {"Accept-Language": "en"}, case))["appeal"]
    assert appeal["ground"]
    assert appeal["article"] == "Consular registration: Decree No. 632 of 25 November 2019"
    assert appeal["until"]
    assert "head of the consular post" in appeal["how"]


async def followed(db: Db, case: str, **state: str) -> None:
    """It is at the post that took over."""

    async def there() -> bool:
        return await db.applications.count_documents({"_id": case, "post_id": "mow", **state}) == 1

    await eventually(there, every_s=0.2)


async def test_what_is_corrected_at_a_closed_post_goes_on_at_the_one_that_follows_it(
    app: FastAPI,
    api: httpx.AsyncClient,
    aigerim: Headers,
    nurlan: Headers,
    gulnara: Headers,
    bakyt: Headers,
    place: Place,
    tokens: TestTokens,
) -> None:
    case = await ready(app, api, (aigerim, nurlan, gulnara))
    closing = {"reason": "emergency", "targets": ["mow"]}
    assert (await api.post("/api/officer/posts/yek/closure", json=closing, headers=keyed(bakyt))).status_code == 201
    right = {"answers": {"full_name": "Айгерим Токтосунова"}, "reason": "our-mistake"}
    anywhere = tokens.officer("temir", "ministry", post="mfa")  # it may have moved by now
    corrected = await act(api, anywhere, case, "correction", right)
    assert corrected.status_code == 200, corrected.text
    await app.state.runtime.transactions.run(note_issue_problem, NoteIssueProblem(case, "template-missing", 1))
    async with database_of(place) as db:
        await followed(db, case)
    assert (await api.post("/api/officer/posts/yek/reopening", headers=keyed(bakyt))).status_code == 200


async def test_what_a_closed_post_issued_is_corrected_and_annulled_by_the_head_of_the_post_that_got_it_and_nobody_of_the_old_one(
    app: FastAPI,
    api: httpx.AsyncClient,
    aigerim: Headers,
    nurlan: Headers,
    gulnara: Headers,
    bakyt: Headers,
    place: Place,
    tokens: TestTokens,
) -> None:
    case = await ready(app, api, (aigerim, nurlan, gulnara))
    there, their_officer = tokens.officer("asel", "head", post="mow"), tokens.officer("ermek", "deciding", post="mow")
    annul = {"reason": "false-papers"}
    assert (await act(api, there, case, "annulment", annul)).status_code == 404
    closing = {"reason": "emergency", "targets": ["mow"]}
    assert (await api.post("/api/officer/posts/yek/closure", json=closing, headers=keyed(bakyt))).status_code == 201
    async with database_of(place) as db:
        await followed(db, case, status="ready")
        event = await db.published_events.find_one({"type": "application.moved.v1"})
    assert event is not None
    right = {"answers": {"full_name": "Айгерим Токтосунова"}, "reason": "our-mistake"}
    for name, body in (("correction", right), ("annulment", annul)):
        assert (await act(api, bakyt, case, name, body)).status_code == 404
    assert (await act(api, their_officer, case, "annulment", annul)).status_code == 403
    assert (await act(api, there, case, "correction", right)).status_code == 200
    await app.state.runtime.transactions.run(mark_ready, MarkReady(case, "d2", 1))
    annulled = await act(api, there, case, "annulment", annul)
    assert (annulled.status_code, annulled.json()["status"]) == (200, "annulled"), annulled.text
    assert (await api.post("/api/officer/posts/yek/reopening", headers=keyed(bakyt))).status_code == 200


async def test_a_head_who_had_no_part_in_it_corrects_and_then_annuls_what_was_issued(
    app: FastAPI, api: httpx.AsyncClient, aigerim: Headers, nurlan: Headers, gulnara: Headers, bakyt: Headers
) -> None:
    case = await ready(app, api, (aigerim, nurlan, gulnara))
    right = {"answers": {"full_name": "Айгерим Токтосунова"}, "reason": "our-mistake"}
    assert (await act(api, gulnara, case, "correction", right)).status_code == 403
    corrected = await act(api, bakyt, case, "correction", right)
    assert (corrected.status_code, corrected.json()["status"]) == (200, "approved"), corrected.text
    run = app.state.runtime.transactions.run
    await run(mark_ready, MarkReady(case, "d1", 9))  # told once more of the first one: it changes nothing
    assert (await life(api, aigerim, case))["revision"] == 2
    assert (await api.get(f"/api/applications/{case}", headers=aigerim)).json()["status"] == "approved"
    await run(mark_ready, MarkReady(case, "d2", 1))
    annulled = await act(api, bakyt, case, "annulment", {"reason": "false-papers"})
    assert (annulled.status_code, annulled.json()["status"]) == (200, "annulled"), annulled.text
    assert (await life(api, aigerim, case))["annulment"]["reason"]
    assert (await act(api, bakyt, case, "annulment", {"reason": "false-papers"})).status_code == 409
