"""Forms of our own pages are taken, and no others: each POST of the portal is tried."""

import re
from typing import Any

import pytest
from fastapi.routing import iter_route_contexts
from hypothesis import given
from hypothesis import strategies as st

from services.portal import csrf
from services.portal.session import Session
from tests.unit.portal.portal import portal, visiting, with_token


@given(st.text("abcdefghijklmnopqrstuvwxyz0123456789-_", max_size=64))
def test_a_masked_token_is_the_token(token: str) -> None:
    assert csrf.unmasked(csrf.masked(token)) == token


def test_a_token_never_looks_the_same_twice() -> None:
    assert csrf.masked("c" * 32) != csrf.masked("c" * 32)


@given(st.text(max_size=40))
def test_whatever_is_sent_as_a_token_is_only_wrong(value: str) -> None:
    assert csrf.unmasked(value) != "c" * 32


async def test_every_post_is_refused_without_the_token() -> None:
    app = portal()
    posts = [route.path for route in iter_route_contexts(app.routes) if route.path and "POST" in (route.methods or ())]
    assert len(posts) > 5
    async with visiting(app, Session(csrf="c" * 32)) as client:
        answers = {path: await client.post(path.replace("{", "").replace("}", ""), data={"name": "value"}) for path in posts}
    assert {path for path, answer in answers.items() if answer.status_code != 403} == set()
    assert all("This form can no longer be sent" in answer.text for answer in answers.values())


@pytest.mark.parametrize("token", ["", "00", "zz", csrf.masked("d" * 32), csrf.masked("")])
async def test_a_wrong_token_is_refused(token: str) -> None:
    async with visiting(portal(), Session(csrf="c" * 32)) as client:
        answer = await client.post("/sign-out", data={csrf.FIELD: token})
    assert answer.status_code == 403


async def test_without_a_session_no_token_is_right() -> None:
    async with visiting(portal()) as client:
        answer = await client.post("/sign-out", data={csrf.FIELD: csrf.masked("")})
    assert answer.status_code == 403


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
async def test_another_site_is_refused_even_with_the_token(site: str) -> None:
    session = Session(csrf="c" * 32)
    async with visiting(portal(), session) as client:
        answer = await client.post("/sign-out", data=with_token(session), headers={"Sec-Fetch-Site": site})
    assert answer.status_code == 403


@pytest.mark.parametrize("media_type", ["application/json", "text/plain", ""])
async def test_what_is_no_form_is_refused(media_type: str) -> None:
    async with visiting(portal(), Session(csrf="c" * 32)) as client:
        answer = await client.post("/sign-out", content=b"{}", headers={"Content-Type": media_type})
    assert answer.status_code == 403


@pytest.mark.parametrize(
    "fields", [{"data": {"text": "x" * (csrf.LONGEST_FIELD + 1)}}, {"files": {"text": (None, b"x" * 70_000)}}]
)
async def test_a_field_longer_than_any_of_ours_is_not_read(fields: dict[str, Any]) -> None:
    async with visiting(portal(), Session(csrf="c" * 32)) as client:
        answer = await client.post("/v", **fields)
    assert answer.status_code == 400


async def test_what_can_no_longer_be_sent_shows_what_a_person_wrote_and_nothing_that_a_form_carries() -> None:
    form = {"version": "5", "drawn_from": "5e253af543acda87", "back": "check", "then": "next", "key": "k-1", "target": "/a"}
    form |= {"chosen": "substitution country", "substitution": "not_allowed", "country": "RU", "powers": "To sell the house"}
    form |= {"birth_date-day": "5", "birth_date-month": "2", "birth_date-year": "1990", "phone": ""}
    async with visiting(portal(), Session(csrf="c" * 32)) as client:
        answer = await client.post("/v", data=form)
    assert re.findall(r"<textarea[^>]*>([^<]*)</textarea>", answer.text) == ["To sell the house", "5 2 1990"]


async def test_our_own_form_is_taken() -> None:
    session = Session(csrf="c" * 32)
    async with visiting(portal(), session) as client:
        answer = await client.post("/sign-out", data=with_token(session), headers={"Sec-Fetch-Site": "same-origin"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
