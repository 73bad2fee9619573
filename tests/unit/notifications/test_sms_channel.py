"""SMS against a real HTTP server: accepted, refused, provably not taken, or nobody knows."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from services.notifications.channels.outcomes import Accepted, NotHandedOver, Outcome, Rejected, Uncertain
from services.notifications.channels.sms import SmsChannel

NUMBER = "+996999000101"


@dataclass
class Gateway:
    """status 0 hangs up after reading the request; None never answers."""

    status: int | None = 202
    heard: list[tuple[str, Any]] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        length = next((int(line[15:]) for line in head.splitlines() if line.lower().startswith("content-length:")), 0)
        body = json.loads(await reader.readexactly(length)) if length else None
        self.heard.append((head.split(" HTTP/")[0], body))
        if self.status is None:
            await reader.read()
        elif self.status:
            writer.write(f"HTTP/1.1 {self.status} x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
        writer.close()


@asynccontextmanager
async def gateway(status: int | None) -> AsyncIterator[tuple[Gateway, str]]:
    part = Gateway(status)
    server = await asyncio.start_server(part.serve, "127.0.0.1", 0)
    try:
        yield part, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()


async def send(url: str) -> Outcome:
    async with aclosing(SmsChannel(url, timeout_s=1)) as channel:
        return await channel.send(notification_id="n-1", to=NUMBER, text="Арыз келип түштү")


async def test_a_message_is_posted_under_the_notification_s_id_and_nothing_of_it_is_in_the_address() -> None:
    async with gateway(202) as (part, url):
        assert await send(url) == Accepted()

    assert part.heard == [("POST /messages", {"id": "n-1", "to": NUMBER, "text": "Арыз келип түштү"})]


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (200, Accepted()),
        (400, Rejected("sms-gateway-400")),
        (422, Rejected("sms-gateway-422")),
        (401, NotHandedOver("sms-gateway-401")),
        (429, NotHandedOver("sms-gateway-429")),
        (503, NotHandedOver("sms-gateway-503")),
        (302, Uncertain("sms-gateway-302")),
        (500, Uncertain("sms-gateway-500")),
        (502, Uncertain("sms-gateway-502")),
        (504, Uncertain("sms-gateway-504")),
        (None, Uncertain("sms-gateway-no-answer")),
        (0, Uncertain("sms-gateway-no-answer")),
    ],
)
async def test_what_a_gateway_answers_decides_whether_a_second_try_is_safe(status: int | None, expected: Outcome) -> None:
    async with gateway(status) as (part, url):
        assert await send(url) == expected

    assert len(part.heard) == 1


async def test_nobody_listening_means_nothing_was_handed_over() -> None:
    async with gateway(202) as (_, url):
        pass

    assert await send(url) == NotHandedOver("sms-gateway-unreachable")


@pytest.mark.parametrize(("status", "known"), [(200, True), (404, False), (500, False), (None, False)])
async def test_a_gateway_can_be_asked_whether_it_has_a_message(status: int | None, known: bool) -> None:
    async with gateway(status) as (part, url), aclosing(SmsChannel(url, timeout_s=1)) as channel:
        assert await channel.knows("n-1") is known

    assert part.heard == [("GET /messages/n-1", None)]
