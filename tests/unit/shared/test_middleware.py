"""What every request passes first."""

import pytest
from starlette.types import Message, Receive, Scope, Send

from shared.web.middleware import JSON_LIMIT, BodyTooLarge, LimitBody


async def read_all(_scope: Scope, receive: Receive, _send: Send) -> None:
    while (await receive()).get("more_body"):
        pass


async def test_a_body_longer_than_it_was_said_to_be_is_refused_too() -> None:
    """As in a request that names both a length and chunks, where the chunks count."""
    scope: Scope = {"type": "http", "headers": [(b"content-type", b"application/json"), (b"content-length", b"5")]}

    async def chunks() -> Message:
        return {"type": "http.request", "body": b"x" * (JSON_LIMIT // 4), "more_body": True}

    async def nothing(_message: Message) -> None:
        pass

    with pytest.raises(BodyTooLarge):
        await LimitBody(read_all)(scope, chunks, nothing)
