"""A dead letter as a message again: what it was, without what its death added, and with the letter's id to know it by."""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from aio_pika import DeliveryMode, Message
from aio_pika.abc import HeadersType

from shared.contracts.envelope import CONTENT_TYPE
from shared.messaging.consumer import REPLAY, REPLAY_OF


def message_of_letter(letter: Mapping[str, Any]) -> Message:
    """Attempts begin anew. Should it die again, the headers say which letter it was, and of which replay."""
    headers: HeadersType = {REPLAY_OF: letter["_id"], REPLAY: letter["replays"]}
    if event_id := letter["event_id"]:
        headers["event-id"] = event_id
    if traceparent := letter.get("headers", {}).get("traceparent"):
        headers["traceparent"] = traceparent
    return Message(
        letter["body"],
        content_type=CONTENT_TYPE,
        delivery_mode=DeliveryMode.PERSISTENT,
        message_id=f"{event_id or 'none'}.{uuid4().hex[:12]}",
        correlation_id=letter["correlation_id"],
        type=letter["event_type"],
        headers=headers,
    )
