"""A fee of which nothing is paid: until when the post waits, when its citizen is told, and what is left of the case after it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from services.applications.catalogue import the_catalogue
from services.applications.domain.after_issue import correct, record_sent
from services.applications.domain.application import Application
from services.applications.domain.authority import to_take_payment
from services.applications.domain.correspondence import keep_original, return_original
from services.applications.domain.errors import ApplicationNotFound
from services.applications.domain.fee_errors import CaseClosed, FeeNotPaid
from services.applications.domain.fees import FeeState, Money
from services.applications.domain.journal import Act, Action, service
from services.applications.domain.relations import NONE_DECLARED
from services.applications.domain.status import Status
from services.applications.domain.turn import not_ready
from services.applications.fees.term import ended_at, last_day, told_at, told_late
from shared.contracts.applications import ApplicationExpired, ApplicationFeeRunsOut, ApplicationPaymentTakenBack, Expiry, Owed
from tests.unit.applications.cases import AT, CITIZEN, FORMATS, HEAD, INTAKE, POST, RETURN, complete, draft, in_review

NEW_YORK = (
    the_catalogue().post("nyc") if "nyc" in the_catalogue().posts else POST.model_copy(update={"time_zone": "America/New_York"})
)
PAY_BY = date(2027, 2, 18)


def unpaid() -> Application:
    case = complete(RETURN)
    definition = the_catalogue().service(RETURN)
    case.submit(by=CITIZEN, definition=definition, post=POST, formats=FORMATS, at=AT, fee=FeeState("due", "due"), pay_by=PAY_BY)
    return case


def test_the_last_day_ends_with_the_night_at_the_post_whatever_its_clock_does_meanwhile() -> None:
    handed_in = datetime(2026, 12, 20, 3, 0, tzinfo=UTC)  # still the 19th in New York
    day = last_day(NEW_YORK, handed_in)
    assert day == date(2027, 3, 19)
    assert ended_at(day, NEW_YORK) == datetime(2027, 3, 20, 4, 0, tzinfo=UTC)  # in summer time by then
    assert told_at(day, NEW_YORK) == datetime(2027, 3, 5, 14, 0, tzinfo=UTC)  # nine in the morning, still in winter time
    assert last_day(POST, handed_in) == date(2027, 3, 20), "the 20th in Yekaterinburg"


def test_who_is_told_late_has_as_many_days_left_as_promised() -> None:
    on_time = told_at(PAY_BY, POST)
    assert told_late(PAY_BY, POST, on_time) == PAY_BY
    assert told_late(PAY_BY, POST, on_time + timedelta(days=20)) == PAY_BY + timedelta(days=20)


def test_only_a_case_that_waits_for_its_fee_has_a_last_day_and_its_citizen_is_told_once() -> None:
    case = unpaid()
    assert (case.status, case.pay_by) == (Status.FEE_DUE, PAY_BY.isoformat())
    until = ended_at(PAY_BY, POST)
    act = case.remind_of_fee(pay_by=PAY_BY, until=until, at=AT)
    assert act is not None
    assert isinstance(act.event, ApplicationFeeRunsOut)
    assert act.event.until == until
    assert case.remind_of_fee(pay_by=PAY_BY, until=until, at=AT) is None
    assert in_review().pay_by is None
    assert in_review().remind_of_fee(pay_by=PAY_BY, until=until, at=AT) is None
    assert in_review().lapse(at=AT) is None


def test_what_was_typed_and_attached_is_deleted_with_it_and_the_post_still_sees_the_case() -> None:
    case = unpaid()
    keep_original(case, by=INTAKE, at=AT)
    act = case.lapse(at=AT)
    assert act is not None
    assert isinstance(act.event, ApplicationExpired)
    assert (act.action, act.event.because) == (Action.LAPSE, Expiry.UNPAID)
    assert (case.status, case.answers, case.attachments) == (Status.EXPIRED, {}, ())
    case.must_be_seen_by(INTAKE)
    return_original(case, by=INTAKE, at=AT)


def test_a_draft_that_was_left_stays_its_citizens_own() -> None:
    case = draft(RETURN)
    act = case.expire(at=AT)
    assert act is not None
    assert isinstance(act.event, ApplicationExpired)
    assert act.event.because is Expiry.LEFT
    with pytest.raises(ApplicationNotFound):
        case.must_be_seen_by(INTAKE)


def test_a_part_that_is_paid_while_another_is_due_is_an_act_of_the_case() -> None:
    case = unpaid()
    before = case.version
    act = case.note_fee(FeeState("due", "due"), by=service("payments"), at=AT)
    assert (act.action, case.version, case.status) == (Action.NOTE_FEE, before + 1, Status.FEE_DUE)


def taken_back(case: Application, *, at: datetime = AT) -> ApplicationPaymentTakenBack:
    act = case.take_back_payment(FeeState("due", "due"), Money(160_000, "RUB"), pay_by=PAY_BY, by=service("payments"), at=at)
    assert isinstance(act.event, ApplicationPaymentTakenBack)
    return act.event


def test_who_waits_for_a_fee_that_was_taken_back_has_another_last_day_and_is_told_of_it() -> None:
    case = unpaid()
    case.pay_by = "2026-12-01"
    told = taken_back(case)
    assert (told.owed, told.pay_by, told.amount_minor, told.currency) == (Owed.FEE, PAY_BY.isoformat(), 160_000, "RUB")
    assert (case.pay_by, case.payment_taken_back_at) == (PAY_BY.isoformat(), AT)


def test_a_case_that_ended_without_a_paper_is_not_asked_to_pay_again() -> None:
    case = unpaid()
    case.withdraw(by=CITIZEN, at=AT)
    assert (taken_back(case).owed, taken_back(case).pay_by) == (Owed.NOTHING, None)


def test_once_it_is_paid_anew_a_case_says_no_more_that_a_payment_was_taken_back() -> None:
    case = in_review()
    taken_back(case)
    assert "unpaid" in not_ready(case)
    case.note_fee(FeeState("paid", "paid"), by=service("payments"), at=AT)
    assert (case.payment_taken_back_at, "unpaid" in not_ready(case)) == (None, False)


@pytest.mark.parametrize("act", ["handover", "mail", "correction"])
def test_what_is_ready_is_neither_given_nor_made_anew_before_a_payment_that_was_taken_back_is_there_again(act: str) -> None:
    case = replace(in_review(RETURN), status=Status.READY, decided_at=AT)
    form: dict[str, Any] = {"definition": the_catalogue().service(RETURN), "post": POST, "formats": FORMATS, "at": AT}
    acts: dict[str, Callable[[], Act]] = {
        "handover": lambda: case.record_handover(by=INTAKE, at=AT),
        "mail": lambda: record_sent(case, "courier", by=INTAKE, at=AT),
        "correction": lambda: correct(case, {"full_name": "Айгерим Токтосунова"}, "our-mistake", by=HEAD, **form),
    }
    taken_back(case)
    with pytest.raises(FeeNotPaid):
        acts[act]()
    assert case.status is Status.READY
    case.note_fee(FeeState("paid", "paid"), by=service("payments"), at=AT)
    acts[act]()
    assert case.status is not Status.READY


def test_what_was_given_can_still_be_paid_for_where_its_payment_was_taken_back() -> None:
    case = replace(in_review(), status=Status.HANDED_OVER)
    taken_back(case)
    assert to_take_payment(case, INTAKE, NONE_DECLARED) == "intake"
    with pytest.raises(CaseClosed):
        to_take_payment(replace(case, status=Status.REFUSED), INTAKE, NONE_DECLARED)
