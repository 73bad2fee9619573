"""The producers of events of the later life of a case, for test_producers."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from services.applications.catalogue import the_catalogue
from services.applications.domain import after_issue, asking, correspondence
from services.applications.domain.application import Application
from services.applications.domain.asked import BodyAsked, Mark, PapersRequest
from services.applications.domain.filling import Cosignature, Filling
from services.applications.domain.filling_acts import answer
from services.applications.domain.status import Status
from shared.actors import Citizen, Officer
from shared.contracts.applications import OutcomeKind
from shared.contracts.base import Event
from tests.unit.applications import cases

Data = dict[str, Any]
_MARKS = (Mark("/answers/address_abroad", "missing"),)


def _case(data: Data, status: Status, **known: Any) -> Application:
    """The example's application, one change before the event."""
    definition = the_catalogue().service(data["service_id"])
    ids = {name: data[name] for name in ("reference", "citizen_id", "post_id")}
    start = replace(cases.complete(definition.id), id=data["application_id"], version=data["sequence"] - 1, **ids)
    return replace(start, status=status, service_version=definition.version, outcome=definition.outcome, **known)


def _at(data: Data) -> datetime:
    return datetime.fromisoformat(data["occurred_at"])


def _officer(data: Data, name: str = "nurlan", role: str = "intake") -> Officer:
    return Officer.of_post(name, data["post_id"], {role})


def _asked(data: Data) -> Application:
    request = PapersRequest(_MARKS, ("/answers/address_abroad",), "nurlan", _at(data), _at(data), sequence=4)
    return _case(data, Status.PAPERS_REQUESTED, claimed_by="nurlan", asked=request)


def _in_review(data: Data) -> Application:
    return _case(data, Status.IN_REVIEW, claimed_by="nurlan")


def _papers_requested(data: Data) -> Event | None:
    definition = the_catalogue().service(data["service_id"])
    until = datetime.fromisoformat(data["until"])
    by = _officer(data)
    return asking.request_papers(_in_review(data), _MARKS, {}, by=by, definition=definition, until=until, at=_at(data)).event


def _request_ended(data: Data) -> Event | None:
    act = asking.run_out(_asked(data), 4, at=_at(data))
    return act.event if act else None


def _handed_in_again(data: Data) -> Event | None:
    catalogue = the_catalogue()
    definition, post = catalogue.service(data["service_id"]), catalogue.post(data["post_id"])
    by = Citizen(data["citizen_id"])
    case, formats = _asked(data), catalogue.formats
    act = asking.hand_in_again(case, by=by, definition=definition, post=post, formats=formats, at=_at(data), explained=True)
    return act.event


def _cosignature_answered(data: Data) -> Event | None:
    case, secret = _case(data, Status.DRAFT), "a hash"
    filling = Filling(case.id, case.citizen_id, cosignatures=(Cosignature("other-parent", secret, _at(data)),))
    act = answer(case, filling, secret, data["decision"], seen=case.version, by=Citizen("bakyt"), at=_at(data))
    return act.event if act else None


def _sent_to_body(data: Data) -> Event | None:
    return asking.ask_body(_in_review(data), data["body"], by=_officer(data), at=_at(data)).event


def _body_answered(data: Data) -> Event | None:
    case = _case(data, Status.WITH_ANOTHER_BODY, claimed_by="nurlan", body=BodyAsked("civil-status-office", _at(data)))
    return asking.note_body_answer(case, by=_officer(data), at=_at(data)).event


def _arrived(data: Data) -> Event | None:
    case = replace(_case(data, Status.AWAITING_ARRIVAL), outcome=OutcomeKind.MADE_ELSEWHERE)
    return after_issue.record_arrival(case, by=_officer(data), at=_at(data)).event


def _sent(data: Data) -> Event | None:
    return after_issue.record_sent(_case(data, Status.READY), data["carrier"], by=_officer(data), at=_at(data)).event


def _corrected(data: Data) -> Event | None:
    catalogue = the_catalogue()
    return after_issue.correct(
        _case(data, Status.READY),
        {"full_name": "Айгерим Токтосунова"},
        data["reason"],
        by=_officer(data, "bakyt", "head"),
        definition=catalogue.service(data["service_id"]),
        post=catalogue.post(data["post_id"]),
        formats=catalogue.formats,
        at=_at(data),
    ).event


def _annulled(data: Data) -> Event | None:
    by = _officer(data, "bakyt", "head")
    return after_issue.annul(_case(data, Status.READY), data["reason"], by=by, at=_at(data)).event


def _message_written(data: Data) -> Event | None:
    return correspondence.write_to_citizen(_in_review(data), by=_officer(data), at=_at(data)).event


def _custody_changed(data: Data) -> Event | None:
    return correspondence.keep_original(_in_review(data), by=_officer(data), at=_at(data)).event


LIFE: dict[str, Callable[[Data], Event | None]] = {
    "application.papers_requested.v1": _papers_requested,
    "application.papers_request_ended.v1": _request_ended,
    "application.handed_in_again.v1": _handed_in_again,
    "application.cosignature_answered.v1": _cosignature_answered,
    "application.sent_to_body.v1": _sent_to_body,
    "application.body_answered.v1": _body_answered,
    "application.arrived.v1": _arrived,
    "application.sent.v1": _sent,
    "application.corrected.v1": _corrected,
    "application.annulled.v1": _annulled,
    "application.message_written.v1": _message_written,
    "application.custody_changed.v1": _custody_changed,
}
