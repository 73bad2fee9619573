"""What identity hears: how the other services answered the erasure of a person."""

from services.identity.use_cases.note_erasure_answer import NoteErasureAnswer, note_erasure_answer
from shared.contracts.applications import ApplicationsAnsweredErasure
from shared.contracts.base import Event
from shared.contracts.documents import DocumentsAnsweredErasure
from shared.contracts.erasure import ErasureAnswered
from shared.contracts.notifications import NotificationsAnsweredErasure
from shared.mongo.transactions import Handler, UnitOfWork


async def on_applications_answered_erasure(event: ApplicationsAnsweredErasure, uow: UnitOfWork) -> None:
    await _note("applications", event, uow)


async def on_documents_answered_erasure(event: DocumentsAnsweredErasure, uow: UnitOfWork) -> None:
    await _note("documents", event, uow)


async def on_notifications_answered_erasure(event: NotificationsAnsweredErasure, uow: UnitOfWork) -> None:
    await _note("notifications", event, uow)


async def _note(service: str, event: ErasureAnswered, uow: UnitOfWork) -> None:
    await note_erasure_answer(NoteErasureAnswer(event.person_id, service, event.sequence, event.held_for), uow)


HANDLERS: dict[type[Event], Handler] = {
    ApplicationsAnsweredErasure: on_applications_answered_erasure,
    DocumentsAnsweredErasure: on_documents_answered_erasure,
    NotificationsAnsweredErasure: on_notifications_answered_erasure,
}
