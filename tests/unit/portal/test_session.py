"""The session cookie: what it keeps, what it does not believe, and when it ends."""

import time

import pytest

from services.portal.session import LONGEST_COOKIE, Session, SessionCookie
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


def test_the_longest_session_fits_into_a_cookie() -> None:
    longest = person(name="Ү" * 100, account="a" * 60, token="t" * 1500, roles=("intake", "deciding", "head", "administrator"))
    assert len(cookie_of(Session(csrf="c" * 32, language="ky", person=longest))) < LONGEST_COOKIE


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
    session.sign_in(person(token="a new one of the same person"))
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
