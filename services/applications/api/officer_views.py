"""Applications as officers of their post see them, with what this officer may do now."""

from collections.abc import Collection, Iterable
from datetime import date

from services.applications.api import schemas, search_schemas, views, wording
from services.applications.api.named import named_post
from services.applications.api.paper_views import paper_views
from services.applications.api.status_words import TO_OFFICER
from services.applications.api.term_views import extension_offer, reason_of_extension
from services.applications.api.wording import Wording
from services.applications.catalogue import the_catalogue
from services.applications.domain.application import Application
from services.applications.domain.form import Oddity
from services.applications.domain.journal import Action
from services.applications.domain.permissions import officer_may, officer_may_not
from services.applications.domain.relations import Relations
from services.applications.domain.service_definition import ServiceDefinition
from services.applications.domain.status import Status
from services.applications.queries import COUNTED_UP_TO, Entry, Found, Page, Row
from services.applications.queue_counts import Counts
from shared.actors import Officer
from shared.sealing.erased import shown
from shared.texts import N_

_REFUSALS = (Action.PROPOSE_REFUSAL.value, Action.REFUSE.value)


def officer_application(
    application: Application,
    relations: Relations,
    officer: Officer,
    say: Wording,
    confirmed: Collection[str] = (),
    recorded: Collection[Oddity] = (),
) -> schemas.OfficerApplication:
    """confirmed: of its filling. recorded: what earlier cases say otherwise."""
    definition = views.definition_of(application)
    status = views.status_view(application, say, TO_OFFICER)
    mine = application.claimed_by == officer.id
    if status.held_by and mine and application.status is Status.IN_REVIEW:
        status.held_by.text = say(wording.HELD_BY_YOU)
    why_not = officer_may_not(application, officer, relations)
    return schemas.OfficerApplication(
        **status.model_dump(),
        applicant=_name(application.applicant, say),
        citizen_id=application.citizen_id,
        assurance=application.assurance,
        extension=extension_offer(application, definition, officer, say),
        papers_needed=not application.assurance.reaches(application.handed_over_from),
        erased=application.is_erased,
        overdue=views.is_late(application, views.today_at_post(application, say)),
        claimed_by_you=mine,
        officers_required=application.officers_required,
        deciding_at=_place(application.deciding_at, say) if application.deciding_at else None,
        may=list(officer_may(application, officer, relations)),
        why_not=say(why_not.message, **why_not.params) if why_not else None,
        refusal_reasons=[views.reason_view(reason, say) for reason in definition.grounds_at(application.post_id)],
        send_back_notes=[views.reason_view(note, say) for note in definition.send_back_notes],
        answers=views.answer_views(application, definition, say),
        attachment=None if application.is_erased else views.attachment_view(application.attachment),
        papers=paper_views(application, definition, views.today_at_post(application, say), say),
        warnings=views.warning_views(application, definition, say, confirmed, recorded),
        proposal=_proposal(application, definition, officer, say),
        blank_number=application.blank_number,
        blank_example=definition.blank.example if definition.blank else None,
        identity_checked_at=application.identity_checked_at,
        handed_over_at=application.handed_over_at,
        issue_problem=application.issue_problem,
        issue_problem_text=_problem(application.issue_problem, wording.ISSUING_FAILED, say),
        document_id=application.document_id,
        fee=application.fee.state,
        payment_taken_back_at=application.payment_taken_back_at,
        unanswered_since=application.unanswered_since,
    )


def officer_receipt(application: Application, say: Wording) -> schemas.OfficerReceipt:
    return schemas.OfficerReceipt(
        id=application.id,
        reference=application.reference,
        status=application.status.value,
        status_text=say(TO_OFFICER.status[application.status]),
        version=application.version,
    )


def officer_page(page: Page, officer: Officer, today: date, say: Wording) -> schemas.OfficerPage:
    return schemas.OfficerPage(applications=_rows(page.rows, officer, today, say), next=page.next)


def officer_found(found: Found, officer: Officer, today: date, say: Wording) -> search_schemas.FoundApplications:
    return search_schemas.FoundApplications(applications=_rows(found.rows, officer, today, say), more=found.more)


def _rows(rows: Iterable[Row], officer: Officer, today: date, say: Wording) -> list[schemas.OfficerRow]:
    return [
        schemas.OfficerRow(
            **views.row_view(row, say, TO_OFFICER).model_dump(),
            applicant=_name(row.applicant, say),
            due_on=date.fromisoformat(row.due_on) if row.due_on else None,
            overdue=views.is_late(row, today),
            claimed=row.claimed_by is not None,
            claimed_by_you=row.claimed_by == officer.id,
            urgent=bool((row.turn or {}).get("urgent")),
            ready_to_decide=bool((row.turn or {}).get("ready")),
            issue_problem=row.issue_problem,
            unanswered_since=row.unanswered_since,
            payment_taken_back_at=row.payment_taken_back_at,
        )
        for row in rows
    ]


def _name(applicant: str | None, say: Wording) -> str:
    return shown(applicant or "", say.texts, say.language)


def officer_counts(counts: Counts, say: Wording) -> schemas.OfficerCounts:
    statuses = [
        schemas.StatusCount(status=status.value, status_text=say(TO_OFFICER.status[status]), count=count)
        for status, count in counts.by_status.items()
    ]
    return schemas.OfficerCounts(
        statuses=statuses,
        mine=counts.mine,
        overdue=counts.overdue,
        given=counts.given,
        ready=counts.ready,
        unanswered=counts.unanswered,
        unanswered_since=counts.unanswered_since,
        counted_up_to=COUNTED_UP_TO,
    )


_DESPITE_SKILLS = N_("The officer is not marked as able to do this service: the head of the post confirmed it.")


def officer_journal(application: Application, entries: Iterable[Entry], say: Wording) -> schemas.OfficerJournal:
    definition = views.definition_of(application)
    lines = [
        schemas.OfficerJournalLine(
            **views.journal_line(entry, entry.action, say).model_dump(),
            actor_id=entry.actor["id"] or "",
            reason=entry.reason,
            reason_text=_reason(entry, definition, say),
            event_ids=entry.event_ids,
            event_types=entry.event_types,
        )
        for entry in entries
    ]
    return schemas.OfficerJournal(entries=lines)


def _reason(entry: Entry, definition: ServiceDefinition, say: Wording) -> str | None:
    code = entry.reason
    if code is None:
        return None
    if entry.action == Action.REFER.value:
        return _place(code, say).name
    if entry.action == Action.EXTEND_TERM.value:
        return reason_of_extension(code, definition, say)
    if entry.action == Action.NOTE_TERM.value:
        return None
    if entry.action == Action.ASSIGN.value:
        return say(_DESPITE_SKILLS)
    if entry.action == Action.NOTE_ISSUE_PROBLEM.value:
        return _problem(code, wording.ISSUING_FAILED, say)
    if entry.action == Action.NOTE_UNDELIVERABLE.value:
        return _problem(code, wording.NOT_DELIVERED, say)
    reason = definition.refusal_reason(code) if entry.action in _REFUSALS else definition.send_back_note(code)
    return say(reason.text) if reason else None


def _place(place: str, say: Wording) -> schemas.Named:
    """A post, or the ministry."""
    return named_post(place, say) if place in the_catalogue().posts else schemas.Named(id=place, name=say(wording.MINISTRY))


def _problem(code: str | None, else_text: str, say: Wording) -> str | None:
    return say(wording.PROBLEM.get(code, else_text)) if code else None


def _proposal(
    application: Application, definition: ServiceDefinition, officer: Officer, say: Wording
) -> schemas.ProposalView | None:
    made = application.proposal
    if made is None:
        return None
    reason = definition.refusal_reason(made.reason) if made.reason else None
    view = views.reason_view(reason, say) if reason else None
    return schemas.ProposalView(outcome=made.outcome, reason=view, at=made.at, by_you=made.by == officer.id)
