"""Applications as citizens and officers see them, in their language."""

from collections.abc import Iterable
from datetime import date, timedelta

from babel.dates import format_date

from services.applications.api import schemas, wording
from services.applications.api.wording import Wording
from services.applications.catalogue import the_catalogue
from services.applications.domain.application import UNDECIDED, Application, Attachment, Status
from services.applications.domain.form import Oddity, check_complete, oddities
from services.applications.domain.journal import Action
from services.applications.domain.service_definition import Reason, ServiceDefinition
from services.applications.dossiers import value_in
from services.applications.queries import COUNTED_UP_TO, Counts, Entry, Page, Row
from shared.actors import Officer
from shared.errors import InvalidInput

_INTERNAL = {Action.PROPOSE_APPROVAL.value, Action.PROPOSE_REFUSAL.value}
_PROPOSE = "application:propose"


def definition_of(application: Application | Row) -> ServiceDefinition:
    """The version it runs on; a draft runs on the newest."""
    if application.status is Status.DRAFT:
        return the_catalogue().service(application.service_id)
    return the_catalogue().version(application.service_id, application.service_version)


def status_view(application: Application, say: Wording) -> schemas.StatusView:
    definition = definition_of(application)
    reason = definition.refusal_reason(application.refusal_reason) if application.refusal_reason else None
    return schemas.StatusView(
        **_row(application, say).model_dump(),
        what_happened=say(wording.HAPPENED[application.status]),
        what_next=_next(application, say),
        held_by=_held_by(application, say),
        due=_due(application, definition, say),
        reason=reason_view(reason, say) if reason else None,
        version=application.version,
    )


def citizen_application(application: Application, say: Wording) -> schemas.CitizenApplication:
    definition, lifetime = definition_of(application), timedelta(days=definition_of(application).draft_lifetime_days.value)
    is_draft = application.status is Status.DRAFT
    return schemas.CitizenApplication(
        **status_view(application, say).model_dump(),
        answers=application.answers,
        answer_texts=_answers(application, definition, say),
        attachment=attachment_view(application.attachment),
        warnings=_warnings(application, definition, say),
        missing=_missing(application, definition, say) if is_draft else [],
        draft_closes_at=application.started_at + lifetime if is_draft else None,
        document_id=application.document_id,
    )


def officer_application(application: Application, officer: Officer, say: Wording) -> schemas.OfficerApplication:
    definition = definition_of(application)
    return schemas.OfficerApplication(
        **status_view(application, say).model_dump(),
        claimed_by_you=application.claimed_by == officer.id,
        answers=_answers(application, definition, say),
        attachment=attachment_view(application.attachment),
        warnings=_warnings(application, definition, say),
        proposal=_proposal(application, definition, officer, say),
        blank_number=application.blank_number,
        identity_checked_at=application.identity_checked_at,
        issue_problem=application.issue_problem,
        document_id=application.document_id,
    )


def officer_receipt(application: Application, say: Wording) -> schemas.OfficerReceipt:
    return schemas.OfficerReceipt(
        id=application.id,
        reference=application.reference,
        status=application.status.value,
        status_text=say(wording.STATUS[application.status]),
        version=application.version,
    )


def citizen_page(page: Page, say: Wording) -> schemas.StatusPage:
    return schemas.StatusPage(applications=[_row(row, say) for row in page.rows], next=page.next)


def officer_page(page: Page, officer: Officer, today: date, say: Wording) -> schemas.OfficerPage:
    rows = [
        schemas.OfficerRow(
            **_row(row, say).model_dump(),
            applicant=row.applicant or "",
            due_on=(due := date.fromisoformat(row.due_on) if row.due_on else None),
            overdue=due is not None and due < today and row.status in UNDECIDED,
            claimed=row.claimed_by is not None,
            claimed_by_you=row.claimed_by == officer.id,
            issue_problem=row.issue_problem,
        )
        for row in page.rows
    ]
    return schemas.OfficerPage(applications=rows, next=page.next)


def officer_counts(counts: Counts, say: Wording) -> schemas.OfficerCounts:
    statuses = [
        schemas.StatusCount(status=status.value, status_text=say(wording.STATUS[status]), count=count)
        for status, count in counts.by_status.items()
    ]
    return schemas.OfficerCounts(statuses=statuses, mine=counts.mine, overdue=counts.overdue, counted_up_to=COUNTED_UP_TO)


def citizen_journal(entries: Iterable[Entry], say: Wording) -> schemas.CitizenJournal:
    """Who by role only; what was proposed, and why something was sent back, stays inside the post."""
    lines = [_line(entry, _PROPOSE if entry.action in _INTERNAL else entry.action, say) for entry in entries]
    return schemas.CitizenJournal(entries=lines)


def officer_journal(entries: Iterable[Entry], say: Wording) -> schemas.OfficerJournal:
    lines = [
        schemas.OfficerJournalLine(
            **_line(entry, entry.action, say).model_dump(),
            actor_id=entry.actor["id"] or "",
            reason=entry.reason,
            event_ids=entry.event_ids,
            event_types=entry.event_types,
        )
        for entry in entries
    ]
    return schemas.OfficerJournal(entries=lines)


def attachment_view(attachment: Attachment | None) -> schemas.AttachmentView | None:
    if attachment is None:
        return None
    return schemas.AttachmentView(
        media_type=attachment.media_type, size=attachment.size, sha256=attachment.sha256, stored_at=attachment.stored_at
    )


def reason_view(reason: Reason, say: Wording) -> schemas.ReasonView:
    return schemas.ReasonView(code=reason.code, text=say(reason.text), illustrative=reason.certainty == "D")


def _row(application: Application | Row, say: Wording) -> schemas.StatusRow:
    post = the_catalogue().post(application.post_id)
    return schemas.StatusRow(
        id=application.id,
        reference=application.reference,
        service=schemas.Named(id=application.service_id, name=say(definition_of(application).title)),
        post=schemas.Named(id=post.id, name=_post_name(post.id, say)),
        status=application.status.value,
        status_text=say(wording.STATUS[application.status]),
        status_since=application.status_since or application.started_at,
        started_at=application.started_at,
        submitted_at=application.submitted_at,
    )


def _next(application: Application, say: Wording) -> str:
    if application.status is Status.READY:
        return say(wording.NEXT_WHEN_READY[application.outcome])
    return say(wording.ISSUE_PROBLEM if application.issue_problem else wording.NEXT[application.status])


def _held_by(application: Application, say: Wording) -> schemas.HeldBy | None:
    if application.status not in wording.HOLDER:
        return None
    role, text = wording.HOLDER[application.status]
    post = None if application.status in (Status.DRAFT, Status.READY) else application.post_id
    named = schemas.Named(id=post, name=_post_name(post, say)) if post else None
    return schemas.HeldBy(role=role, text=say(text), post=named)


def _due(application: Application, definition: ServiceDefinition, say: Wording) -> schemas.Due | None:
    if application.due_on is None or application.status not in UNDECIDED:
        return None
    on, term = date.fromisoformat(application.due_on), definition.term
    remarks = [wording.ILLUSTRATIVE] if term.illustrative else []
    remarks += [wording.ESTIMATED] if term.day_kind == "working" else []
    return schemas.Due(
        on=on,
        text=format_date(on, "long", locale=say.language),
        certainty=term.certainty,
        illustrative=term.illustrative,
        remark=" ".join(map(say, remarks)) or None,
    )


def _answers(application: Application, definition: ServiceDefinition, say: Wording) -> list[schemas.AnswerView]:
    return [
        schemas.AnswerView(key=f.key, label=say(f.label), value=value, text=value_in(say.language, f, value, say.texts))
        for f in definition.fields
        if (value := application.answers.get(f.key))
    ]


def _warnings(application: Application, definition: ServiceDefinition, say: Wording) -> list[schemas.Notice]:
    found = oddities(application.answers, definition=definition, formats=the_catalogue().formats)
    return [_notice(oddity, say) for oddity in found]


def _notice(oddity: Oddity, say: Wording) -> schemas.Notice:
    return schemas.Notice(pointer=oddity.pointer, code=oddity.code, text=say(oddity.text))


def _missing(application: Application, definition: ServiceDefinition, say: Wording) -> list[schemas.Notice]:
    try:
        check_complete(
            application.answers,
            has_attachment=application.attachment is not None,
            definition=definition,
            formats=the_catalogue().formats,
            post=the_catalogue().post(application.post_id),
            at=application.started_at,
        )
    except InvalidInput as error:
        return [schemas.Notice(pointer=e.pointer, code="missing", text=say(e.message, **e.params)) for e in error.errors]
    return []


def _proposal(
    application: Application, definition: ServiceDefinition, officer: Officer, say: Wording
) -> schemas.ProposalView | None:
    made = application.proposal
    if made is None:
        return None
    reason = definition.refusal_reason(made.reason) if made.reason else None
    view = reason_view(reason, say) if reason else None
    return schemas.ProposalView(outcome=made.outcome, reason=view, at=made.at, by_you=made.by == officer.id)


def _line(entry: Entry, action: str, say: Wording) -> schemas.JournalLine:
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


def _post_name(post_id: str, say: Wording) -> str:
    names: dict[str, str] = dict(the_catalogue().post(post_id).names.items())
    return names[say.language]
