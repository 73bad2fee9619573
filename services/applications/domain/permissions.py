"""What a person may do with an application now, and why not: asked of the very checks that the acts make first."""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Literal

from services.applications.domain import authority
from services.applications.domain.application import Application
from services.applications.domain.relations import Relations
from services.applications.domain.service_definition import Formats, Post, ServiceDefinition
from services.applications.domain.status import Status
from shared.actors import Citizen, Officer
from shared.errors import DomainError, NotAllowed

OfficerAct = Literal[
    "claim", "propose", "release", "refer", "decide", "send_back", "record_blank", "identity_check", "handover",
    "take_back_request", "note_body_answer", "record_arrival", "change_issued",
]  # fmt: skip
CitizenAct = Literal["edit", "submit", "withdraw"]

_OFFICER_ACTS: Mapping[OfficerAct, Callable[[Application, Officer, Relations], str]] = {
    "claim": authority.to_claim,
    "propose": authority.to_propose,
    "release": authority.to_release,
    "refer": authority.to_refer,
    "decide": authority.to_decide,
    "send_back": authority.to_send_back,
    "record_blank": authority.to_record_blank,
    "identity_check": authority.to_check_identity,
    "handover": authority.to_hand_over,
    "take_back_request": authority.to_take_back_request,
    "note_body_answer": authority.to_note_answer,
    "record_arrival": authority.to_record_arrival,
    "change_issued": authority.to_change_issued,
}
_WAITS_FOR: Mapping[Status, OfficerAct] = {
    Status.SUBMITTED: "claim",
    Status.IN_REVIEW: "propose",
    Status.PROPOSED: "decide",
    Status.AWAITING_BLANK: "record_blank",
    Status.AWAITING_VISIT: "identity_check",
    Status.WITH_ANOTHER_BODY: "note_body_answer",
    Status.AWAITING_ARRIVAL: "record_arrival",
    Status.READY: "handover",
}


def officer_may(application: Application, by: Officer, relations: Relations) -> list[OfficerAct]:
    return [act for act, check in _OFFICER_ACTS.items() if not _refusal(partial(check, application, by, relations))]


def officer_may_not(application: Application, by: Officer, relations: Relations) -> DomainError | None:
    """Why what the application waits for must be done by another officer. None: it waits for none, or for this one."""
    act = _WAITS_FOR.get(application.status)
    refusal = _refusal(partial(_OFFICER_ACTS[act], application, by, relations)) if act else None
    return refusal if isinstance(refusal, NotAllowed) else None


def citizen_may(
    application: Application, by: Citizen, *, definition: ServiceDefinition, post: Post, formats: Formats, at: datetime
) -> list[CitizenAct]:
    """submit: only where nothing is missing."""
    submit = partial(application.must_be_submittable, by=by, definition=definition, post=post, formats=formats, at=at)
    checks: Mapping[CitizenAct, Callable[[], object]] = {
        "edit": partial(application.must_be_own_draft, by=by),
        "submit": submit,
        "withdraw": partial(application.must_be_withdrawable, by=by),
    }
    return [act for act, check in checks.items() if not _refusal(check)]


def _refusal(check: Callable[[], object]) -> DomainError | None:
    try:
        check()
    except DomainError as error:
        return error
    return None
