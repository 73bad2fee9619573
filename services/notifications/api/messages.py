"""Messages about a case, for its citizen and for the post that has it."""

from typing import Annotated

from fastapi import APIRouter, Query

from services.notifications import queries
from services.notifications.api.schemas import Message, Messages
from shared.web.auth import CurrentPerson
from shared.web.commands import RequestQueries

router = APIRouter(tags=["notifications"])
ApplicationId = Annotated[str, Query(min_length=1, max_length=64)]


@router.get("/api/notifications")
async def messages(application_id: ApplicationId, who: CurrentPerson, reads: RequestQueries) -> Messages:
    """Oldest first. Someone else's case looks like one without messages."""
    found = await reads.run(queries.messages_about, application_id, asked_by=who)
    return Messages(messages=[Message.of(notification) for notification in found])
