"""Who asks over HTTP: a citizen's token, the key set to check it with, and POST requests on connections that stay open."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from cli.bench.child import Link
from cli.bench.drafts import CITIZEN, case_id
from cli.bench.pace import at_once
from shared.web.tokens import ISSUER

LOOPBACK = "127.0.0.1"
HTTP_OK, UNAVAILABLE, AGAIN_S = 200, 503, 0.2
Answer = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


async def submit_over_http(link: Link) -> None:
    """Told where the service is and {level: {first, count, at_once}}, it hands in those drafts and says how long each took."""
    key = ECKey.generate_key("P-256", auto_kid=True)
    keys = await asyncio.start_server(_answering(json.dumps(KeySet([key]).as_dict(private=False)).encode()), LOOPBACK, 0)
    link.say(ready=True, identity=f"http://{LOOPBACK}:{keys.sockets[0].getsockname()[1]}")
    port = await link.heard("port")
    headers = f"Host: {LOOPBACK}\r\nAuthorization: Bearer {_token(key)}\r\nContent-Length: 0\r\nAccept-Language: en\r\n"
    while level := await link.heard("level"):
        asking = [_Connection(*await asyncio.open_connection(LOOPBACK, port), headers) for _ in range(level["at_once"])]
        idle = list(asking)

        async def do(number: int, idle: list[_Connection] = idle) -> None:
            connection = idle.pop()
            await connection.post(f"/api/applications/{case_id(number)}/submission", f"key-{number:08d}")
            idle.append(connection)

        link.say(set_up=True)
        await link.heard("begin")
        numbers = range(level["first"], level["first"] + level["count"])
        link.say(done=(await at_once(numbers, level["at_once"], do)).as_data())
        for connection in asking:
            connection.close()


class NotAccepted(Exception):
    """The service refused a submission."""


class _Connection:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, headers: str) -> None:
        self._reader, self._writer, self._headers = reader, writer, headers

    async def post(self, path: str, key: str) -> None:
        """Hand in, and again with the same key where the service is not able to in time: that waiting counts."""
        while (status := await self._status(path, key)) != HTTP_OK:
            if status != UNAVAILABLE:
                raise NotAccepted(f"the service answered {status}")
            await asyncio.sleep(AGAIN_S)

    async def _status(self, path: str, key: str) -> int:
        self._writer.write(f"POST {path} HTTP/1.1\r\n{self._headers}Idempotency-Key: {key}\r\n\r\n".encode())
        head = await self._reader.readuntil(b"\r\n\r\n")
        length = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
        await self._reader.readexactly(int(length))
        return int(head.split(b" ", 2)[1])

    def close(self) -> None:
        self._writer.close()


def _token(key: ECKey) -> str:
    now = datetime.now(UTC)
    claims = {"iss": ISSUER, "aud": ["applications"], "sub": CITIZEN.id, "kind": "citizen", "lang": "ky"}
    return jwt.encode({"alg": "ES256", "kid": key.kid}, {**claims, "iat": now, "exp": now + timedelta(hours=1)}, key)


def _answering(body: bytes) -> Answer:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        writer.write(head.encode() + body)
        await writer.drain()
        writer.close()

    return answer
