"""The HTTP interface of applications, on the real database and broker."""

import asyncio
from collections import Counter
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.integration.applications_client import (
    PNG,
    Headers,
    act,
    aigerim,
    api,
    approved,
    complete,
    gulnara,
    keyed,
    nurlan,
    start,
    submitted,
)
from tests.support.places import Place
from tests.support.tokens import TestTokens
from tests.unit.applications.cases import ANSWERS, POWER, REGISTRATION, RETURN

pytestmark = pytest.mark.places_again

__all__ = ["aigerim", "api", "gulnara", "nurlan"]


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


async def test_the_journal_tells_its_citizen_roles_and_its_post_who_and_which_events(
    api: httpx.AsyncClient, aigerim: Headers, nurlan: Headers, gulnara: Headers
) -> None:
    application_id = await approved(api, (aigerim, nurlan, gulnara), REGISTRATION)
    own = (await api.get(f"/api/applications/{application_id}/journal", headers=aigerim)).json()["entries"]
    assert [line["action"].split(":")[1] for line in own] == [
        "start", "save_answers", "attach", "submit", "claim", "propose", "approve",
    ]  # fmt: skip
    assert "nurlan" not in str(own)
    assert "gulnara" not in str(own)
    posts = (await api.get(f"/api/officer/applications/{application_id}/journal", headers=nurlan)).json()["entries"]
    assert [line["actor_id"] for line in posts] == ["aigerim"] * 4 + ["nurlan"] * 2 + ["gulnara"]
    assert [line["event_types"] for line in posts if line["event_ids"]] == [
        ["application.submitted.v1"],
        ["application.approved.v1"],
    ]


async def test_a_blank_is_used_once_in_all_applications(
    api: httpx.AsyncClient, aigerim: Headers, nurlan: Headers, gulnara: Headers
) -> None:
    first = await approved(api, (aigerim, nurlan, gulnara), RETURN)
    second = await approved(api, (aigerim, nurlan, gulnara), RETURN)

    assert (await act(api, nurlan, first, "blank", {"blank_number": "СВ-0000017"})).json()["status"] == "approved"
    again = await act(api, nurlan, second, "blank", {"blank_number": "CB 0000017"})
    assert (again.status_code, again.json()["type"]) == (409, "/problems/blank-already-used")
    assert (await act(api, nurlan, second, "blank", {"blank_number": "СВ-0000018"})).status_code == 200


async def test_one_blank_asked_for_by_two_at_once_goes_to_one(
    api: httpx.AsyncClient, aigerim: Headers, nurlan: Headers, gulnara: Headers
) -> None:
    people = (aigerim, nurlan, gulnara)
    cases = [await approved(api, people, RETURN) for _ in range(4)]
    answers = await asyncio.gather(*(act(api, nurlan, case, "blank", {"blank_number": "СВ-0000001"}) for case in cases))
    assert Counter(answer.status_code for answer in answers) == {200: 1, 409: 3}


async def test_a_visit_clears_a_power_of_attorney(
    api: httpx.AsyncClient, aigerim: Headers, nurlan: Headers, gulnara: Headers, tokens: TestTokens
) -> None:
    application_id = await approved(api, (aigerim, nurlan, gulnara), POWER)
    path, documents = f"/api/internal/applications/{application_id}/dossier", tokens.service("documents", "dossier:read")
    early = await api.get(path, headers=documents)
    assert (early.status_code, early.json()["type"]) == (409, "/problems/no-dossier")
    assert (await act(api, nurlan, application_id, "identity-check")).json()["status"] == "approved"
    assert (await api.get(path, headers=documents)).json()["valid_days"] == 365


async def test_documents_reads_a_preview_before_the_decision_and_nobody_else_does(
    api: httpx.AsyncClient, aigerim: Headers, nurlan: Headers, tokens: TestTokens
) -> None:
    application_id = await submitted(api, aigerim)
    path = f"/api/internal/applications/{application_id}/dossier-draft?grant=intake@yek"
    paper = (await api.get(path, headers=tokens.service("documents", "dossier:read"))).json()
    assert (paper["post_id"], paper["holder_name"]) == ("yek", ANSWERS[REGISTRATION]["full_name"])
    for wrong in (aigerim, nurlan, tokens.service("documents", "contacts:read")):
        assert (await api.get(path, headers=wrong)).status_code == 403
    await api.post(f"/api/applications/{application_id}/withdrawal", headers=keyed(aigerim))
    late = await api.get(path, headers=tokens.service("documents", "dossier:read"))
    assert (late.status_code, late.json()["type"]) == (409, "/problems/no-preview")


@pytest.mark.parametrize("stage", ["draft", "submitted", "withdrawn"])
async def test_documents_reads_no_preview_for_a_post_where_the_case_is_not(
    api: httpx.AsyncClient, aigerim: Headers, tokens: TestTokens, stage: str
) -> None:
    application_id = await (complete if stage == "draft" else submitted)(api, aigerim)
    if stage == "withdrawn":
        await api.post(f"/api/applications/{application_id}/withdrawal", headers=keyed(aigerim))
    path = f"/api/internal/applications/{application_id}/dossier-draft"
    documents, post_id = tokens.service("documents", "dossier:read"), "yek" if stage == "draft" else "ist"
    asked = {"grant": [f"intake@{post_id}", f"deciding@{post_id}"]}
    assert (await api.get(path, params=asked, headers=documents)).status_code == 404


async def test_many_officers_claim_at_once_and_one_has_it(api: httpx.AsyncClient, aigerim: Headers, tokens: TestTokens) -> None:
    application_id = await submitted(api, aigerim)
    officers = [tokens.officer(f"officer-{number}", "intake") for number in range(12)]
    answers = await asyncio.gather(*(act(api, officer, application_id, "claim") for officer in officers))
    assert Counter(answer.status_code for answer in answers) == {200: 1, 409: 11}
    refusals = {answer.json()["type"] for answer in answers if answer.status_code == 409}
    assert refusals == {"/problems/application-already-claimed"}
    assert not any("officer-" in answer.text for answer in answers)


async def test_a_withdrawal_and_an_approval_at_once_end_in_one_of_them(
    api: httpx.AsyncClient, aigerim: Headers, nurlan: Headers, gulnara: Headers
) -> None:
    for _ in range(5):
        application_id = await submitted(api, aigerim)
        await act(api, nurlan, application_id, "claim")
        await act(api, nurlan, application_id, "proposal", {"outcome": "approve"})
        withdrawn, decided = await asyncio.gather(
            api.post(f"/api/applications/{application_id}/withdrawal", headers=keyed(aigerim)),
            act(api, gulnara, application_id, "decision", {"outcome": "approve"}),
        )
        assert sorted([withdrawn.status_code, decided.status_code]) == [200, 409]
        status = (await api.get(f"/api/applications/{application_id}", headers=aigerim)).json()["status"]
        assert status == ("withdrawn" if withdrawn.status_code == 200 else "approved")


async def test_a_repeated_submission_is_answered_and_counted_once(
    api: httpx.AsyncClient, aigerim: Headers, nurlan: Headers
) -> None:
    application_id = await complete(api, aigerim)
    once = keyed(aigerim)
    path = f"/api/applications/{application_id}/submission"
    answers = await asyncio.gather(*(api.post(path, headers=once) for _ in range(10)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.text for answer in answers}) == 1
    other = await api.post(path, headers=keyed(aigerim))
    assert (other.status_code, other.json()["type"]) == (409, "/problems/application-not-a-draft")
    journal = (await api.get(f"/api/officer/applications/{application_id}/journal", headers=nurlan)).json()["entries"]
    assert sum(len(line["event_ids"]) for line in journal) == 1


async def test_a_start_without_a_key_is_refused_and_with_one_happens_once(api: httpx.AsyncClient, aigerim: Headers) -> None:
    body = {"service_id": REGISTRATION, "post_id": "yek"}
    assert (await api.post("/api/applications", json=body, headers=aigerim)).status_code == 400
    once = keyed(aigerim)
    first = await api.post("/api/applications", json=body, headers=once)
    second = await api.post("/api/applications", json=body, headers=once)
    assert first.json() == second.json()
    assert len((await api.get("/api/applications", headers=aigerim)).json()["applications"]) == 1


async def test_an_incomplete_application_is_not_taken_and_all_that_is_missing_is_named(
    api: httpx.AsyncClient, aigerim: Headers
) -> None:
    started = await start(api, aigerim)
    answer = await api.post(f"/api/applications/{started['id']}/submission", headers=keyed(aigerim))
    assert answer.status_code == 422
    pointers = {error["pointer"] for error in answer.json()["errors"]}
    assert {"/answers/full_name", "/answers/document_number", "/attachment"} <= pointers
    seen = (await api.get(f"/api/applications/{started['id']}", headers=aigerim)).json()
    assert {notice["pointer"] for notice in seen["missing"]} == pointers


@pytest.mark.parametrize(
    ("language", "words"),
    [("ky", "Кирилл же латын тамгалары"), ("ru", "кириллицей или латиницей"), ("en", "Cyrillic or Latin letters")],
)
async def test_what_no_document_can_show_is_refused_in_the_citizens_language(
    api: httpx.AsyncClient, aigerim: Headers, language: str, words: str
) -> None:
    path = f"/api/applications/{(await start(api, aigerim))['id']}/answers"
    answers = {"full_name": "Nguyễn Thị", "address_abroad": "서울 12"}
    refused = await api.put(path, json={"answers": answers}, headers=aigerim | {"Accept-Language": language})
    assert refused.status_code == 422
    errors = refused.json()["errors"]
    assert [error["pointer"] for error in errors] == ["/answers/full_name", "/answers/address_abroad"]
    assert all(words in str(error) for error in errors)
    assert "Thị" not in refused.text


async def test_answers_of_another_window_are_not_overwritten(api: httpx.AsyncClient, aigerim: Headers) -> None:
    started = await start(api, aigerim)
    path = f"/api/applications/{started['id']}/answers"
    body: dict[str, Any] = {"answers": {"full_name": "Айгерим"}, "version": started["version"]}
    assert (await api.put(path, json=body, headers=aigerim)).status_code == 200
    stale = await api.put(path, json=body, headers=aigerim)
    assert (stale.status_code, stale.json()["type"]) == (409, "/problems/concurrent-update")


async def test_what_is_not_yours_is_not_there(
    api: httpx.AsyncClient, aigerim: Headers, gulnara: Headers, tokens: TestTokens
) -> None:
    application_id = await complete(api, aigerim)
    timur, elsewhere = tokens.citizen("timur"), tokens.officer("cholpon", "intake", "deciding", post="ist")
    path, office = f"/api/applications/{application_id}", f"/api/officer/applications/{application_id}"
    for attempt in (
        api.get(path, headers=timur),
        api.get(f"{path}/journal", headers=timur),
        api.get(f"{path}/attachment", headers=timur),
        api.put(f"{path}/answers", json={"answers": {}}, headers=timur),
        api.put(f"{path}/attachment", content=PNG, headers=timur | {"Content-Type": "image/png"}),
        api.post(f"{path}/submission", headers=keyed(timur)),
        api.get(office, headers=gulnara),  # a draft
        api.get(f"{office}/attachment", headers=gulnara),
    ):
        answer = await attempt
        assert (answer.status_code, answer.json()["type"]) == (404, "/problems/application-not-found")
    await api.post(f"{path}/submission", headers=keyed(aigerim))
    assert (await api.get(office, headers=gulnara)).status_code == 200
    for noun in ("", "/journal", "/attachment"):
        assert (await api.get(office + noun, headers=elsewhere)).status_code == 404
    assert (await act(api, elsewhere, application_id, "claim")).status_code == 404


async def test_each_door_is_for_its_own_kind_of_account(
    api: httpx.AsyncClient, aigerim: Headers, nurlan: Headers, tokens: TestTokens
) -> None:
    application_id = await submitted(api, aigerim)
    assert (await api.get("/api/applications")).status_code == 401
    assert (await api.get("/api/applications", headers=nurlan)).status_code == 403
    assert (await api.get("/api/officer/applications", headers=aigerim)).status_code == 403
    dossier = f"/api/internal/applications/{application_id}/dossier"
    for wrong in (aigerim, nurlan, tokens.service("documents", "contacts:read")):
        assert (await api.get(dossier, headers=wrong)).status_code == 403


async def test_a_refusal_tells_its_reason_in_the_readers_language(
    api: httpx.AsyncClient, aigerim: Headers, nurlan: Headers, gulnara: Headers
) -> None:
    application_id = await submitted(api, aigerim)
    await act(api, nurlan, application_id, "claim")
    wrong = await act(api, nurlan, application_id, "proposal", {"outcome": "refuse", "reason": "powers-unclear"})
    assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (422, "/reason")
    refusal = {"outcome": "refuse", "reason": "card-missing-or-wrong"}
    await act(api, nurlan, application_id, "proposal", refusal)
    hidden = await api.get(f"/api/applications/{application_id}", headers=aigerim)
    assert "card-missing" not in hidden.text  # what is proposed is not yet decided
    journal = await api.get(f"/api/applications/{application_id}/journal", headers=aigerim)
    assert "refus" not in journal.text
    await act(api, gulnara, application_id, "decision", refusal)
    seen = (await api.get(f"/api/applications/{application_id}", headers=aigerim)).json()
    assert (seen["status"], seen["held_by"], seen["reason"]["code"]) == ("refused", None, "card-missing-or-wrong")
    assert seen["reason"]["text"] == "Каттоо карточкасы жок же туура эмес толтурулган."


async def test_a_status_says_received_who_holds_it_and_until_when(api: httpx.AsyncClient, aigerim: Headers) -> None:
    application_id = await submitted(api, aigerim)
    kyrgyz = (await api.get(f"/api/applications/{application_id}", headers=aigerim)).json()
    assert kyrgyz["status_text"] == "Арызыңыз келип түштү"
    assert kyrgyz["held_by"]["post"]["id"] == "yek"
    assert kyrgyz["due"]["illustrative"] is True
    russian = (await api.get(f"/api/applications/{application_id}", headers=aigerim | {"Accept-Language": "ru"})).json()
    assert russian["status_text"] == "Заявление получено"


async def test_the_queue_of_a_post_is_read_page_by_page_oldest_first(
    api: httpx.AsyncClient, aigerim: Headers, nurlan: Headers, tokens: TestTokens
) -> None:
    expected = [await submitted(api, aigerim) for _ in range(5)]
    await complete(api, aigerim)  # a draft is in nobody's queue
    seen: list[str] = []
    after: str | None = None
    for _ in range(3):
        query: dict[str, str | int] = {"limit": 2} | ({"after": after} if after else {})
        page = (await api.get("/api/officer/applications", params=query, headers=nurlan)).json()
        seen += [row["id"] for row in page["applications"]]
        after = page["next"]
    assert (seen, after) == (expected, None)
    elsewhere = tokens.officer("cholpon", "intake", post="ist")
    assert (await api.get("/api/officer/applications", headers=elsewhere)).json()["applications"] == []
    drafts = await api.get("/api/officer/applications", params={"status": "draft"}, headers=nurlan)
    assert drafts.json()["applications"] == []
    broken = await api.get("/api/officer/applications", params={"after": "x"}, headers=nurlan)
    assert (broken.status_code, broken.json()["errors"][0]["pointer"]) == (422, "/after")


async def test_own_applications_are_read_page_by_page_newest_first(api: httpx.AsyncClient, aigerim: Headers) -> None:
    started = [(await start(api, aigerim))["id"] for _ in range(3)]
    first = (await api.get("/api/applications", params={"limit": 2}, headers=aigerim)).json()
    second = (await api.get("/api/applications", params={"limit": 2, "after": first["next"]}, headers=aigerim)).json()
    rows = first["applications"] + second["applications"]
    assert ([row["id"] for row in rows], second["next"]) == (started[::-1], None)


async def test_services_and_posts_are_open_to_all_and_show_how_sure_they_are(api: httpx.AsyncClient) -> None:
    english = {"Accept-Language": "en"}
    listed = (await api.get("/api/services", headers=english)).json()["services"]
    fees = {service["id"]: (service["fee"]["text"], service["fee"]["illustrative"]) for service in listed}
    assert [fees[each] for each in (REGISTRATION, RETURN, POWER)] == [
        ("Free of charge", False),
        ("20\u00a0USD", False),
        ("20\u00a0USD", True),
    ]
    assert fees["passport-adult"] == ("30\u00a0USD", False)  # what everybody pays to the post, of a tariff with several parts
    paper = await api.get(f"/api/services/{RETURN}", headers={"Accept-Language": "ru"})
    assert paper.headers["content-language"] == "ru"
    assert paper.json()["term"]["text"] == "Рабочих дней: 5"
    assert paper.json()["officers_required"] is None  # no source was found: hidden, not shown as law
    assert (await api.get("/api/services/visa")).status_code == 404
    posts = (await api.get("/api/posts", headers={"Accept-Language": "ky"})).json()["posts"]
    assert "Башкы консулдугу" in posts[0]["name"]
    countries = (await api.get("/api/countries", headers=english)).json()["countries"]
    assert {"value": "TR", "label": "Türkiye"} in countries or {"value": "TR", "label": "Turkey"} in countries


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"service_id": "visa", "post_id": "yek"}, 404),
        ({"service_id": REGISTRATION, "post_id": "xxx"}, 404),
        ({"service_id": REGISTRATION}, 422),
        ({"service_id": REGISTRATION, "post_id": "yek", "extra": 1}, 422),
    ],
)
async def test_a_start_that_makes_no_sense_is_refused(
    api: httpx.AsyncClient, aigerim: Headers, body: dict[str, Any], status: int
) -> None:
    assert (await api.post("/api/applications", json=body, headers=keyed(aigerim, str(uuid4())))).status_code == status


@pytest.mark.parametrize(
    "body",
    [
        r'{"answers": {"address_abroad": "\ud800"}}',
        r'{"answers": {"\ud800": "x"}}',
        r'{"answers": {"$where": "x", "a.b": "y", "": "z"}}',
        r'{"answers": {"full_name": {"$gt": ""}}}',
        r'{"answers": {"address_abroad": "\u0000"}}',
        r'{"answers": [1]}',
        r'{"answers": {}, "version": 99999999999999999999999}',
        '{"answers": {' + ",".join(f'"k{number}": ""' for number in range(101)) + "}}",
        "[" * 50_000,
        "",
    ],
)
async def test_hostile_answers_are_refused_in_words(api: httpx.AsyncClient, aigerim: Headers, body: str) -> None:
    path = f"/api/applications/{(await start(api, aigerim))['id']}/answers"
    answer = await api.put(path, content=body, headers=aigerim | {"Content-Type": "application/json"})
    assert answer.status_code in (400, 409, 422), answer.text
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("cursor", ["x", "é", "AAAA", "OTk5OTk5OTk5OTk5OTk5OTk5fGE", "LTk5OTk5OTk5OTk5OTk5OTk5OXxh"])
async def test_a_cursor_that_was_not_ours_is_refused_in_words(api: httpx.AsyncClient, aigerim: Headers, cursor: str) -> None:
    answer = await api.get("/api/applications", params={"after": cursor}, headers=aigerim)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/after")


async def test_saving_the_same_answers_again_leaves_no_second_entry(api: httpx.AsyncClient, aigerim: Headers) -> None:
    application_id = await complete(api, aigerim)
    path = f"/api/applications/{application_id}"
    for _ in range(3):
        assert (await api.put(f"{path}/answers", json={"answers": ANSWERS[REGISTRATION]}, headers=aigerim)).status_code == 200
    entries = (await api.get(f"{path}/journal", headers=aigerim)).json()["entries"]
    assert [entry["sequence"] for entry in entries] == [1, 2, 3]


async def test_references_are_unique_in_the_database(api: httpx.AsyncClient, aigerim: Headers, place: Place) -> None:
    references = {(await start(api, aigerim))["reference"] for _ in range(3)}
    assert len(references) == 3
    assert all(reference.startswith("YEK-") for reference in references)
