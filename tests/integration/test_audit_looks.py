"""Looking at a case leaves an entry with its reason, the citizen sees it, objects, and can prove their own submission."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.applications.app import create_app
from shared.audit.keys import AuditKey
from shared.audit.proving import check_proof
from shared.mongo.audit import LOG
from tests.integration.applications_client import (
    Headers,
    act,
    complete,
    database_of,
    keyed,
    submitted,
)
from tests.support.auditing import new_key
from tests.support.places import Place
from tests.support.serving import eventually, serving
from tests.support.tokens import TestTokens

REASON = "Eshik-Access-Reason"


@pytest.fixture
def key(tmp_path: Path) -> AuditKey:
    return new_key(tmp_path / "audit.pem")


@pytest.fixture
async def api(place: Place, tokens: TestTokens, key: AuditKey, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    place.extra |= {"ESHIK_AUDIT_KEY_FILE": str(tmp_path / "audit.pem"), "ESHIK_AUDIT_CHECKPOINT_EVERY_S": "1"}
    async with serving(create_app(place.settings()), tokens) as client:
        yield client


@pytest.fixture
def aigerim(tokens: TestTokens) -> Headers:
    return tokens.citizen("aigerim")


def without_reason(headers: Headers) -> Headers:
    return {name: value for name, value in headers.items() if name != REASON}


@pytest.fixture
def nurlan(tokens: TestTokens) -> Headers:
    return without_reason(tokens.officer("nurlan", "intake"))


@pytest.fixture
def bakyt(tokens: TestTokens) -> Headers:
    """Of the same post, with another case in hand."""
    return without_reason(tokens.officer("bakyt", "intake"))


async def looks_seen(api: httpx.AsyncClient, who: Headers, case: str, count: int) -> list[dict[str, Any]]:
    async def asked() -> list[dict[str, Any]]:
        answer = await api.get(f"/api/applications/{case}/looks", headers=who | {"Accept-Language": "en"})
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["looks"]
        return found if len(found) >= count else []

    return await eventually(asked)


async def test_who_works_on_a_case_needs_no_word_and_the_citizen_sees_the_look(
    api: httpx.AsyncClient, aigerim: Headers, nurlan: Headers
) -> None:
    case = await submitted(api, aigerim)
    assert (await api.get(f"/api/officer/applications/{case}", headers=nurlan)).status_code == 200
    (look,) = await looks_seen(api, aigerim, case, 1)
    assert (look["by"], look["role"], look["what"]) == ("officer", "intake", "Your application with its answers")
    assert look["reason"] == "Works on this case, or it is theirs to decide"
    assert "nurlan" not in str(look)


async def test_who_does_not_work_on_it_is_asked_why_and_sees_nothing_without_a_reason_of_the_list(
    api: httpx.AsyncClient, aigerim: Headers, nurlan: Headers, bakyt: Headers
) -> None:
    case = await submitted(api, aigerim, name="Canary Name")
    await act(api, nurlan, case, "claim")
    for below in ("", "/journal", "/attachment"):
        for given in (bakyt, bakyt | {REASON: "curiosity"}, bakyt | {REASON: "working-the-case"}):
            refused = await api.get(f"/api/officer/applications/{case}{below}", headers=given)
            assert (refused.status_code, refused.json()["type"]) == (428, "/problems/access-reason-needed")
            assert "complaint" in [reason["code"] for reason in refused.json()["reasons"]]
            assert "Canary" not in refused.text
    seen = await api.get(f"/api/officer/applications/{case}", headers=bakyt | {REASON: "complaint"})
    assert seen.status_code == 200
    (look,) = await looks_seen(api, aigerim, case, 1)
    assert look["reason"] == "A complaint or an objection is being looked into"


async def test_one_s_own_look_is_none_and_nobody_else_sees_who_looked(
    api: httpx.AsyncClient, aigerim: Headers, nurlan: Headers, tokens: TestTokens
) -> None:
    case = await submitted(api, aigerim)
    await api.get(f"/api/applications/{case}", headers=aigerim)
    await api.get(f"/api/officer/applications/{case}", headers=nurlan)
    assert len(await looks_seen(api, aigerim, case, 1)) == 1
    stranger = await api.get(f"/api/applications/{case}/looks", headers=tokens.citizen("bermet"))
    assert stranger.status_code == 404


async def test_an_objection_reaches_the_head_of_the_post_and_is_an_entry_itself(
    place: Place, api: httpx.AsyncClient, aigerim: Headers, nurlan: Headers, tokens: TestTokens
) -> None:
    case = await submitted(api, aigerim)
    await api.get(f"/api/officer/applications/{case}", headers=nurlan)
    (look,) = await looks_seen(api, aigerim, case, 1)
    path = f"/api/applications/{case}/objections"
    for _ in range(2):  # once a look, however often it is said
        made = await api.post(path, json={"look_id": look["id"]}, headers=keyed(aigerim))
        assert made.status_code == 201, made.text
    (again,) = await looks_seen(api, aigerim, case, 1)
    assert again["objected"] is True
    heads = [tokens.officer("gulnara", "head", post=post) for post in ("yek", "ist")]
    lists = [(await api.get("/api/officer/objections", headers=head)).json()["objections"] for head in heads]
    assert ([one["officer_id"] for one in lists[0]], lists[1]) == (["nurlan"], [])
    assert (await api.get("/api/officer/objections", headers=nurlan)).status_code == 403
    async with database_of(place) as db:
        row = await eventually(lambda: db[LOG].find_one({"act": "application:object_to_look"}))
    assert row is not None
    assert row["case"] == case


async def test_a_receipt_promises_what_a_proof_then_keeps(api: httpx.AsyncClient, aigerim: Headers, key: AuditKey) -> None:
    case, idempotency = await complete(api, aigerim), keyed(aigerim)
    receipts = [(await api.post(f"/api/applications/{case}/submission", headers=idempotency)).json() for _ in range(2)]
    assert receipts[0]["promise"] == receipts[1]["promise"]

    async def proof() -> httpx.Response | None:
        answer = await api.get(f"/api/applications/{case}/proof", headers=aigerim)
        assert answer.status_code in (200, 409), answer.text
        return answer if answer.status_code == 200 else None

    found = await eventually(proof)
    assert found is not None
    proved = check_proof(found.json(), keys=[key.public], promise=receipts[0]["promise"])
    assert (proved.entry["act"], proved.entry["about"]["case"]) == ("application:submit", case)


async def test_what_cannot_be_written_down_is_not_shown(
    place: Place, api: httpx.AsyncClient, aigerim: Headers, nurlan: Headers
) -> None:
    case = await submitted(api, aigerim)
    async with database_of(place) as db:
        refuse = {"$jsonSchema": {"required": ["nobody-has-this"]}}
        await db.command("collMod", "audit", validator=refuse, validationLevel="strict", validationAction="error")
        answer = await api.get(f"/api/officer/applications/{case}", headers=nurlan)
        assert answer.status_code >= 500
    await asyncio.sleep(0)


async def test_an_auditor_finds_entries_by_case_and_act_and_the_search_is_found_too(
    api: httpx.AsyncClient, aigerim: Headers, nurlan: Headers, tokens: TestTokens
) -> None:
    case = await submitted(api, aigerim)
    await api.get(f"/api/officer/applications/{case}", headers=nurlan)
    await looks_seen(api, aigerim, case, 1)
    auditor, stranger = tokens.officer("saltanat", "auditor"), tokens.officer("gulnara", "head", post="ist")

    async def found(who: Headers, **asked: object) -> list[str]:
        answer = await api.post("/api/audit/searches", json=asked, headers=who)
        assert answer.status_code == 200, answer.text
        return [line["entry"]["act"] for line in answer.json()["entries"]]

    acts = await found(auditor, case=case)
    assert acts[0] == "application:view"
    assert acts[-2:] == ["application:save_answers", "application:start"]
    assert await found(auditor, officer="nurlan", person="aigerim") == ["application:view"]
    assert await found(stranger, case=case) == []
    assert (await api.post("/api/audit/searches", json={}, headers=nurlan)).status_code == 403

    async def searched() -> bool:
        return await found(auditor, act="audit:search", officer="gulnara") != []

    await eventually(searched)


async def test_a_search_is_read_on_page_by_page(
    api: httpx.AsyncClient, aigerim: Headers, nurlan: Headers, tokens: TestTokens
) -> None:
    case, auditor = await submitted(api, aigerim), tokens.officer("saltanat", "auditor")
    await api.get(f"/api/officer/applications/{case}", headers=nurlan)
    await looks_seen(api, aigerim, case, 1)
    numbers, before = [], None
    while True:
        asked = {"case": case, "limit": 2, "before": before}
        page = (await api.post("/api/audit/searches", json=asked, headers=auditor)).json()
        numbers += [line["number"] for line in page["entries"]]
        if (before := page["next"]) is None:
            break
    assert numbers == sorted(set(numbers), reverse=True)
    assert len(numbers) >= 4


async def test_a_reference_leads_who_reads_the_audit_to_the_case_of_their_posts_and_the_question_is_written_down(
    api: httpx.AsyncClient, aigerim: Headers, nurlan: Headers, tokens: TestTokens
) -> None:
    case = await submitted(api, aigerim)
    reference = (await api.get(f"/api/applications/{case}", headers=aigerim)).json()["reference"]
    auditor, own_head = tokens.officer("saltanat", "auditor"), tokens.officer("bakyt", "head")

    async def named(who: Headers, **asked: object) -> list[dict[str, str]]:
        answer = await api.post("/api/audit/searches/cases", json=asked, headers=who)
        assert answer.status_code == 200, answer.text
        found: list[dict[str, str]] = answer.json()["cases"]
        return found

    for reader in (auditor, own_head):
        assert await named(reader, reference=reference.lower()) == [{"id": case, "reference": reference}]
        assert await named(reader, ids=[case, "nothing"]) == [{"id": case, "reference": reference}]
    assert await named(tokens.officer("gulnara", "head", post="ist"), reference=reference, ids=[case]) == []
    assert await named(auditor) == []
    assert (await api.post("/api/audit/searches/cases", json={}, headers=nurlan)).status_code == 403

    async def written() -> bool:
        asked = {"act": "audit:find_case", "officer": "saltanat"}
        return bool((await api.post("/api/audit/searches", json=asked, headers=auditor)).json()["entries"])

    await eventually(written)
