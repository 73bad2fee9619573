"""What applications really asks of its database while a post works, held against docs/queries/applications.toml."""

import asyncio
from typing import Any

import httpx

from services.applications.schema import INDEXES
from tests.integration.applications_client import Headers, act, aigerim, api, gulnara, keyed, nurlan, start, submitted
from tests.support.places import Place
from tests.support.query_lists import RECORDER, index_for, known
from tests.support.query_shapes import Shape
from tests.support.serving import eventually
from tests.support.tokens import TestTokens

__all__ = ["aigerim", "api", "gulnara", "nurlan"]
REASON = {"Eshik-Access-Reason": "supervision"}
OFFICER = "/api/officer"


def is_harmless(shape: Shape) -> bool:
    """What is done in the background depends on the moment: of the kernel's queries only those are named that find no index."""
    of_kernel = shape.collection not in INDEXES or shape.bound <= {"_id"}
    return of_kernel and not shape.refused and index_for("applications", shape) is not None


async def lists(api: httpx.AsyncClient, who: Headers) -> None:
    questions: list[dict[str, Any]] = [{"sort": sort} for sort in ("waiting", "due", "name", "next")]
    questions += [{"mine": True}, {"given": True}, {"overdue": True, "sort": "due"}, {"ready": True, "sort": "next"}]
    questions += [{"status": "in_review"}, {"mine": True, "status": "in_review"}]
    questions += [{"unanswered": True}]
    for question in questions:
        page = await api.get(f"{OFFICER}/applications", params={"limit": 1, **question}, headers=who | REASON)
        assert page.status_code == 200, page.text
        if after := page.json()["next"]:
            await api.get(f"{OFFICER}/applications", params={"limit": 1, "after": after, **question}, headers=who | REASON)
    assert (await api.get(f"{OFFICER}/counts", headers=who | REASON)).status_code == 200
    for below in ("standing", "inboxes", "inboxes/consular-department", "pouches", "pouches?coming=true", "pouches/papers"):
        assert (await api.get(f"{OFFICER}/{below}", headers=who | REASON)).status_code == 200
    for asked in ({}, {"alarm": "overdue"}, {"mine": True}):
        assert (await api.get(f"{OFFICER}/terms", params=asked, headers=who | REASON)).status_code == 200


async def a_citizen(api: httpx.AsyncClient, who: Headers, case: str) -> None:
    await api.get("/api/applications", params={"limit": 1}, headers=who)
    for below in ("", "/journal", "/looks", "/attachment"):
        await api.get(f"/api/applications/{case}{below}", headers=who)
    await api.get("/api/me/data", headers=who)
    await api.get("/api/me/data/summary", headers=who)
    left = (await start(api, who))["id"]
    await api.get(f"/api/applications/{left}", headers=who)
    taken_back = await submitted(api, who)
    await api.post(f"/api/applications/{taken_back}/withdrawal", headers=keyed(who))


async def a_pouch(api: httpx.AsyncClient, case: str, who: Headers) -> None:
    held = [(await act(api, who, case, "originals", {"kind": "passport", "kept_where": "1"})).json()["id"] for _ in range(2)]
    carried = [{"application_id": case, "original_id": held[0]}]
    sent = await api.post(f"{OFFICER}/pouches", json={"to": "mow", "seal": "1", "items": carried}, headers=keyed(who))
    await api.get(f"{OFFICER}/pouches/{sent.json()['id']}", headers=who)
    await api.post(f"{OFFICER}/pouches/{sent.json()['id']}/arrival", headers=keyed(who))


async def officers(api: httpx.AsyncClient, cases: list[str], nurlan: Headers, gulnara: Headers, head: Headers) -> None:
    await lists(api, nurlan)
    reference = (await api.get(f"{OFFICER}/applications/{cases[0]}", headers=nurlan | REASON)).json()["reference"]
    await api.post(f"{OFFICER}/searches", json={"reference": reference}, headers=nurlan)
    for asked in ({"name": "Айгерим"}, {"name": "Айгерим Токтобекова"}, {"pin": "12903199100015"}):
        await api.post(f"{OFFICER}/searches/people", json=asked, headers=nurlan | REASON)
    await api.put(f"{OFFICER}/desks/gulnara", json={"skills": []}, headers=head)
    await api.get(f"{OFFICER}/desks", headers=head)
    taken = (await api.post(f"{OFFICER}/next-application", json={}, headers=keyed(nurlan))).json()["id"]
    for below in ("", "/journal", "/desk", "/attachment"):
        await api.get(f"{OFFICER}/applications/{taken}{below}", headers=nurlan | REASON)
    await act(api, nurlan, taken, "proposal", {"outcome": "approve"})
    await act(api, nurlan, taken, "referral", {"to": "mow"})
    await lists(api, head)
    assert (
        await act(api, gulnara, taken, "decision", {"outcome": "send_back", "reason": "proposal-needs-another-look"})
    ).is_success
    other = next(case for case in cases if case != taken)
    await act(api, head, other, "assignment", {"officer_id": "gulnara"})
    await api.post(f"{OFFICER}/relations", json={"kind": "relative", "officer_id": "nurlan"}, headers=keyed(gulnara))
    await api.get(f"{OFFICER}/relations", headers=head)
    await api.get(f"{OFFICER}/objections", headers=head)
    await act(api, gulnara, other, "release")


async def test_whatever_a_working_post_asks_of_its_database_is_listed_with_its_index(
    api: httpx.AsyncClient, aigerim: Headers, nurlan: Headers, gulnara: Headers, tokens: TestTokens, place: Place
) -> None:
    head = tokens.officer("cholpon", "head")
    cases = [await submitted(api, aigerim) for _ in range(3)]
    await a_citizen(api, aigerim, cases[0])
    for case in cases:
        await api.post(f"/api/applications/{case}/messages", json={"text": "?"}, headers=keyed(aigerim))
    await a_pouch(api, cases[0], nurlan)
    assert (await api.get("/api/internal/terms", headers=tokens.service("notifications", "terms:read"))).status_code == 200
    await officers(api, cases, nurlan, gulnara, head)
    closing = {"reason": "emergency", "targets": ["mow"]}
    assert (await api.post(f"{OFFICER}/posts/yek/closure", json=closing, headers=keyed(head))).status_code == 201

    async def moved() -> bool:
        answer = await api.get(f"{OFFICER}/posts/yek/closure", headers=head)
        await asyncio.sleep(0)
        return bool(answer.json()["left"] == 0)

    await eventually(moved, every_s=0.3)
    asked = RECORDER.seen[f"{place.database_prefix}applications"]
    unlisted = [shape.said() for shape in sorted(asked - known("applications")) if not is_harmless(shape)]
    assert unlisted == [], "add each to docs/queries/applications.toml, with its index or why it needs none"
