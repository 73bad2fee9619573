"""The lists of a post: sorted as asked for, page by page; how much there is; a case by its reference."""

from typing import Any

import httpx
import pytest

from services.applications import queries
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
    submitted,
)
from tests.support.places import Place
from tests.support.tokens import TestTokens

pytestmark = pytest.mark.places_again

__all__ = ["aigerim", "api", "gulnara", "nurlan"]
QUEUE = "/api/officer/applications"


async def read(api: httpx.AsyncClient, who: Headers, **query: str | int | bool) -> list[dict[str, Any]]:
    """All pages of a list, two rows at a time."""
    rows: list[dict[str, Any]] = []
    after: str | None = None
    while True:
        answer = await api.get(QUEUE, params={"limit": 2, **query} | ({"after": after} if after else {}), headers=who)
        assert answer.status_code == 200, answer.text
        rows += answer.json()["applications"]
        after = answer.json()["next"]
        if after is None:
            return rows


async def test_a_queue_is_sorted_by_name_in_the_order_of_the_kyrgyz_alphabet(
    api: httpx.AsyncClient, aigerim: Headers, nurlan: Headers
) -> None:
    for name in ("Өмүрбек Ңанаев", "Омор Алиев", "Пётр Ёлкин", "Ңанай Үсөнов", "нурлан Уметов"):
        await submitted(api, aigerim, name=name)
    names = [row["applicant"] for row in await read(api, nurlan, sort="name")]
    assert names == ["нурлан Уметов", "Ңанай Үсөнов", "Омор Алиев", "Өмүрбек Ңанаев", "Пётр Ёлкин"]


async def test_two_of_one_name_are_both_read_page_by_page(api: httpx.AsyncClient, aigerim: Headers, nurlan: Headers) -> None:
    same = {await submitted(api, aigerim) for _ in range(5)}
    for sort in ("name", "due"):
        rows = await read(api, nurlan, sort=sort)
        assert len(rows) == 5
        assert {row["id"] for row in rows} == same


async def test_a_queue_by_its_due_days_begins_with_what_is_overdue(
    api: httpx.AsyncClient, aigerim: Headers, nurlan: Headers, place: Place
) -> None:
    cases = [await submitted(api, aigerim) for _ in range(3)]
    async with database_of(place) as db:
        for number, due in enumerate(["2026-01-30", "2026-01-05", "2126-01-01"]):
            await db.applications.update_one({"_id": cases[number]}, {"$set": {"due_on": due}})
    rows = await read(api, nurlan, sort="due")
    assert [(row["id"], row["overdue"]) for row in rows] == [(cases[1], True), (cases[0], True), (cases[2], False)]
    assert (await api.get("/api/officer/counts", headers=nurlan)).json()["overdue"] == 2


async def test_a_cursor_of_a_list_sorted_otherwise_is_refused_and_tells_no_name(
    api: httpx.AsyncClient, aigerim: Headers, nurlan: Headers, tokens: TestTokens
) -> None:
    for _ in range(2):
        await submitted(api, aigerim)
    cursor = (await api.get(QUEUE, params={"limit": 1, "sort": "name"}, headers=nurlan)).json()["next"]
    assert len(cursor) < 70  # room for an id and no name
    for query, who in (
        ({"sort": "due"}, nurlan),
        ({}, nurlan),
        ({"sort": "name"}, tokens.officer("cholpon", "intake", post="ist")),
    ):
        answer = await api.get(QUEUE, params={"after": cursor, **query}, headers=who)
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/after")


async def test_a_row_that_has_moved_on_still_marks_the_place_in_its_list(
    api: httpx.AsyncClient, aigerim: Headers, nurlan: Headers
) -> None:
    cases = [await submitted(api, aigerim) for _ in range(3)]
    first = (await api.get(QUEUE, params={"limit": 1}, headers=nurlan)).json()
    await act(api, nurlan, cases[0], "claim")
    rest = (await api.get(QUEUE, params={"after": first["next"]}, headers=nurlan)).json()["applications"]
    assert [row["id"] for row in rest] == cases[1:]


async def test_mine_is_what_i_took_and_is_not_decided(
    api: httpx.AsyncClient, aigerim: Headers, nurlan: Headers, gulnara: Headers, tokens: TestTokens
) -> None:
    ermek = tokens.officer("ermek", "deciding")
    cases = [await submitted(api, aigerim) for _ in range(4)]
    for case in cases[:3]:
        await act(api, nurlan, case, "claim")
    await act(api, gulnara, cases[3], "claim")
    for case in cases[1:3]:
        await act(api, nurlan, case, "proposal", {"outcome": "approve"})
    await act(api, ermek, cases[2], "decision", {"outcome": "approve"})
    assert [row["id"] for row in await read(api, nurlan, mine=True)] == cases[:2]
    assert [row["id"] for row in await read(api, nurlan, mine=True, status="proposed")] == [cases[1]]
    assert [row["claimed_by_you"] for row in await read(api, gulnara, status="in_review")] == [False, True]


async def test_counts_tell_how_much_stands_in_each_status_at_the_post(
    api: httpx.AsyncClient, aigerim: Headers, nurlan: Headers, tokens: TestTokens
) -> None:
    cases = [await submitted(api, aigerim) for _ in range(3)]
    await submitted(api, aigerim, post_id="ist")
    await complete(api, aigerim)
    await act(api, nurlan, cases[0], "claim")
    counts = (await api.get("/api/officer/counts", headers=nurlan | {"Accept-Language": "en"})).json()
    assert {row["status"]: row["count"] for row in counts["statuses"] if row["count"]} == {"submitted": 2, "in_review": 1}
    assert {"draft", "expired"}.isdisjoint(row["status"] for row in counts["statuses"])
    assert (counts["mine"], counts["overdue"], counts["counted_up_to"]) == (1, 0, 1000)
    assert {row["status"]: row["status_text"] for row in counts["statuses"]}["submitted"] == "Waiting for an officer"


async def test_a_count_ends_at_its_bound(
    api: httpx.AsyncClient, aigerim: Headers, nurlan: Headers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "COUNTED_UP_TO", 2)
    for _ in range(3):
        await submitted(api, aigerim)
    counts = (await api.get("/api/officer/counts", headers=nurlan)).json()
    assert {row["status"]: row["count"] for row in counts["statuses"]}["submitted"] == 2


async def test_a_case_is_found_by_its_reference_at_its_post_only(
    api: httpx.AsyncClient, aigerim: Headers, nurlan: Headers, tokens: TestTokens
) -> None:
    case = await submitted(api, aigerim)
    reference = (await api.get(f"/api/applications/{case}", headers=aigerim)).json()["reference"]
    for written in (reference, reference.lower().replace("-", " "), reference.replace("YEK", "УЕК")):
        found = await api.post("/api/officer/searches", json={"reference": written}, headers=nurlan)
        assert (found.status_code, found.json()) == (200, {"id": case})
    elsewhere = tokens.officer("cholpon", "intake", post="ist")
    draft = await complete(api, aigerim)
    unsent = (await api.get(f"/api/applications/{draft}", headers=aigerim)).json()["reference"]
    for written, who in ((reference, elsewhere), (unsent, nurlan), ("YEK-26-00000000", nurlan), ("?", nurlan)):
        answer = await api.post("/api/officer/searches", json={"reference": written}, headers=who)
        assert (answer.status_code, answer.json()["type"]) == (404, "/problems/no-such-reference")
    assert (await api.post("/api/officer/searches", json={"reference": reference}, headers=keyed(aigerim))).status_code == 403
