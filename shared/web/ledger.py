"""What a publisher's ledger asks a service that hears its events: which ids are known, and what waits in its queues."""

from typing import Annotated

from fastapi import APIRouter, Depends

from shared.actors import ServiceCaller
from shared.contracts.http import EventsAskedFor, EventsKnown
from shared.messaging.depths import DepthsUnknown, queue_depths
from shared.mongo.database import REQUEST_TIMEOUT_S, bounded
from shared.mongo.ledger import whereabouts
from shared.runtime import Runtime
from shared.web.auth import service_with

PATH = "/api/internal/ledger/events"


def scope_of(service: str) -> str:
    """Of the token with which this service's ledger may be asked."""
    return f"ledger:{service}"


def routes(runtime: Runtime) -> APIRouter:
    router = APIRouter(tags=["internal"])

    @router.post(PATH)
    async def events_known(
        asked: EventsAskedFor, _by: Annotated[ServiceCaller, Depends(service_with(scope_of(runtime.name)))]
    ) -> EventsKnown:
        """Which of these events were handled here, or lie among the dead letters. A question; by POST because it is long."""
        names = runtime.handler_names
        handlers = {event_id: names[kind] for kind, ids in asked.events.items() if kind in names for event_id in ids}
        queued = await _queued(runtime)  # before: what is in no queue then must have arrived
        return EventsKnown(places=await bounded(whereabouts(runtime.database.db, handlers), REQUEST_TIMEOUT_S), queued=queued)

    return router


async def _queued(runtime: Runtime) -> int | None:
    try:
        return sum(queue.messages for queue in await queue_depths(runtime.broker, runtime.name))
    except DepthsUnknown:
        return None
