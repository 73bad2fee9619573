"""The term of a case as people read it: by which day, who holds it, how long each has had it, and by how much it was extended."""

from datetime import date, datetime, timedelta
from typing import Literal

from babel.dates import format_date, format_timedelta

from services.applications.api import schemas, term_schemas, wording
from services.applications.api.named import Named, named_post
from services.applications.api.wording import Wording
from services.applications.catalogue import the_catalogue
from services.applications.domain import authority
from services.applications.domain.application import Application
from services.applications.domain.legal_clock import CaseClock, Holder
from services.applications.domain.relations import NONE_DECLARED
from services.applications.domain.service_definition import ServiceDefinition
from services.applications.domain.term import days_to_extend, extension_reasons, must_be_extendable
from services.applications.term_queries import TermPage, TermRow
from shared.actors import Officer
from shared.errors import DomainError
from shared.texts import N_

_HOLDERS: dict[Holder, str] = {
    "post": N_("The post"),
    "citizen": N_("The applicant"),
    "body": N_("Another body"),
}
_RUNNING = N_("The post has it. Days left: {left} of {days}.")
_LATE = N_("The post has it. The term of {days} days is over.")
_STANDS = {
    "citizen": N_("The time stands still while something is awaited from the applicant. It goes on with {left} of {days} days."),
    "body": N_("The time stands still while another body is asked. It goes on with {left} of {days} days."),
}
_NOT_STARTED = N_("The time has not begun: the fee is to be paid first. Then the post has {days} days.")
_ENDED = N_("The post has answered.")
_ENDED_LATE = N_("The post has answered, later than it should have.")
_DAYS = {"working": wording.WORKING_DAYS, "calendar": wording.CALENDAR_DAYS}


def due_view(application: Application, definition: ServiceDefinition, say: Wording) -> schemas.Due | None:
    """None: nothing is owed by a day now; it was answered, or the time stands still."""
    clock, term = application.clock, definition.term
    if application.due_on is None or clock is None or clock.ended_at or clock.stopped:
        return None
    on = date.fromisoformat(application.due_on)
    remarks = [wording.ILLUSTRATIVE] if term.illustrative else []
    remarks += [wording.ESTIMATED] if clock.is_estimate else []
    return schemas.Due(
        on=on,
        text=format_date(on, "long", locale=say.language),
        certainty=term.certainty,
        illustrative=term.illustrative,
        remark=" ".join(map(say, remarks)) or None,
    )


def clock_view(application: Application, definition: ServiceDefinition, say: Wording) -> term_schemas.ClockView | None:
    """None: it was not handed in."""
    clock = application.clock
    if clock is None:
        return None
    alarm = clock.alarm(say.now)
    return term_schemas.ClockView(
        state=_state(clock),
        text=say(_words(clock, say.now), left=clock.days_left(say.now), days=_days(clock)),
        day_kind=clock.rules.day_kind,
        days=_days(clock),
        days_left=clock.days_left(say.now),
        held=_held(clock, say),
        extensions=[
            term_schemas.ExtensionView(
                days=each.days,
                text=say(_DAYS[each.day_kind], days=each.days),
                reason=each.reason,
                reason_text=_reason(each.reason, definition, say),
                at=each.at,
            )
            for each in clock.extensions
        ],
        alarm=alarm.value if alarm else None,
    )


def extension_offer(
    application: Application, definition: ServiceDefinition, officer: Officer, say: Wording
) -> term_schemas.ExtensionOffer | None:
    """None: this officer cannot extend it now."""
    extension = definition.term_extension
    try:
        authority.to_extend_term(application, officer, NONE_DECLARED)
        must_be_extendable(application.clock, definition, say.now)
    except DomainError:
        return None
    if extension is None:
        return None
    days = days_to_extend(application.clock, definition)
    reasons = [
        term_schemas.ExtensionReason(code=each.code, text=say(each.text), illustrative=each.certainty == "D")
        for each in extension_reasons(definition)
    ]
    return term_schemas.ExtensionOffer(
        days=days,
        day_kind=extension.day_kind,
        text=say(_DAYS[extension.day_kind], days=days),
        source=extension.source,
        reasons=reasons,
    )


def term_page(page: TermPage, officer: Officer, say: Wording, status_text: dict[str, str]) -> term_schemas.TermRows:
    """status_text: msgids by status, in the officer's voice."""
    return term_schemas.TermRows(
        applications=[_row(row, officer, say, status_text) for row in page.rows],
        next=page.next,
        at_risk=page.at_risk,
        overdue=page.overdue,
        counted_up_to=page.counted_up_to,
    )


def reason_of_extension(code: str, definition: ServiceDefinition, say: Wording) -> str:
    return _reason(code, definition, say)


def _row(row: TermRow, officer: Officer, say: Wording, status_text: dict[str, str]) -> term_schemas.TermRow:
    title = the_catalogue().version(row.service_id, row.service_version).title
    return term_schemas.TermRow(
        id=row.id,
        reference=row.reference,
        service=Named(id=row.service_id, name=say(title)),
        post=named_post(row.post_id, say),
        status=row.status,
        status_text=say(status_text[row.status]),
        alarm=row.alarm.value,
        due_on=date.fromisoformat(row.due_on),
        claimed_by=row.claimed_by,
        claimed_by_you=row.claimed_by == officer.id,
    )


def _state(clock: CaseClock) -> Literal["running", "stopped", "not_started", "ended"]:
    if clock.ended_at is not None:
        return "ended"
    if not clock.started:
        return "not_started"
    return "stopped" if clock.stopped else "running"


def _words(clock: CaseClock, now: datetime) -> str:
    if clock.ended_at is not None:
        return _ENDED_LATE if clock.ended_at >= clock.overdue_at else _ENDED
    if not clock.started:
        return _NOT_STARTED
    if clock.stopped:
        return _STANDS[clock.holder]
    return _LATE if now >= clock.overdue_at else _RUNNING


def _days(clock: CaseClock) -> int:
    return clock.rules.days + sum(each.days for each in clock.extensions)


def _held(clock: CaseClock, say: Wording) -> list[term_schemas.HeldFor]:
    found = []
    for holder, lasted in clock.held(say.now).items():
        if holder == "nobody":
            continue
        text = format_timedelta(max(lasted, timedelta(minutes=1)), granularity="minute", threshold=2, locale=say.language)
        hours = int(lasted / timedelta(hours=1))
        found.append(term_schemas.HeldFor(holder=holder, holder_text=say(_HOLDERS[holder]), hours=hours, text=text))
    return found


def _reason(code: str, definition: ServiceDefinition, say: Wording) -> str:
    found = next((each for each in extension_reasons(definition) if each.code == code), None)
    return say(found.text) if found else code
