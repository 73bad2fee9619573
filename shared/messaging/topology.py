"""Every exchange, queue and binding of the system, as data. Each process declares all of it at start.

All, not its own part only: an event must find its queue even when the service that hears it has never run.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from aio_pika import ExchangeType
from aio_pika.abc import AbstractChannel

from shared.contracts.applications import (
    ApplicationAnnulled,
    ApplicationApproved,
    ApplicationApprovedElsewhere,
    ApplicationArrived,
    ApplicationBodyAnswered,
    ApplicationClearedForIssue,
    ApplicationCorrected,
    ApplicationCosignatureAnswered,
    ApplicationCustodyChanged,
    ApplicationExpired,
    ApplicationFeeRunsOut,
    ApplicationFeeSettled,
    ApplicationHandedInAgain,
    ApplicationMessageWritten,
    ApplicationMoved,
    ApplicationPapersRequested,
    ApplicationPapersRequestEnded,
    ApplicationPaymentTakenBack,
    ApplicationRefused,
    ApplicationsAnsweredErasure,
    ApplicationSent,
    ApplicationSentToBody,
    ApplicationSubmitted,
    ApplicationTermAtRisk,
    ApplicationTermExtended,
    ApplicationTermOverdue,
    ApplicationWithdrawn,
    AppointmentBooked,
    AppointmentCancelled,
    AppointmentConfirmationAsked,
    AppointmentOffered,
    DrawEntryPassedOver,
)
from shared.contracts.base import Event
from shared.contracts.documents import DocumentIssued, DocumentIssueFailed, DocumentsAnsweredErasure
from shared.contracts.identity import (
    OfficerInvited,
    PersonAssured,
    PersonErased,
    PersonErasureWithdrawn,
    RightsRequestAnswered,
    SignInCodeRequested,
)
from shared.contracts.notifications import NotificationDelivered, NotificationsAnsweredErasure, NotificationUndeliverable

EXCHANGE = "consular.events"
RETRY_DELAYS_S = (1, 30, 300)

SUBSCRIPTIONS: dict[str, tuple[type[Event], ...]] = {
    "identity": (ApplicationsAnsweredErasure, DocumentsAnsweredErasure, NotificationsAnsweredErasure),
    "applications": (
        DocumentIssued,
        DocumentIssueFailed,
        NotificationUndeliverable,
        NotificationDelivered,
        PersonAssured,
        PersonErased,
        PersonErasureWithdrawn,
    ),
    "documents": (
        ApplicationApproved,
        ApplicationClearedForIssue,
        ApplicationCorrected,
        ApplicationAnnulled,
        ApplicationMoved,
        ApplicationsAnsweredErasure,
    ),
    "notifications": (
        ApplicationSubmitted,
        ApplicationFeeSettled,
        ApplicationFeeRunsOut,
        ApplicationPaymentTakenBack,
        ApplicationApproved,
        ApplicationApprovedElsewhere,
        ApplicationRefused,
        ApplicationWithdrawn,
        ApplicationExpired,
        ApplicationMoved,
        ApplicationPapersRequested,
        ApplicationPapersRequestEnded,
        ApplicationHandedInAgain,
        ApplicationCosignatureAnswered,
        ApplicationSentToBody,
        ApplicationArrived,
        ApplicationSent,
        ApplicationCorrected,
        ApplicationAnnulled,
        ApplicationMessageWritten,
        ApplicationCustodyChanged,
        ApplicationTermExtended,
        DocumentIssued,
        ApplicationsAnsweredErasure,
        SignInCodeRequested,
        OfficerInvited,
        RightsRequestAnswered,
        AppointmentBooked,
        AppointmentConfirmationAsked,
        AppointmentCancelled,
        AppointmentOffered,
        DrawEntryPassedOver,
    ),
}
# events that nobody of us hears and others may: officers read of terms in their lists
OUTWARD_ONLY: tuple[type[Event], ...] = (ApplicationTermAtRisk, ApplicationTermOverdue, ApplicationBodyAnswered)
HEARD_BY_OTHERS_ONLY = frozenset(event.type for event in OUTWARD_ONLY)  # may find no queue: all else must find one

# 20 is what RabbitMQ 4 does by default and 3.10 does not: said here, both do the same
DELIVERY_LIMIT = 20
# a delay queue has no consumer and a dead queue must keep what is looked at: a limit nobody reaches, the same on 3.10 and 4
NO_DELIVERY_LIMIT = 1_000_000
INBOX_LENGTH = 200_000  # past it the broker refuses (reject-publish) and events wait in the outbox


@dataclass(frozen=True, slots=True)
class QueueSpec:
    name: str
    arguments: dict[str, str | int]
    events: tuple[type[Event], ...] = ()


def subscribers(event_type: str) -> list[str]:
    """The services that hear events of this type."""
    return [service for service, events in SUBSCRIPTIONS.items() if event_type in {event.type for event in events}]


def inbox(service: str) -> str:
    return f"{service}.inbox"


def retry_queue(service: str, delay_s: int) -> str:
    """One queue per delay: a message's own TTL would wait behind a longer one at the head."""
    return f"{service}.inbox.retry-{delay_s}s"


def dead_queue(service: str) -> str:
    return f"{service}.inbox.dead"


def queues(retry_delays_s: Sequence[int] = RETRY_DELAYS_S) -> Iterator[QueueSpec]:
    """All queues. Dead-lettering is at-least-once, which needs reject-publish: the default may lose in a broker crash."""
    for service, events in SUBSCRIPTIONS.items():
        quorum: dict[str, str | int] = {"x-queue-type": "quorum"}
        yield QueueSpec(dead_queue(service), quorum | {"x-delivery-limit": NO_DELIVERY_LIMIT, "x-overflow": "reject-publish"})
        limited = quorum | {"x-delivery-limit": DELIVERY_LIMIT, "x-max-length": INBOX_LENGTH}
        yield QueueSpec(inbox(service), limited | _dead_letters_to(dead_queue(service)), events)
        for delay_s in retry_delays_s:
            waiting = quorum | {"x-delivery-limit": NO_DELIVERY_LIMIT, "x-message-ttl": delay_s * 1000}
            yield QueueSpec(retry_queue(service, delay_s), waiting | _dead_letters_to(inbox(service)))


async def declare(channel: AbstractChannel, retry_delays_s: Sequence[int] = RETRY_DELAYS_S) -> None:
    exchange = await channel.declare_exchange(EXCHANGE, ExchangeType.TOPIC, durable=True)
    for spec in queues(retry_delays_s):
        queue = await channel.declare_queue(spec.name, durable=True, arguments=dict(spec.arguments))
        for event in spec.events:
            await queue.bind(exchange, event.type)


def _dead_letters_to(queue: str) -> dict[str, str | int]:
    return {
        "x-dead-letter-exchange": "",
        "x-dead-letter-routing-key": queue,
        "x-dead-letter-strategy": "at-least-once",
        "x-overflow": "reject-publish",
    }
