"""Reads for jobs and for people: which messages belong to a case and what became of them. Never a contact point."""

from typing import Any

from services.notifications.domain.notification import Notification
from services.notifications.schema import MAPPER
from shared.actors import POST_ROLES, Citizen, Officer
from shared.errors import NotFound
from shared.mongo.database import BACKGROUND_TIMEOUT_S, Db, within

PAGE = 200  # a case has a handful of messages; this only bounds a broken one


async def notification(db: Db, notification_id: str) -> Notification:
    """One message as it is now, for the job that sends it. Raises NotFound."""
    with within(BACKGROUND_TIMEOUT_S):
        document = await db.notifications.find_one({"_id": notification_id})
    if document is None:
        raise NotFound
    return MAPPER.from_document(document)


async def messages_about(db: Db, application_id: str, *, asked_by: Citizen | Officer) -> list[Notification]:
    """Messages about one application, oldest first: a citizen's own, or an officer's where their post has the case.

    Someone else's application looks like one without messages.
    """
    of_case: dict[str, Any] = {"application_id": application_id}
    if isinstance(asked_by, Citizen):
        of_case["citizen_id"] = asked_by.id
    # document.* events do not name the post; any application.* message of the case does
    elif not asked_by.is_ministry:
        of_posts = {**of_case, "post_id": {"$in": sorted(asked_by.posts_with(POST_ROLES))}}
        if not await db.notifications.find_one(of_posts, {"_id": 1}):
            return []
    rows = await db.notifications.find(of_case).sort([("queued_at", 1), ("_id", 1)]).limit(PAGE).to_list()
    return [MAPPER.from_document(row) for row in rows]
