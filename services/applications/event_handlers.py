"""What applications hears from the other services."""

from collections.abc import Mapping

from services.applications.use_cases.appointments.ask_attendance import NoteDelivered, note_delivered
from services.applications.use_cases.erase_person import erase_person
from services.applications.use_cases.keep_person import keep_person
from services.applications.use_cases.mark_ready import MarkReady, mark_ready
from services.applications.use_cases.note_assurance import NoteAssurance, note_assurance
from services.applications.use_cases.note_issue_problem import NoteIssueProblem, note_issue_problem
from services.applications.use_cases.note_undeliverable import NoteUndeliverable, note_undeliverable
from shared.contracts.base import Event
from shared.contracts.documents import DocumentIssued, DocumentIssueFailed
from shared.contracts.identity import PersonAssured, PersonErased, PersonErasureWithdrawn
from shared.contracts.notifications import NotificationDelivered, NotificationUndeliverable
from shared.mongo.erasure import ErasePerson
from shared.mongo.transactions import Handler, UnitOfWork


async def on_document_issued(event: DocumentIssued, uow: UnitOfWork) -> None:
    await mark_ready(MarkReady(event.application_id, event.document_id, event.sequence), uow)


async def on_document_issue_failed(event: DocumentIssueFailed, uow: UnitOfWork) -> None:
    await note_issue_problem(NoteIssueProblem(event.application_id, event.reason, event.sequence), uow)


async def on_notification_undeliverable(event: NotificationUndeliverable, uow: UnitOfWork) -> None:
    await note_undeliverable(NoteUndeliverable(event.application_id, event.reason), uow)


async def on_notification_delivered(event: NotificationDelivered, uow: UnitOfWork) -> None:
    await note_delivered(NoteDelivered(event.about_event_id), uow)


async def on_person_assured(event: PersonAssured, uow: UnitOfWork) -> None:
    await note_assurance(NoteAssurance(event.person_id, event.level, event.sequence), uow)


async def on_person_erased(event: PersonErased, uow: UnitOfWork) -> None:
    await erase_person(ErasePerson(event.person_id, event.sequence), uow)


async def on_person_erasure_withdrawn(event: PersonErasureWithdrawn, uow: UnitOfWork) -> None:
    await keep_person(ErasePerson(event.person_id, event.sequence), uow)


HANDLERS: Mapping[type[Event], Handler] = {
    DocumentIssued: on_document_issued,
    DocumentIssueFailed: on_document_issue_failed,
    NotificationUndeliverable: on_notification_undeliverable,
    NotificationDelivered: on_notification_delivered,
    PersonAssured: on_person_assured,
    PersonErased: on_person_erased,
    PersonErasureWithdrawn: on_person_erasure_withdrawn,
}
