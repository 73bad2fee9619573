"""Messages about a case, for its citizen and for the post that has it."""

import asyncio
from typing import Annotated

import structlog
from fastapi import APIRouter, Query, Request

from services.notifications import queries
from services.notifications.api.schemas import Message, Messages
from services.notifications.api.wording import channel_text, masked_contact, notice_text, status_text
from services.notifications.contacts import Contacts
from services.notifications.domain.notification import Notification
from shared.contracts.http import ContactPoints
from shared.errors import NotFound, Unavailable
from shared.texts import Texts
from shared.web.auth import CurrentPerson
from shared.web.commands import RequestQueries
from shared.web.language import language_of
from shared.web.limiting import ID_PATTERN
from shared.web.looks import RequestLooks

log = structlog.get_logger(__name__)

router = APIRouter(tags=["notifications"])
ApplicationId = Annotated[str, Query(pattern=ID_PATTERN)]
CONTACTS_WITHIN_S = 1.0  # a page does not wait for a mask


@router.get("/api/notifications")
async def messages(
    application_id: ApplicationId, who: CurrentPerson, reads: RequestQueries, request: Request, looks: RequestLooks
) -> Messages:
    """Oldest first. Someone else's case looks like one without messages. 428: an officer says why, in Eshik-Access-Reason."""
    found = await reads.run(queries.messages_about, application_id, asked_by=who)
    if found:
        about = {"case": application_id, "person": found[0].citizen_id, "post": found[0].post_id}
        await looks("messages:view", about=about)
    contacts = await _contacts(request.app.state.contacts, found)
    texts: Texts = request.app.state.texts
    language = language_of(request)
    return Messages(
        messages=[
            Message.of(
                message,
                channel_text=channel_text(message, texts, language),
                notice_text=notice_text(message, texts, language),
                status_text=status_text(message, texts, language),
                contact=masked_contact(message, contacts),
            )
            for message in found
        ]
    )


async def _contacts(contacts: Contacts, found: list[Notification]) -> ContactPoints | None:
    """Asked from identity, and kept nowhere. All messages of a case are for one person. None where identity is away."""
    if not found:
        return None
    try:
        return await asyncio.wait_for(contacts.of(found[0].citizen_id), CONTACTS_WITHIN_S)
    except (TimeoutError, NotFound, Unavailable) as error:
        log.info("contacts_not_shown", error=type(error).__name__)
        return None
