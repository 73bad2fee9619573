"""Appointments over HTTP: from free times to the counter, what officers see, and what a person is given of them."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.applications.app import create_app
from services.applications.config import Settings
from tests.integration.applications_client import Headers, aigerim, api, keyed, nurlan, start, submitted
from tests.support.appointing import AT
from tests.support.places import Place
from tests.support.serving import serving
from tests.support.tokens import TestTokens

pytestmark = pytest.mark.places_again

__all__ = ["aigerim", "api", "nurlan"]
ABOUT = {"post_id": "yek", "service_id": "return-certificate"}
ENGLISH = {"Accept-Language": "en"}


async def free(api: httpx.AsyncClient) -> list[dict[str, Any]]:
    answer = await api.get("/api/appointments/slots", params=ABOUT | {"days": "30"})
    assert answer.status_code == 200, answer.text
    return [slot for day in answer.json()["days"] for slot in day["slots"]]


async def held(api: httpx.AsyncClient, who: Headers, *slots: str) -> httpx.Response:
    people = ("self", "child", "child")
    visits = [
        {"slot_id": slot, "service_id": ABOUT["service_id"], "who": people[number], "visitor": f"Үлгү {number}"}
        for number, slot in enumerate(slots)
    ]
    body = {"post_id": "yek", "visits": visits, "phone": "+996700000001"}
    return await api.post("/api/appointments", json=body, headers=keyed(who))


async def test_a_family_books_and_the_counter_sees_who_comes_and_nobody_else_does(
    api: httpx.AsyncClient, aigerim: Headers, nurlan: Headers, tokens: TestTokens
) -> None:
    slots = await free(api)
    day = slots[-1]["id"].split(".")[2]
    wanted = [slot["id"] for slot in slots if day in slot["id"]][:2]
    kept = await held(api, aigerim, *wanted)
    assert (kept.status_code, kept.json()["may"]) == (201, ["book", "cancel"])
    path = f"/api/appointments/{kept.json()['id']}"
    booked = await api.post(f"{path}/booking", json={}, headers=keyed(aigerim | ENGLISH))
    assert (booked.status_code, booked.json()["state"], booked.json()["state_text"]) == (200, "booked", "Booked")
    assert not {slot["id"] for slot in await free(api)} & set(wanted)
    assert (await held(api, tokens.citizen("other"), wanted[0])).status_code == 409
    assert (await api.get(path, headers=tokens.citizen("other"))).status_code == 404
    listed = await api.get("/api/officer/appointments", params={"post_id": "yek", "day": day}, headers=nurlan)
    seen = listed.json()["appointments"][0]
    assert [visit["visitor"] for visit in seen["visits"]] == ["Үлгү 0", "Үлгү 1"]
    assert seen["phone"] == "+996700000001"
    far = tokens.officer("nurgul", "intake", post="ist")
    assert (await api.get("/api/officer/appointments", params={"post_id": "yek"}, headers=far)).status_code == 404
    assert (await api.get(f"/api/officer{path.removeprefix('/api')}", headers=far)).status_code == 404


async def test_the_same_hold_sent_twice_is_one_and_what_is_typed_wrong_is_named(api: httpx.AsyncClient, aigerim: Headers) -> None:
    slot = (await free(api))[-1]["id"]
    visit = {"slot_id": slot, "service_id": ABOUT["service_id"], "visitor": "Үлгү"}
    once = keyed(aigerim)
    answers = [await api.post("/api/appointments", json={"post_id": "yek", "visits": [visit]}, headers=once) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json()["id"] == answers[1].json()["id"]
    other_day = [visit, visit | {"slot_id": "yek.a.2026-01-05.0930"}]
    wrong = await api.post("/api/appointments", json={"post_id": "yek", "visits": other_day}, headers=keyed(aigerim))
    assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (422, "/visits/1/slot_id")
    nobody = await api.post(
        "/api/appointments", json={"post_id": "yek", "visits": [visit | {"visitor": " "}]}, headers=keyed(aigerim)
    )
    assert (nobody.status_code, nobody.json()["errors"][0]["pointer"]) == (422, "/visits/0/visitor")


async def test_a_person_is_given_their_appointments_with_the_names_and_the_number_that_they_typed(
    api: httpx.AsyncClient, aigerim: Headers
) -> None:
    await held(api, aigerim, (await free(api))[-1]["id"])
    answer = await api.get("/api/me/data", headers=aigerim)
    record = next(row for row in answer.json()["records"] if row["record"] == "appointment")
    assert (record["visitors"], record["phone"]) == (["Үлгү 0"], "+996700000001")


async def test_tickets_are_called_by_their_numbers_and_settled_once(api: httpx.AsyncClient, nurlan: Headers) -> None:
    for number in (1, 2):
        made = await api.post("/api/officer/walk-ins", json={"post_id": "yek"}, headers=keyed(nurlan))
        assert (made.status_code, made.json()["number"]) == (201, number)
    called = await api.post("/api/officer/walk-ins/calls", json={"post_id": "yek", "window": "a"}, headers=keyed(nurlan))
    assert (called.json()["number"], called.json()["state"]) == (1, "called")
    end = f"/api/officer/walk-ins/{called.json()['id']}/end"
    ended = [await api.post(end, json={"outcome": "served"}, headers=keyed(nurlan)) for _ in range(2)]
    assert [answer.status_code for answer in ended] == [200, 409]
    await api.post("/api/officer/walk-ins/calls", json={"post_id": "yek", "window": "a"}, headers=keyed(nurlan))
    nobody = await api.post("/api/officer/walk-ins/calls", json={"post_id": "yek", "window": "a"}, headers=keyed(nurlan))
    assert (nobody.status_code, nobody.json()["type"]) == (409, "/problems/nobody-waits")


async def test_a_day_in_another_town_is_on_the_page_of_the_post_its_times_are_booked_and_it_has_a_list_of_its_own(
    place: Place, tokens: TestTokens, tmp_path: Path
) -> None:
    clock = tmp_path / "clock"
    clock.write_text(str((AT - datetime.now(UTC)).total_seconds()))
    long: dict[str, Any] = {"iat": AT, "exp": datetime.now(UTC) + timedelta(days=100)}
    citizen, officer = tokens.citizen("aigerim", **long) | ENGLISH, tokens.officer("nurlan", "intake", **long) | ENGLISH
    async with serving(create_app(place.settings(clock_file=clock)), tokens) as api:
        (shown,) = (await api.get("/api/posts/yek", headers=ENGLISH)).json()["mobile_days"]
        assert (shown["id"], shown["city"], shown["bookable"]) == ("tyumen", "Tyumen", True)
        (later,) = (await api.get("/api/posts/mow", headers=ENGLISH)).json()["mobile_days"]
        assert (later["id"], later["bookable"]) == ("krasnodar", False), "in February, so beyond what can be booked now"

        there = {"place": "tyumen"}
        at_post = (await api.get("/api/appointments/slots", params=ABOUT | {"days": "30"}, headers=ENGLISH)).json()
        assert [(one["id"], one["hours"]) for one in at_post["elsewhere"]] == [("tyumen", "10:00–16:00")]
        assert at_post["place"] is None
        assert not [slot for day in at_post["days"] for slot in day["slots"] if "tyumen" in slot["id"]]
        found = (await api.get("/api/appointments/slots", params=ABOUT | there, headers=ENGLISH)).json()
        assert (found["place"]["name"], [day["day"] for day in found["days"]]) == ("Tyumen", ["2026-12-12"])
        unknown = await api.get("/api/appointments/slots", params=ABOUT | {"place": "atlantis"})
        assert (unknown.status_code, unknown.json()["type"]) == (404, "/problems/no-such-day")

        kept = await held(api, citizen, *(slot["id"] for slot in found["days"][0]["slots"][:2]))
        assert kept.status_code == 201, kept.text
        assert (kept.json()["place"], kept.json()["day"]) == ({"id": "tyumen", "name": "Tyumen"}, "2026-12-12")
        booked = await api.post(f"/api/appointments/{kept.json()['id']}/booking", json={}, headers=keyed(citizen))
        assert booked.json()["state"] == "booked"
        wait = ABOUT | there | {"from_day": "2026-11-24", "until_day": "2026-11-25"}
        still = await api.post("/api/waiting-list", json=wait, headers=keyed(citizen))
        assert (still.status_code, still.json()["type"]) == (409, "/problems/times-are-free")

        listed = (await api.get("/api/officer/appointments", params={"post_id": "yek"} | there, headers=officer)).json()
        assert (listed["day"], listed["place"]["name"], listed["windows"]) == ("2026-12-12", "Tyumen", ["tyumen-1", "tyumen-2"])
        assert [visit["visitor"] for visit in listed["appointments"][0]["visits"]] == ["Үлгү 0", "Үлгү 1"]
        that_day = {"post_id": "yek", "day": "2026-12-12"}
        post = (await api.get("/api/officer/appointments", params=that_day, headers=officer)).json()
        assert (post["appointments"], post["windows"], [one["id"] for one in post["elsewhere"]]) == ([], ["a", "b"], ["tyumen"])


async def test_for_a_service_that_is_not_offered_no_time_is_shown_kept_waited_for_or_drawn_and_no_ticket_given(
    place: Place, tokens: TestTokens
) -> None:
    given = place.settings()
    settings = Settings.beside(given).model_copy(update={"offer_illustrative": False})
    citizen, officer, head = tokens.citizen("aigerim"), tokens.officer("nurlan", "intake"), tokens.officer("bakyt", "head")
    day, moment = "2026-12-08", "2026-12-01T09:00:00Z"
    visit = {"slot_id": f"yek.a.{day}.0930", "service_id": ABOUT["service_id"], "visitor": "Үлгү"}
    asked: list[tuple[str, dict[str, Any], Headers]] = [
        ("/api/appointments", {"post_id": "yek", "visits": [visit]}, citizen),
        ("/api/waiting-list", ABOUT | {"from_day": day, "until_day": day}, citizen),
        ("/api/officer/walk-ins", ABOUT, officer),
        (
            "/api/officer/draws",
            ABOUT | {"from_day": day, "until_day": day, "opens_at": moment, "closes_at": moment, "draws_at": moment},
            head,
        ),
    ]
    async with serving(create_app(settings), tokens) as api:
        assert ABOUT["service_id"] not in {each["id"] for each in (await api.get("/api/services")).json()["services"]}
        answers = [await api.get("/api/appointments/slots", params=ABOUT)]
        answers += [await api.post(path, json=body, headers=keyed(who)) for path, body, who in asked]
        assert [(answer.status_code, answer.json()["type"]) for answer in answers] == [(404, "/problems/service-not-found")] * 5


async def test_who_has_a_case_of_a_service_that_is_offered_no_more_books_and_waits_for_it_and_begins_no_new_one(
    place: Place, tokens: TestTokens
) -> None:
    citizen, other = tokens.citizen("aigerim") | ENGLISH, tokens.citizen("bermet") | ENGLISH
    async with serving(create_app(place.settings()), tokens) as api:
        mine, another = await submitted(api, citizen, ABOUT["service_id"]), (await start(api, citizen, "passport-adult"))["id"]
    settings = Settings.beside(place.settings()).model_copy(update={"offer_illustrative": False})
    async with serving(create_app(settings), tokens) as api:
        again = await api.post("/api/applications", json=ABOUT, headers=keyed(citizen))
        assert (again.status_code, again.json()["type"]) == (404, "/problems/service-not-found")
        described = [
            (await api.get(f"/api/services/{ABOUT['service_id']}{asked}")).status_code for asked in ("", "?of_case=true")
        ]
        assert described == [404, 200], "its page draws the case by it"
        times = f"/api/applications/{mine}/times"
        assert (await api.get(times, headers=other)).status_code == 404
        found = (await api.get(times, params={"days": "30"}, headers=citizen)).json()
        slots = [slot["id"] for day in found["days"] for slot in day["slots"]]
        visit = {"slot_id": slots[-1], "service_id": ABOUT["service_id"], "visitor": "Үлгү"}

        async def kept(who: Headers, case: str | None) -> tuple[int, str]:
            body = {"post_id": "yek", "visits": [visit | {"application_id": case}]}
            answer = await api.post("/api/appointments", json=body, headers=keyed(who))
            return answer.status_code, answer.json().get("type", answer.json().get("state"))

        assert await kept(citizen, None) == (404, "/problems/service-not-found")
        assert await kept(citizen, another) == (404, "/problems/service-not-found")
        assert await kept(other, mine) == (404, "/problems/application-not-found")
        assert await kept(citizen, mine) == (201, "held")
        wait = ABOUT | {"from_day": found["first_day"], "until_day": found["last_day"]}
        waits = [
            await api.post("/api/waiting-list", json=wait | {"application_id": case}, headers=keyed(citizen))
            for case in (None, mine)
        ]
        assert [(answer.status_code, answer.json()["type"]) for answer in waits] == [
            (404, "/problems/service-not-found"),
            (409, "/problems/times-are-free"),
        ]
        await api.post(f"/api/applications/{mine}/withdrawal", headers=keyed(citizen))
        assert await kept(citizen, mine) == (409, "/problems/no-visit-now")
        ended = await api.get(times, headers=citizen)
        assert (ended.status_code, ended.json()["current"]["status"]) == (409, "withdrawn")


async def test_a_visit_that_took_place_is_not_cancelled_and_the_refusal_says_so_in_each_language(
    place: Place, tokens: TestTokens, tmp_path: Path
) -> None:
    clock, day = tmp_path / "clock", datetime(2026, 12, 8, 2, tzinfo=UTC)

    def at(moment: datetime) -> None:
        clock.write_text(str((moment - datetime.now(UTC)).total_seconds()))

    at(AT)
    long: dict[str, Any] = {"iat": AT, "exp": datetime.now(UTC) + timedelta(days=100)}
    citizen, officer = tokens.citizen("aigerim", **long), tokens.officer("nurlan", "intake", **long)
    async with serving(create_app(place.settings(clock_file=clock)), tokens) as api:
        slot = "yek.a.2026-12-08.0930"
        made = await held(api, citizen, slot)
        path = f"/api/appointments/{made.json()['id']}"
        booked = await api.post(f"{path}/booking", json={}, headers=keyed(citizen))
        assert booked.json()["may"] == ["confirm", "cancel"]
        at(day)  # seven in the morning there, before its time
        marks = {}
        for mark in ("arrived", "absent", "served"):
            body = {"slot_id": slot, "attendance": mark}
            noted = await api.post(f"/api/officer{path.removeprefix('/api')}/attendance", json=body, headers=keyed(officer))
            assert noted.status_code == 200, noted.text
            refused = await api.post(f"{path}/cancellation", headers=keyed(citizen | ENGLISH))
            marks[mark] = (
                refused.status_code,
                refused.json()["type"].rpartition("/")[2],
                refused.json()["current"]["attendance"],
            )
        assert marks == {
            "arrived": (409, "visitor-here", ["arrived"]),
            "absent": (409, "visit-missed", ["absent"]),
            "served": (409, "visit-served", ["served"]),
        }
        texts = set()
        for language in ("ky", "ru", "en"):
            said = citizen | {"Accept-Language": language}
            texts.add((await api.post(f"{path}/cancellation", headers=keyed(said))).json()["detail"])
            shown = (await api.get(path, headers=said)).json()
            texts.add(shown["state_text"])
            assert (shown["state"], shown["may"], shown["answer_awaited"]) == ("booked", [], False)
        assert len(texts) == 6
        assert slot not in {each["id"] for each in await free(api)}


async def test_in_another_town_tickets_are_a_series_of_their_own_on_that_day_by_the_time_there(
    place: Place, tokens: TestTokens, tmp_path: Path
) -> None:
    clock = tmp_path / "clock"
    long: dict[str, Any] = {"iat": AT, "exp": datetime.now(UTC) + timedelta(days=100)}
    officer = tokens.officer("nurlan", "intake", post="nov", **long)

    def at(day: int, hour: int, minute: int = 0) -> None:
        moment = datetime(2026, 12, day, hour, minute, tzinfo=UTC)
        clock.write_text(str((moment - datetime.now(UTC)).total_seconds()))

    at(18, 17, 30)  # half past eleven in the evening in Omsk, and past midnight in Novosibirsk already
    async with serving(create_app(place.settings(clock_file=clock)), tokens) as api:

        async def asked(path: str, **body: str | None) -> tuple[int, str | int]:
            answer = await api.post(f"/api/officer/walk-ins{path}", json={"post_id": "nov"} | body, headers=keyed(officer))
            told = answer.json()
            return answer.status_code, told.get("number", told["type"] if answer.status_code >= 400 else "")

        async def listed(**where: str) -> dict[str, Any]:
            answer = await api.get("/api/officer/appointments", params={"post_id": "nov"} | where, headers=officer)
            assert answer.status_code == 200, answer.text
            found: dict[str, Any] = answer.json()
            return found

        assert await asked("", place="omsk") == (409, "/problems/no-tickets-that-day")
        assert not (await listed(place="omsk"))["today"]
        at(19, 18, 30)  # half past midnight there: the day is over, as it is at the post
        assert await asked("/calls", place="omsk", window="omsk-1") == (409, "/problems/no-tickets-that-day")
        at(19, 17, 30)  # the day is over at the post, and not there
        assert (await listed(place="omsk"))["today"]
        assert [one["id"] for one in (await listed(place="omsk"))["elsewhere"]] == ["omsk"]
        at(19, 5)
        assert await asked("") == (201, 1)
        assert [await asked("", place="omsk") for _ in range(2)] == [(201, 1), (201, 2)]
        assert await asked("", place="atlantis") == (404, "/problems/no-such-day")
        there, here = await listed(place="omsk"), await listed(day="2026-12-19")
        assert [ticket["number"] for ticket in there["tickets"]] == [1, 2]
        assert ([ticket["number"] for ticket in here["tickets"]], there["today"]) == ([1], True)
        called = await api.post(
            "/api/officer/walk-ins/calls", json={"post_id": "nov", "window": "omsk-2", "place": "omsk"}, headers=keyed(officer)
        )
        assert (called.json()["id"], called.json()["window"]) == ("nov.omsk.2026-12-19.1", "omsk-2")
        assert await asked("/calls", window="a") == (200, 1), "at the post its own first one still waits"
        end = f"/api/officer/walk-ins/{called.json()['id']}/end"
        assert (await api.post(end, json={"outcome": "served"}, headers=keyed(officer))).json()["state"] == "served"
        assert await asked("/calls", place="omsk", window="omsk-1") == (200, 2)
        assert await asked("/calls", place="omsk", window="omsk-1") == (409, "/problems/nobody-waits")
