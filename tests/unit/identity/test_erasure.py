"""An erasure as identity sees it: done when every service has answered that nothing is left, however late they answer."""

from datetime import UTC, datetime, timedelta

from services.identity.domain.erasure import SERVICES, Erasure
from shared.sealing.holds import hold_kinds

AT = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
LATER = AT + timedelta(days=1)


def asked() -> Erasure:
    return Erasure.ask("p1", at=AT)[0]


def answer(erasure: Erasure, service: str, number: int = 1, held_for: str | None = None, at: datetime = AT) -> bool:
    return erasure.answered(service, number=number, held_for=held_for, at=at)


def test_it_is_done_with_the_last_service_that_has_destroyed_what_it_kept() -> None:
    erasure = asked()
    for service in SERVICES[:-1]:
        answer(erasure, service)
        assert erasure.done_at is None
    answer(erasure, SERVICES[-1], at=LATER)
    assert erasure.done_at == LATER


def test_what_a_service_holds_keeps_it_open_until_that_service_answers_anew() -> None:
    erasure = asked()
    for service in SERVICES:
        answer(erasure, service, held_for="court-order" if service == "documents" else None)
    assert (erasure.done_at, erasure.waits_for) == (None, ["documents"])
    answer(erasure, "documents", 2, at=LATER)
    assert (erasure.done_at, erasure.waits_for) == (LATER, [])


def test_an_answer_that_comes_late_or_twice_changes_nothing() -> None:
    erasure = asked()
    assert answer(erasure, "documents", 2)
    assert not answer(erasure, "documents", 1, held_for="appeal")
    assert not answer(erasure, "documents", 2)
    assert erasure.answers["documents"].held_for is None
    assert erasure.version == 2


def test_every_kind_of_hold_says_why_and_by_whose_decision() -> None:
    assert hold_kinds()
    assert all(kind.why and kind.source.startswith("D") for kind in hold_kinds().values())
