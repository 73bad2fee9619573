"""Which notice each event about appointments becomes."""

from services.notifications.domain.notification import Facts
from services.notifications.use_cases.queue_notification import QueueNotification, queue_notification
from shared.contracts.applications import (
    AppointmentBooked,
    AppointmentCancelled,
    AppointmentConfirmationAsked,
    AppointmentEvent,
    AppointmentOffered,
    DrawEntryPassedOver,
)
from shared.contracts.base import Event
from shared.mongo.transactions import Handler, UnitOfWork

_CANCELLED = {"by-post": "appointment_cancelled_by_post", "no-answer": "appointment_freed"}


async def on_appointment_booked(event: AppointmentBooked, uow: UnitOfWork) -> None:
    await _tell("appointment_booked", event, uow)


async def on_appointment_confirmation_asked(event: AppointmentConfirmationAsked, uow: UnitOfWork) -> None:
    await _tell("appointment_confirmation", event, uow)


async def on_appointment_cancelled(event: AppointmentCancelled, uow: UnitOfWork) -> None:
    await _tell(_CANCELLED.get(event.reason, "appointment_cancelled"), event, uow)


async def on_appointment_offered(event: AppointmentOffered, uow: UnitOfWork) -> None:
    await _tell("appointment_offered", event, uow)


async def on_draw_entry_passed_over(event: DrawEntryPassedOver, uow: UnitOfWork) -> None:
    await _tell("draw_passed_over", event, uow)


async def _tell(notice: str, event: AppointmentEvent | DrawEntryPassedOver, uow: UnitOfWork) -> None:
    facts = Facts(
        event_type=event.type,
        notice=notice,
        citizen_id=event.citizen_id,
        application_id=None,
        reference=event.reference,
        post_id=event.post_id,
    )
    if isinstance(event, AppointmentEvent):
        facts |= {"moment": event.starts_at, "time_zone": event.time_zone, "town": event.town}
    await queue_notification(QueueNotification(uow.operation.causation_id or uow.operation.operation_id, facts), uow)


APPOINTMENT_HANDLERS: dict[type[Event], Handler] = {
    AppointmentBooked: on_appointment_booked,
    AppointmentConfirmationAsked: on_appointment_confirmation_asked,
    AppointmentCancelled: on_appointment_cancelled,
    AppointmentOffered: on_appointment_offered,
    DrawEntryPassedOver: on_draw_entry_passed_over,
}
