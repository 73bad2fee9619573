"""A session's refresh tokens: each is worth something once, the one before it for half a minute, and an older one ends all."""

from datetime import UTC, datetime, timedelta

import pytest

from services.identity.domain.person import Person
from services.identity.domain.session import EndedBecause, Renewal, Session
from services.identity.domain.sign_in_secret import SignInSecret
from shared.actors import Assurance

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
SECRET = SignInSecret(b"s" * 32)


def a_session(kind: str = "citizen") -> Session:
    if kind == "citizen":
        person = Person.citizen(id="c1", login="aida", name="Аида", language="ky", email=None, phone=None)
    else:
        person = Person.officer(id="o1", login="bek", name="Бек", language="ru", post_id="yek", roles=["intake"])
    return Session.open("s1", person, methods=["demo"], assurance=Assurance.SELF_ASSERTED, device="", at=NOW)


def test_a_refresh_token_is_replaced_by_the_next_one() -> None:
    session = a_session()
    assert (session.renew(1, at=NOW), session.generation, session.version) == (Renewal.ROTATED, 2, 2)


def test_the_one_before_brings_the_same_successor_for_half_a_minute() -> None:
    session = a_session()
    session.renew(1, at=NOW)
    assert session.renew(1, at=NOW + timedelta(seconds=30)) is Renewal.REPEATED
    assert (session.generation, session.version) == (2, 2)


def test_and_then_it_ends_the_session() -> None:
    session = a_session()
    session.renew(1, at=NOW)
    assert session.renew(1, at=NOW + timedelta(seconds=31)) is Renewal.REUSED
    assert (session.ended_because, session.renew(2, at=NOW + timedelta(seconds=32))) == (EndedBecause.REUSE, Renewal.OVER)


def test_the_one_before_the_last_ends_the_session_at_once() -> None:
    session = a_session()
    session.renew(1, at=NOW)
    session.renew(2, at=NOW)
    assert session.renew(1, at=NOW) is Renewal.REUSED


def test_a_citizen_who_comes_back_within_thirty_days_stays_signed_in() -> None:
    session = a_session()
    for number in range(1, 4):
        assert session.renew(number, at=NOW + timedelta(days=29) * number) is Renewal.ROTATED
    assert session.renew(4, at=NOW + timedelta(days=29 * 3 + 30)) is Renewal.OVER


def test_an_officer_signs_in_anew_after_twelve_hours_however_busy() -> None:
    session = a_session("officer")
    assert session.renew(1, at=NOW + timedelta(hours=11)) is Renewal.ROTATED
    assert session.renew(2, at=NOW + timedelta(hours=12)) is Renewal.OVER


def test_a_refresh_token_is_read_only_as_it_was_made() -> None:
    token = SECRET.refresh_token("s1", 7)
    assert SECRET.read_refresh_token(token) == ("s1", 7)
    assert SignInSecret(b"t" * 32).read_refresh_token(token) is None


@pytest.mark.parametrize(
    "token", ["", ".", "s1", "s1.7", "s1.7.", "s1.x.y", "s1.-1.y", "s1.٧.y", "s1.7." + "A" * 43, "s1.99999999999.x", "ключ"]
)
def test_what_is_no_refresh_token_is_none(token: str) -> None:
    assert SECRET.read_refresh_token(token) is None


def test_a_code_has_six_digits_and_belongs_to_one_challenge() -> None:
    codes = [SECRET.code(f"challenge-{number}") for number in range(2000)]
    assert all(len(code) == 6 and code.isdigit() for code in codes)
    assert any(code.startswith("0") for code in codes)
    assert len(set(codes)) > 1900
    assert SECRET.code("challenge-1") == codes[1] != SignInSecret(b"t" * 32).code("challenge-1")


@pytest.mark.parametrize("text", ["", "short", "ключ" * 20, "A" * 42])
def test_a_secret_that_is_too_short_is_refused_and_not_quoted(text: str) -> None:
    with pytest.raises(ValueError, match="at least 32 random bytes") as refusal:
        SignInSecret.from_text(text)
    assert not text or text not in str(refusal.value)
