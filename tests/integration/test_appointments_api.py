"""Appointments over HTTP: from free times to the counter, what officers see, and what a person is given of them."""

from typing import Any

import httpx
import pytest

from tests.integration.applications_client import Headers, aigerim, api, keyed, nurlan
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
