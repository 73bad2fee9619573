"""Posts as people find them, and the term of a case: it is told when it runs out, and extended where the law lets it."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.applications.app import create_app
from services.applications.schema import MAPPER
from tests.integration.applications_client import Headers, act, aigerim, api, database_of, keyed, submitted
from tests.support.places import Place
from tests.support.serving import eventually, serving
from tests.support.tokens import TestTokens
from tests.unit.applications.cases import REGISTRATION, RETURN

pytestmark = pytest.mark.places_again

__all__ = ["aigerim", "api"]
ENGLISH = {"Accept-Language": "en"}


async def test_people_find_their_post_its_hours_and_holidays(api: httpx.AsyncClient) -> None:
    listed = (await api.get("/api/posts", headers=ENGLISH)).json()["posts"]
    taking = {post["id"] for post in listed if post["takes_applications"]}
    assert (taking, len(listed) > 30) == ({"yek", "nov", "ist", "mow"}, True)
    query = {"country": "RU", "region": "RU-OMS", "service": REGISTRATION}
    found = (await api.get("/api/posts/routing", params=query, headers=ENGLISH)).json()
    assert (found["why"], [post["id"] for post in found["posts"]], found["free"]) == ("district", ["nov"], True)
    post = (await api.get("/api/posts/nov", headers=ENGLISH)).json()
    assert post["hours"]["days"][0] == {
        "day": "Monday", "open": "09:00–12:30, 13:30–18:00", "intake": "09:30–12:00", "issue": "15:00–17:00",
    }  # fmt: skip
    assert post["holidays"]
    assert "Omsk Oblast" in {region["name"] for region in post["district"]["regions"]}
    assert (await api.get("/api/posts/xxx")).status_code == 404
    assert (await api.get("/api/posts/routing", params=query | {"country": "Russia"})).status_code == 422
    places = (await api.get("/api/places", headers=ENGLISH)).json()
    assert {"id": "CA", "name": "Canada"} in places["countries"]
    assert (await api.get("/api/departments", headers=ENGLISH)).json()["departments"]


async def test_nothing_is_applied_for_at_a_post_that_takes_no_applications(api: httpx.AsyncClient, aigerim: Headers) -> None:
    body = {"service_id": REGISTRATION, "post_id": "rom"}
    answer = await api.post("/api/applications", json=body, headers=keyed(aigerim))
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/not-offered-there")


async def test_a_term_that_runs_out_is_told_to_officer_head_and_ministry_and_is_extended_where_the_law_lets_it(
    place: Place, tokens: TestTokens, tmp_path: Path
) -> None:
    clock = tmp_path / "clock"
    long: dict[str, Any] = {"exp": datetime.now(UTC) + timedelta(days=100)}
    who = tokens.citizen("aigerim", **long)
    intake, head = tokens.officer("nurlan", "intake", **long), tokens.officer("bakyt", "head", **long)
    ministry, elsewhere = (
        tokens.officer("ainura", "ministry", post="mfa", **long),
        tokens.officer("x", "head", post="ist", **long),
    )
    async with serving(create_app(place.settings(clock_file=clock)), tokens) as api:

        async def seen() -> dict[str, Any]:
            case: dict[str, Any] = (await api.get(f"/api/applications/{application_id}", headers=who | ENGLISH)).json()
            return case

        async def told(headers: Headers, **query: Any) -> list[tuple[str, str]]:
            answer = await api.get("/api/officer/terms", params=query, headers=headers)
            assert answer.status_code == 200, answer.text
            return [(row["id"], row["alarm"]) for row in answer.json()["applications"]]

        def move_to(day: date) -> None:
            there = datetime(day.year, day.month, day.day, 7, tzinfo=UTC)  # noon at the post
            clock.write_text(str((there - datetime.now(UTC)).total_seconds()))

        application_id = await submitted(api, who, RETURN)
        first = await seen()
        assert (first["clock"]["state"], first["clock"]["days"], first["clock"]["alarm"]) == ("running", 5, None)
        assert first["clock"]["held"][0]["holder"] == "post"
        due = date.fromisoformat(first["due"]["on"])
        assert await told(head) == []
        move_to(due)

        async def at_risk() -> bool:
            return await told(head) == [(application_id, "at_risk")]

        await eventually(at_risk)
        assert (await act(api, intake, application_id, "claim")).status_code == 200
        assert await told(intake, mine=True) == await told(ministry) == [(application_id, "at_risk")]
        assert await told(elsewhere) == await told(head, alarm="overdue") == []

        offered = (await api.get(f"/api/officer/applications/{application_id}", headers=intake | ENGLISH)).json()["extension"]
        assert (offered["days"], [reason["code"] for reason in offered["reasons"]]) == (10, ["as-the-rule-says"])
        more = {"days": 10, "reason": "as-the-rule-says"}
        assert (await act(api, intake, application_id, "extension", more | {"reason": "lazy"})).status_code == 422
        assert (await act(api, intake, application_id, "extension", more | {"days": 11})).status_code == 409
        extended = await act(api, intake, application_id, "extension", more)
        assert extended.status_code == 200, extended.text
        later = date.fromisoformat(extended.json()["due_on"])
        assert later > due
        assert (await act(api, intake, application_id, "extension", more)).status_code == 409
        case = await seen()
        assert (case["due"]["on"], case["clock"]["extensions"][0]["days"], case["clock"]["alarm"]) == (str(later), 10, None)
        assert await told(head) == []

        assert (await act(api, intake, application_id, "body-request", {"body": "civil-status-office"})).status_code == 200
        stands = await seen()
        assert (stands["clock"]["state"], stands["due"]) == ("stopped", None)
        assert (await act(api, intake, application_id, "body-answer")).status_code == 200
        goes_on = await seen()
        assert (goes_on["clock"]["state"], goes_on["due"]["on"]) == ("running", str(later))  # within one day
        assert {each["holder"] for each in goes_on["clock"]["held"]} == {"post", "body"}

        move_to(later + timedelta(days=1))

        async def nothing_unsent() -> bool:
            async with database_of(place) as db:
                return await db.outbox.count_documents({}) == 0

        async def overdue() -> bool:
            return await told(head) == [(application_id, "overdue")]

        await eventually(overdue)
        await eventually(nothing_unsent)  # although nobody of us hears of terms
        assert (await seen())["clock"]["alarm"] == "overdue"
        assert (await act(api, intake, application_id, "extension", more)).status_code in (403, 409)  # its claim ran out, too
        async with database_of(place) as db:
            [kept] = await MAPPER.read_all(db, await db.applications.find({"_id": application_id}).to_list())
        assert kept.clock is not None
        assert kept.clock.due_on.isoformat() == kept.due_on == str(later)  # of what is stored alone: no file is asked again
        assert kept.clock.rules.holidays
        assert kept.clock.rules.week
        lines = (await api.get(f"/api/applications/{application_id}/journal", headers=who | ENGLISH)).json()["entries"]
        assert [line["action"] for line in lines if "term" in line["action"]] == [
            "application:note_term", "application:extend_term", "application:note_term",
        ]  # fmt: skip
