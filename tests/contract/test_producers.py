"""Each event as its producer's domain emits it is the published example: same fields, same values, same message."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from services.applications.catalogue import the_catalogue
from services.applications.domain.application import Application
from services.applications.domain.booking import Booking, BookingState, Visit
from services.applications.domain.calendars import Calendar
from services.applications.domain.draw import Draw, DrawEntry
from services.applications.domain.fees import FeeState, Money
from services.applications.domain.journal import service
from services.applications.domain.queue_acts import move
from services.applications.domain.status import Status
from services.applications.domain.term import clock_for
from services.applications.domain.timetable import Elsewhere
from services.documents.domain.register_entry import Numbering, RegisterEntry
from services.identity.domain.challenge import Challenge
from services.identity.domain.contact import ContactKind
from services.identity.domain.erasure import Erasure
from services.identity.domain.invitation import Invitation, InvitationReason
from services.identity.domain.person import Person
from services.identity.domain.rights_request import RequestKind, RightsRequest, Term, Wish
from services.notifications.domain.notification import Channel, Notification, State
from shared.actors import Citizen, Officer
from shared.contracts.applications import ApplicationsAnsweredErasure, OutcomeKind
from shared.contracts.base import EVENTS, Event
from shared.contracts.documents import DocumentsAnsweredErasure
from shared.contracts.envelope import Envelope
from shared.contracts.erasure import ErasureAnswered
from shared.contracts.notifications import NotificationsAnsweredErasure
from shared.mongo.erasure import Answer
from shared.mongo.outbox import outbox_row
from tests.contract.examples import example
from tests.contract.life_producers import LIFE
from tests.unit.applications import cases

Data = dict[str, Any]
BLANK_NUMBER = "CB 0041772"


def an_application(data: Data, status: Status, **known: Any) -> Application:
    """The example's application, one change before the event."""
    definition = the_catalogue().service(data["service_id"])
    ids = {name: data[name] for name in ("reference", "citizen_id", "post_id")}
    start = replace(cases.complete(definition.id), id=data["application_id"], version=data["sequence"] - 1, **ids)
    return replace(start, status=status, **known)


def at(data: Data) -> datetime:
    return datetime.fromisoformat(data["occurred_at"])


def officer(data: Data, name: str = "decider") -> Officer:
    return Officer.of_post(name, data["post_id"], {"intake", "deciding"})


def proposed(data: Data) -> Application:
    waiting = an_application(data, Status.IN_REVIEW, claimed_by="claimer", version=data["sequence"] - 2)
    waiting.propose_approval(by=officer(data, "claimer"), at=at(data))
    return waiting


def submitted(data: Data) -> Event | None:
    catalogue = the_catalogue()
    definition, post = catalogue.service(data["service_id"]), catalogue.post(data["post_id"])
    draft = an_application(data, Status.DRAFT)
    by = Citizen(data["citizen_id"])
    return draft.submit(by=by, definition=definition, post=post, formats=catalogue.formats, at=at(data)).event


def fee_settled(data: Data) -> Event | None:
    act = an_application(data, Status.FEE_DUE, fee=FeeState("due", "none")).note_fee(
        FeeState("paid", "none"), by=service("payments"), at=at(data)
    )
    return act.event


def fee_runs_out(data: Data) -> Event | None:
    until = datetime.fromisoformat(data["until"])
    act = an_application(data, Status.FEE_DUE).remind_of_fee(pay_by=until.date(), until=until, at=at(data))
    return act.event if act else None


def payment_taken_back(data: Data) -> Event | None:
    taken = Money(data["amount_minor"], data["currency"])
    case, by = an_application(data, Status.FEE_DUE, fee=FeeState("due", "none")), service("payments")
    pay_by = date.fromisoformat(data["pay_by"])
    return case.take_back_payment(FeeState("due", "none"), taken, pay_by=pay_by, by=by, at=at(data)).event


def approved(data: Data) -> Event | None:
    return proposed(data).approve(by=officer(data), at=at(data)).event


def approved_elsewhere(data: Data) -> Event | None:
    case = replace(proposed(data), outcome=OutcomeKind.MADE_ELSEWHERE)
    return case.approve(by=officer(data), at=at(data)).event


def cleared(data: Data) -> Event | None:
    definition = the_catalogue().service(data["service_id"])
    waiting = an_application(data, Status.AWAITING_BLANK)
    return waiting.record_blank(BLANK_NUMBER, by=officer(data), definition=definition, at=at(data)).event


def refused(data: Data) -> Event | None:
    definition = the_catalogue().service(data["service_id"])
    waiting = an_application(data, Status.IN_REVIEW, claimed_by="claimer", version=data["sequence"] - 2)
    waiting.propose_refusal(data["reason"], by=officer(data, "claimer"), definition=definition, at=at(data))
    return waiting.refuse(data["reason"], by=officer(data), definition=definition, at=at(data)).event


def withdrawn(data: Data) -> Event | None:
    return an_application(data, Status.SUBMITTED).withdraw(by=Citizen(data["citizen_id"]), at=at(data)).event


def with_a_clock(data: Data) -> Application:
    case = an_application(data, Status.IN_REVIEW, claimed_by="claimer")
    definition, days = the_catalogue().service(data["service_id"]), Calendar.all_week("Europe/Istanbul")
    filed = datetime(2026, 11, 16, 5, tzinfo=UTC)
    case.clock = clock_for(definition, days, status=Status.SUBMITTED, post_id=data["post_id"], at=filed)
    return case


def term_noted(data: Data) -> Event | None:
    act = with_a_clock(data).note_term(at=at(data))
    return act.event if act else None


def term_extended(data: Data) -> Event | None:
    definition = the_catalogue().service(data["service_id"])
    by = officer(data, "claimer")
    return with_a_clock(data).extend_term(10, data["reason"], by=by, definition=definition, at=at(data)).event


def expired(data: Data) -> Event | None:
    left_alone = an_application(data, Status.DRAFT, started_at=datetime.fromisoformat(data["started_at"]))
    act = left_alone.expire(at=at(data))
    return act.event if act else None


def moved(data: Data) -> Event | None:
    case = replace(an_application(data, Status.SUBMITTED), post_id=data["from_post_id"])
    act = move(case, the_catalogue().post(data["post_id"]), closure=data["closure_id"], at=at(data))
    return act.event if act else None


def an_entry(data: Data) -> RegisterEntry:
    return RegisterEntry(
        id=data["document_id"],
        application_id=data["application_id"],
        citizen_id=data["citizen_id"],
        reference=data["reference"],
        service_id=data["service_id"],
        post_id="yek",
        outcome=OutcomeKind.DIGITAL_DOCUMENT,
        revision=data["revision"],
        ordered_at=at(data),
        version=data["sequence"] - 1,
        numbering=Numbering("YEK-KU-2026-000001", "7K3QX-M0ZTA", "consular-registration-certificate", at(data), at(data), None),
    )


def issued(data: Data) -> Event:
    return an_entry(data).issue(file_id="f1", sha256="0" * 64, size=1, at=at(data))


def issue_failed(data: Data) -> Event:
    return an_entry(data).fail(reason=data["reason"], at=at(data))


def undeliverable(data: Data) -> Event | None:
    sending = Notification(
        id=data["notification_id"],
        event_id="e1",
        event_type="application.submitted.v1",
        notice="application_received",
        channel=Channel(data["channel"]),
        citizen_id="c1",
        application_id=data["application_id"],
        reference="YEK-26-7K3QXM0Z",
        post_id="yek",
        queued_at=at(data),
        expires_at=at(data),
        state_at=at(data),
        state=State.SENDING,
        version=data["sequence"] - 1,
    )
    return sending.lost_track(at=at(data))


def erased(data: Data) -> Event:
    return Erasure.ask(data["person_id"], at=at(data))[1]


def answered(kind: type[ErasureAnswered], data: Data) -> Event:
    held_for = (data["held_for"] or "").split(",")
    answer = Answer(data["person_id"], data["sequence"], tuple(filter(None, held_for)))
    return answer.as_event(kind, at=at(data))


def erasure_withdrawn(data: Data) -> Event | None:
    return Erasure.ask(data["person_id"], at=at(data))[0].withdraw(at=at(data))


def rights_answered(data: Data) -> Event:
    wish = Wish("account", "", "wrong", "right")
    term = Term(1, timedelta(days=7))
    kind = RequestKind(data["kind"])
    asked = RightsRequest.ask(data["request_id"], data["person_id"], kind, term=term, at=at(data), wish=wish)
    return asked.answer("done", by="head", at=at(data))


def assured(data: Data) -> Event:
    person = Person.citizen(id=data["person_id"], login="aida", name="", language="ky", email=None, phone=None)
    return replace(person, version=data["sequence"] - 1).seen_at_counter("yek", "officer", at=at(data))


def code_requested(data: Data) -> Event:
    channel = ContactKind(data["channel"])
    return Challenge(data["challenge_id"], channel, b"", "ky", "", at(data), at(data)).requested()


def invited(data: Data) -> Event:
    reason = InvitationReason.NEW_OFFICER
    return Invitation(data["invitation_id"], "officer", reason, "head", at(data), at(data)).sent()


def a_booking(data: Data, **known: Any) -> Booking:
    """The example's appointment, one change before the event."""
    starts_at = datetime.fromisoformat(data["starts_at"])
    visit = Visit("yek.a.2026-12-01.0930", "a", starts_at, 20, "return-certificate")
    post, until = (data["post_id"], data["time_zone"]), starts_at
    if "expires_at" in data:
        until, known = datetime.fromisoformat(data["expires_at"]), {"source": "waiting-list"}
    state = known.pop("state", None)
    ids = {"citizen_id": data["citizen_id"], "post": post, "visits": (visit,), "until": until}
    names = dict(zip(("ru", "en"), data["town"].split(" / "), strict=True))
    ids |= {"elsewhere": Elsewhere(id="tyumen", names=names | {"ky": names["ru"]}, time_zone=data["time_zone"])}
    made = Booking.hold(data["appointment_id"], data["reference"], **ids, at=at(data), **known)
    return replace(made, version=data["sequence"] - 1, **({"state": state} if state else {}))


def booked(data: Data) -> Event:
    return a_booking(data).book(at=at(data))


def confirmation_asked(data: Data) -> Event | None:
    return a_booking(data, state=BookingState.BOOKED).ask(data["days_ahead"], at=at(data))


def cancelled(data: Data) -> Event | None:
    return a_booking(data, state=BookingState.BOOKED).cancel(data["reason"], at=at(data))


def offered(data: Data) -> Event:
    return replace(a_booking(data), version=data["sequence"]).offered(at(data))


def passed_over(data: Data) -> Event:
    moment, none = at(data), ()
    draw = Draw(data["draw_id"], data["post_id"], "", "", none, "", "", moment, moment, moment, moment, moment)
    ids = (data["entry_id"], data["draw_id"], data["citizen_id"], data["reference"])
    entry = DrawEntry(*ids, entered_at=moment, ends_at=moment, days=none, pin=None)
    entry.settle(7, None)
    return entry.passed_over(draw, entry.code, moment)


def delivered(data: Data) -> Event | None:
    sent = Notification.queue(
        event_id=data["about_event_id"],
        channel=Channel(data["channel"]),
        at=at(data),
        event_type="appointment.confirmation_asked.v1",
        notice="appointment_confirmation",
        citizen_id="c1",
        application_id=None,
        reference="YEK-26-7K3QXM0Z",
        post_id="yek",
    )
    version = data["sequence"] - 1
    return replace(sent, id=data["notification_id"], state=State.SENT, version=version).delivered(at=at(data))


PRODUCERS: dict[str, Callable[[Data], Event | None]] = {
    "application.submitted.v1": submitted,
    "application.fee_settled.v1": fee_settled,
    "application.fee_runs_out.v1": fee_runs_out,
    "application.payment_taken_back.v1": payment_taken_back,
    "application.approved.v1": approved,
    "application.approved_elsewhere.v1": approved_elsewhere,
    "application.cleared_for_issue.v1": cleared,
    "application.refused.v1": refused,
    "application.withdrawn.v1": withdrawn,
    "application.expired.v1": expired,
    "application.moved.v1": moved,
    "application.term_at_risk.v1": term_noted,
    "application.term_overdue.v1": term_noted,
    "application.term_extended.v1": term_extended,
    "appointment.booked.v1": booked,
    "appointment.confirmation_asked.v1": confirmation_asked,
    "appointment.cancelled.v1": cancelled,
    "appointment.offered.v1": offered,
    "draw_entry.passed_over.v1": passed_over,
    "notification.delivered.v1": delivered,
    **LIFE,
    "document.issued.v1": issued,
    "document.issue_failed.v1": issue_failed,
    "notification.undeliverable.v1": undeliverable,
    "sign_in_code.requested.v1": code_requested,
    "person.assured.v1": assured,
    "officer.invited.v1": invited,
    "person.erasure_withdrawn.v1": erasure_withdrawn,
    "rights_request.answered.v1": rights_answered,
    "person.erased.v1": erased,
    "applications.answered_erasure.v1": partial(answered, ApplicationsAnsweredErasure),
    "documents.answered_erasure.v1": partial(answered, DocumentsAnsweredErasure),
    "notifications.answered_erasure.v1": partial(answered, NotificationsAnsweredErasure),
}


def test_every_event_has_a_producer_here() -> None:
    assert set(PRODUCERS) == set(EVENTS)


@pytest.mark.parametrize("kind", sorted(EVENTS))
def test_what_the_producer_stores_for_sending_is_the_published_example(kind: str) -> None:
    body = example(kind)
    event = PRODUCERS[kind](body["data"])
    assert event is not None
    assert event.type == kind
    envelope = Envelope(
        body["id"], body["source"], event, body["correlationid"], body.get("causationid"), body.get("traceparent")
    )
    assert json.loads(outbox_row(envelope, 0)["body"]) == body
