"""What the pages of a sign-in keep and do not keep while identity is away."""

import time

import pytest

from services.portal.pages.sign_in_code import TRIES, TRIES_LEFT
from services.portal.session import CodeAsked, PasswordShown, Session
from tests.unit.portal.portal import portal, visiting, with_token

ASKED = CodeAsked("challenge", "binding", "email", time.time() + 600, "a@example.org", time.time() - 60)


async def test_a_password_is_in_no_page_where_identity_is_away_and_the_login_is() -> None:
    session = Session(csrf="c" * 32)
    async with visiting(portal(), session) as client:
        answer = await client.post("/officer/sign-in", data=with_token(session, login="zhibek", password="tamak bulut"))
    assert answer.status_code == 503
    assert "zhibek" in answer.text
    assert "tamak bulut" not in answer.text


async def test_a_password_is_in_no_page_where_too_many_were_tried() -> None:
    session = Session(csrf="c" * 32)
    async with visiting(portal(tries_per_minute=1), session) as client:
        form = with_token(session, login="zhibek", password="tamak bulut")
        answers = [await client.post("/officer/sign-in", data=form) for _ in range(2)]
    assert answers[1].status_code == 429
    assert "tamak bulut" not in answers[1].text


async def test_what_was_typed_is_kept_where_an_address_is_refused_before_its_form_is_read() -> None:
    """Else the page would offer to send the form again without its fields, and so empty what was saved."""
    session = Session(csrf="c" * 32)
    form = with_token(session, powers="sell the house", password="tamak bulut")
    forged = {"csrf_token": "00" * 64, "powers": "sell the house"}
    async with visiting(portal(requests_per_address_minute=1), session) as client:
        client.headers["X-Forwarded-For"] = "203.0.113.9"
        await client.get("/")
        path = "/applications/3d0b2a6e-6a43-4f5e-9a26-1f3f3a4c1f10/steps/powers"
        own, other = await client.post(path, data=form), await client.post(path, data=forged)
        file = await client.post(path, data=form, files={"file": ("a.jpg", b"\xff\xd8\xff")})
    assert [answer.status_code for answer in (own, other, file)] == [429] * 3
    assert 'name="powers" value="sell the house"' in own.text
    assert "tamak bulut" not in own.text
    again = [f'action="{path}"' in answer.text for answer in (own, other, file)]
    assert again == [True, False, False]
    assert "sell the house" not in other.text


@pytest.mark.parametrize("path", ["/sign-in/code", "/sign-in/another"])
async def test_what_another_form_had_sent_stays_while_a_code_cannot_be_judged(path: str) -> None:
    session = Session(csrf="c" * 32, asked=ASKED)
    async with visiting(portal(), session) as client:
        form = with_token(session, code="123456", target="/applications", **{"kept.powers": "sell the house"})
        answer = await client.post(path, data=form)
    assert answer.status_code == 503
    assert 'name="kept.powers" value="sell the house"' in answer.text


async def test_without_a_code_that_was_asked_for_one_is_led_to_the_beginning() -> None:
    async with visiting(portal()) as client:
        assert (await client.get("/sign-in/code")).headers["location"] == "/sign-in"
        assert (await client.get("/officer/sign-in/code")).headers["location"] == "/officer/sign-in"


async def test_a_password_that_was_shown_is_asked_for_its_second_factor() -> None:
    session = Session(half=PasswordShown("pending", "binding", time.time() + 60))
    async with visiting(portal(), session) as client:
        assert (await client.get("/officer/sign-in/code")).status_code == 200


def test_every_number_of_tries_left_has_its_words() -> None:
    assert set(TRIES_LEFT) == set(range(TRIES))
