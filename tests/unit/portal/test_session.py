"""The session cookie: what it keeps, what it does not believe, and when it ends."""

import time
from dataclasses import replace
from uuid import uuid4

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from services.portal.apis import SERVICES
from services.portal.session import LONGEST_COOKIE, CodeAsked, Session, SessionCookie
from tests.unit.portal.portal import COOKIE, KEY, cookie_of, person


def test_what_was_put_in_comes_out_again() -> None:
    session = Session(csrf="c" * 32, language="ky", person=person(roles=("intake", "deciding"), post_id="yek"))
    assert COOKIE.read(cookie_of(session)) == session


def test_nothing_of_it_can_be_read_in_the_cookie() -> None:
    assert "aigerim" not in COOKIE.header(Session(person=person()))


@pytest.mark.parametrize("cookie", ["", "nonsense", "a.b.c.d.e", "ключ"])
def test_what_is_no_cookie_of_ours_is_a_new_session(cookie: str) -> None:
    assert COOKIE.read(cookie) == Session()


def test_an_altered_cookie_is_a_new_session() -> None:
    kept = cookie_of(Session(language="ru", person=person()))
    middle = len(kept) // 2
    other = "A" if kept[middle] != "A" else "B"
    assert COOKIE.read(kept[:middle] + other + kept[middle + 1 :]) == Session()


def test_a_cookie_under_another_key_is_a_new_session() -> None:
    foreign = SessionCookie(KEY.replace("a", "b"), secure=False)
    assert COOKIE.read(foreign.header(Session(language="ru")).partition("=")[2].partition(";")[0]) == Session()


def test_the_sign_in_ends_and_the_form_that_was_open_can_still_be_sent() -> None:
    session = Session(csrf="c" * 32, language="ru", person=person(until=time.time() - 1))
    read = COOKIE.read(cookie_of(session))
    assert (read.person, read.csrf, read.language) == (None, "c" * 32, "ru")


def real_tokens(posts: int) -> dict[str, str]:
    """Of an officer who holds three roles at so many posts, as identity makes them."""
    key, now = ECKey.generate_key("P-256", auto_kid=True), int(time.time())
    grants = [[role, f"p{number:02}"] for role in ("deciding", "head", "intake") for number in range(posts)]
    claims = {"iss": "eshik-identity", "sub": str(uuid4()), "kind": "officer", "iat": now, "exp": now + 900, "lang": "ky"}
    claims |= {
        "sid": str(uuid4()),
        "amr": ["pwd", "otp"],
        "auth_time": now,
        "acr": "self-asserted",
        "post": "yek",
        "grants": grants,
    }
    header = {"alg": "ES256", "kid": key.thumbprint()}
    return {name: jwt.encode(header, {**claims, "aud": name, "jti": str(uuid4())}, key) for name in SERVICES}


def test_the_longest_session_fits_into_a_cookie() -> None:
    refresh = f"{uuid4()}.123456.{'m' * 43}"
    roles = ("intake", "deciding", "head", "ministry", "auditor", "administrator")
    longest = person(name="Ү" * 100, account="a" * 60, session=str(uuid4()), tokens=real_tokens(40), refresh=refresh, roles=roles)
    asked = CodeAsked(str(uuid4()), "b" * 43, "email", time.time() + 600, "x" * 254, time.time(), 5)
    assert len(cookie_of(Session(csrf="c" * 32, language="ky", person=longest, asked=asked))) < LONGEST_COOKIE


def test_tokens_come_out_of_the_cookie_byte_for_byte() -> None:
    tokens = real_tokens(3)
    read = COOKIE.read(cookie_of(Session(person=person(tokens=tokens))))
    assert read.person is not None
    assert read.person.tokens == tokens


def test_an_answer_that_comes_late_does_not_bring_back_who_signed_out_meanwhile() -> None:
    late = Session(csrf="c" * 32, person=person())
    leaving = Session(csrf="c" * 32, person=person())
    leaving.sign_out()
    assert COOKIE.read(cookie_of(late), leaving.left).person is None


def test_who_signs_in_again_is_not_taken_for_the_one_who_left() -> None:
    leaving = Session(person=person())
    leaving.sign_out()
    assert COOKIE.read(cookie_of(Session(person=person(session="another"))), leaving.left).person is not None


def test_a_code_that_was_asked_for_stays_with_the_browser_until_it_runs_out_or_signs_in() -> None:
    asked = CodeAsked("challenge", "binding", "sms", time.time() + 600)
    assert COOKIE.read(cookie_of(Session(asked=asked))).asked == asked
    assert COOKIE.read(cookie_of(Session(asked=replace(asked, until=time.time() - 1)))).asked is None
    session = Session(asked=asked)
    session.sign_in(person())
    assert session.asked is None


def test_scripts_and_other_sites_do_not_get_the_cookie() -> None:
    header = SessionCookie(KEY, secure=True).header(Session())
    assert header.startswith("__Host-eshik=")
    assert {"HttpOnly", "Secure", "SameSite=Lax", "Path=/"} <= set(header.split("; "))


def test_signing_out_leaves_no_form_token_to_the_next_person() -> None:
    session = Session(csrf="c" * 32, person=person())
    session.sign_out()
    assert (session.person, session.csrf, session.changed) == (None, "", True)


def test_a_form_that_one_person_left_open_is_not_sent_as_the_next_one_s() -> None:
    session = Session(csrf="c" * 32, person=person())
    session.sign_in(person(refresh="a new one of the same person"))
    assert session.csrf == "c" * 32
    session.sign_in(person(account="gulnara"))
    assert session.csrf == ""


@pytest.mark.parametrize(("account", "token"), [("aigerim", "c" * 32), ("gulnara", "")])
def test_nor_where_the_first_one_s_sign_in_has_ended_by_itself(account: str, token: str) -> None:
    session = COOKIE.read(cookie_of(Session(csrf="c" * 32, person=person(until=time.time() - 1))))
    session.expire()
    session = COOKIE.read(cookie_of(session))
    session.sign_in(person(account=account))
    assert session.csrf == token
