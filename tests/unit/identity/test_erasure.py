"""An erasure as identity sees it: done when every service has answered that nothing is left, however late they answer."""

from datetime import UTC, datetime, timedelta

import pytest

from services.identity.api.rights_schemas import OwnErasure
from services.identity.domain.erasure import SERVICES, Erasure, NotAsked, TooLateToKeep
from shared.sealing.holds import TAKEN_BACK, hold_kinds
from shared.texts import LANGUAGES

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


def test_every_kind_of_hold_is_told_in_each_language() -> None:
    assert all(set(kind.texts) == set(LANGUAGES) and all(kind.texts.values()) for kind in hold_kinds().values())


def test_the_account_goes_last_and_not_while_a_service_holds_what_needs_it() -> None:
    erasure = asked()
    for service in SERVICES[:-1]:
        answer(erasure, service)
        assert not erasure.account_may_go
    answer(erasure, SERVICES[-1], held_for="notarial-record")  # is kept by itself, and needs no account
    assert erasure.account_may_go
    answer(erasure, SERVICES[-1], 2, held_for="notarial-record,court-order")
    assert not erasure.account_may_go


def test_it_can_be_taken_back_while_nothing_was_destroyed_and_counts_once_applications_says_so() -> None:
    erasure = asked()
    answer(erasure, "applications", held_for="open-case")
    assert (erasure.can_be_withdrawn, erasure.is_answered, erasure.kinds) == (True, True, ["open-case"])
    event = erasure.withdraw(at=AT)
    assert event is not None
    assert event.sequence == erasure.round == 1
    assert erasure.withdraw(at=LATER) is None
    assert erasure.withdrawn_at is None
    answer(erasure, "applications", 2, held_for=TAKEN_BACK, at=LATER)
    assert erasure.withdrawn_at == LATER
    assert not erasure.account_may_go
    with pytest.raises(NotAsked):
        erasure.withdraw(at=LATER)


def test_what_was_destroyed_meanwhile_is_not_taken_back() -> None:
    erasure = asked()
    erasure.withdraw(at=AT)
    answer(erasure, "applications", at=LATER)  # was faster
    assert erasure.withdrawn_at is None
    with pytest.raises(TooLateToKeep):
        erasure.withdraw(at=LATER)


def test_once_another_service_has_begun_it_is_not_taken_back_whatever_applications_holds_later() -> None:
    erasure = asked()
    answer(erasure, "applications", held_for="notarial-record")  # which lets the others begin
    answer(erasure, "documents")
    answer(erasure, "applications", 2, held_for="court-order,notarial-record", at=LATER)
    assert not erasure.can_be_withdrawn
    with pytest.raises(TooLateToKeep):
        erasure.withdraw(at=LATER)


def test_what_was_taken_back_can_be_asked_for_again_and_late_answers_to_the_first_request_count_for_nothing() -> None:
    erasure = asked()
    answer(erasure, "applications", 1, held_for="open-case")
    assert erasure.ask_again(at=LATER) is None
    erasure.withdraw(at=AT)
    answer(erasure, "applications", 2, held_for=TAKEN_BACK)
    event = erasure.ask_again(at=LATER)
    assert event is not None
    assert (event.sequence, erasure.round, erasure.withdrawn_at) == (2, 2, None)
    assert not answer(erasure, "applications", 1)
    for service in SERVICES[1:]:
        answer(erasure, service)
    assert not erasure.account_may_go
    answer(erasure, "applications", 3)
    assert erasure.account_may_go


def test_nothing_is_told_as_destroyed_before_its_service_has_said_so() -> None:
    erasure = asked()
    answer(erasure, "applications", 1, held_for="open-case")
    erasure.withdraw(at=AT)
    assert OwnErasure.of(erasure, "en").withdrawing
    answer(erasure, "applications", 2, held_for=TAKEN_BACK)
    erasure.ask_again(at=LATER)
    assert OwnErasure.of(erasure, "en").answers == []  # and none that holds nothing, which would say that it is gone
    erasure.withdraw(at=LATER)
    answer(erasure, "applications", 3, at=LATER)
    told = OwnErasure.of(erasure, "en")
    assert [(one.service, one.held) for one in told.answers] == [("applications", [])]
    assert not told.withdrawing  # it came too late
