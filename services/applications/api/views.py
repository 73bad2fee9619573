"""What citizens and officers both see of an application, each told in words for them: the status, answers, oddities."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import TypeVar

from babel.dates import format_date

from services.applications.api import schemas, wording
from services.applications.api.named import named_post, post_name
from services.applications.api.status_words import TO_CITIZEN, Voice
from services.applications.api.term_views import clock_view, due_view
from services.applications.api.wording import Wording
from services.applications.catalogue import the_catalogue
from services.applications.domain.application import Application
from services.applications.domain.attachments import Attachment
from services.applications.domain.form import Oddity, asked_fields, today
from services.applications.domain.service_definition import FormField, Reason, ServiceDefinition
from services.applications.domain.status import Status
from services.applications.domain.turn import WITH_THE_POST
from services.applications.dossiers import value_in
from services.applications.queries import Entry, Row
from services.applications.unusual import unusual_in
from shared.contracts.applications import OutcomeKind

T = TypeVar("T")


def definition_of(application: Application | Row) -> ServiceDefinition:
    return the_catalogue().definition_of(application)


def row_view(application: Application | Row, say: Wording, voice: Voice = TO_CITIZEN) -> schemas.StatusRow:
    return schemas.StatusRow(
        id=application.id,
        reference=application.reference,
        service=schemas.Named(id=application.service_id, name=say(definition_of(application).title)),
        post=named_post(application.post_id, say),
        status=application.status.value,
        status_text=say(voice.status[application.status]),
        status_since=application.status_since or application.started_at,
        started_at=application.started_at,
        submitted_at=application.submitted_at,
    )


def status_view(application: Application, say: Wording, voice: Voice = TO_CITIZEN) -> schemas.StatusView:
    definition = definition_of(application)
    reason = definition.refusal_reason(application.refusal_reason) if application.refusal_reason else None
    return schemas.StatusView(
        **row_view(application, say, voice).model_dump(),
        what_happened=say(_happened(application, voice)),
        what_next=_next(application, say, voice),
        held_by=_held_by(application, say, voice),
        until=_until(application, definition, say, voice),
        due=due_view(application, definition, say),
        clock=clock_view(application, definition, say),
        reason=reason_view(reason, say) if reason else None,
        version=application.version,
    )


def draft_closes_at(application: Application, definition: ServiceDefinition) -> datetime:
    return application.started_at + timedelta(days=definition.draft_lifetime_days.value)


def is_late(application: Application | Row, today_there: date) -> bool:
    """today_there: at its post. What waits for the citizen or another body is not late."""
    due_on = date.fromisoformat(application.due_on) if application.due_on else None
    return due_on is not None and due_on < today_there and application.status in WITH_THE_POST


def today_at_post(application: Application, say: Wording) -> date:
    return today(the_catalogue().post(application.post_id), say.now)


def answer_views(application: Application, definition: ServiceDefinition, say: Wording) -> list[schemas.AnswerView]:
    """Those to questions that apply, in the form's order."""
    return [
        schemas.AnswerView(key=f.key, label=say(f.label), value=value, text=value_in(say.language, f, value, say.texts))
        for f in asked_of(application, definition, say)
        if (value := application.answers.get(f.key))
    ]


def asked_of(application: Application, definition: ServiceDefinition, say: Wording) -> tuple[FormField, ...]:
    """What was handed in has no answers to questions that did not apply then; they stay, however old somebody is by now."""
    if application.status is Status.DRAFT:
        return asked_fields(definition, application.answers, today_at_post(application, say))
    return tuple(field for field in definition.fields if field.key in application.answers)


def warning_views(
    application: Application,
    definition: ServiceDefinition,
    say: Wording,
    confirmed: Collection[str] = (),
    recorded: Iterable[Oddity] = (),
) -> list[schemas.Notice]:
    """confirmed: of its filling. recorded: what earlier cases say otherwise, for officers."""
    return [
        schemas.Notice(pointer=oddity.pointer, code=oddity.code, text=say(oddity.text), confirmed=oddity.name in confirmed)
        for oddity in (*unusual_in(application, definition, today_at_post(application, say)), *recorded)
    ]


def attachment_view(attachment: Attachment | None) -> schemas.AttachmentView | None:
    if attachment is None:
        return None
    return schemas.AttachmentView(
        media_type=attachment.media_type, size=attachment.size, sha256=attachment.sha256, stored_at=attachment.stored_at
    )


def reason_view(reason: Reason, say: Wording) -> schemas.ReasonView:
    return schemas.ReasonView(code=reason.code, text=say(reason.text), illustrative=reason.certainty == "D")


def journal_line(entry: Entry, action: str, say: Wording) -> schemas.JournalLine:
    return schemas.JournalLine.model_validate(
        {
            "sequence": entry.sequence,
            "at": entry.at,
            "by": entry.actor["kind"],
            "role": entry.actor["role"],
            "action": action,
            "text": say(wording.ACTION[action]),
        }
    )


def _alone(application: Application, words: Mapping[Status, T]) -> Mapping[Status, T]:
    """words: those said of its state where one officer is enough to decide it. Empty: the usual ones."""
    return words if application.officers_required == 1 and application.status in words else {}


def _happened(application: Application, voice: Voice) -> str:
    unpaid = application.status is Status.EXPIRED and application.submitted_at is not None
    if unpaid:
        return voice.unpaid
    return (_alone(application, voice.happened_alone) or voice.happened)[application.status]


def _next(application: Application, say: Wording, voice: Voice) -> str:
    if application.fee.blocks("issue") and application.status in voice.next_owed:  # by a payment that was taken back, too
        text = voice.next_owed[application.status]
    elif application.issue_problem:
        text = voice.issue_problem
    elif application.status is Status.READY:
        text = voice.next_when_ready[application.outcome]
    else:
        text = (_alone(application, voice.next_alone) or voice.next)[application.status]
    return say(text, post=post_name(application.post_id, say))


def _held_by(application: Application, say: Wording, voice: Voice) -> schemas.HeldBy | None:
    if application.status not in voice.holder:
        return None
    of_status = (_alone(application, voice.holder_alone) or voice.holder)[application.status]
    role, text = voice.holder_at_counter if _is_at_counter(application) else of_status
    at_post = role != "citizen" or application.status is Status.AWAITING_VISIT
    return schemas.HeldBy(role=role, text=say(text), post=named_post(application.post_id, say) if at_post else None)


def _until(application: Application, definition: ServiceDefinition, say: Wording, voice: Voice) -> str | None:
    if application.issue_problem:
        return say(voice.until_problem)
    if _is_at_counter(application):
        return say(voice.until_at_counter)
    if application.status is Status.FEE_DUE and application.pay_by:
        return say(voice.until_paid, date=_long(date.fromisoformat(application.pay_by), say))
    if application.status not in voice.until:
        return None
    late = is_late(application, today_at_post(application, say))
    text = voice.until_late if late else voice.until[application.status]
    return say(text, date=_long(_last_day(application, definition), say))


def _last_day(application: Application, definition: ServiceDefinition) -> date:
    if application.due_on:
        return date.fromisoformat(application.due_on)
    return today(the_catalogue().post(application.post_id), draft_closes_at(application, definition))


def _is_at_counter(application: Application) -> bool:
    return application.status is Status.READY and application.outcome is not OutcomeKind.DIGITAL_DOCUMENT


def _long(day: date, say: Wording) -> str:
    return format_date(day, "long", locale=say.language)
