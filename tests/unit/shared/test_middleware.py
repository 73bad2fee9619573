"""What every request passes first."""

import pytest
from starlette.types import Message, Receive, Scope, Send

from shared.web.middleware import ANY_LIMIT, FORM_LIMIT, JSON_LIMIT, BodyTooLarge, LimitBody


async def nothing(_message: Message) -> None:
    pass


async def nothing_more() -> Message:
    return {"type": "http.request", "body": b"", "more_body": False}


async def read_all(_scope: Scope, receive: Receive, _send: Send) -> None:
    while (await receive()).get("more_body"):
        pass


@pytest.mark.parametrize(
    ("media_type", "limit"),
    [("application/json", JSON_LIMIT), ("Application/X-WWW-Form-URLEncoded", FORM_LIMIT), ("multipart/form-data", ANY_LIMIT)],
)
async def test_each_kind_of_body_has_its_limit(media_type: str, limit: int) -> None:
    async def announced(length: int) -> None:
        headers = [(b"content-type", media_type.encode()), (b"content-length", str(length).encode())]
        await LimitBody(read_all)({"type": "http", "headers": headers}, nothing_more, nothing)

    await announced(limit)
    with pytest.raises(BodyTooLarge):
        await announced(limit + 1)


async def test_a_body_longer_than_it_was_said_to_be_is_refused_too() -> None:
    """As in a request that names both a length and chunks, where the chunks count."""
    scope: Scope = {"type": "http", "headers": [(b"content-type", b"application/json"), (b"content-length", b"5")]}

    async def chunks() -> Message:
        return {"type": "http.request", "body": b"x" * (JSON_LIMIT // 4), "more_body": True}

    with pytest.raises(BodyTooLarge):
        await LimitBody(read_all)(scope, chunks, nothing)
