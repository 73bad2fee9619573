"""The mail sink: an SMTP server that keeps every message as .eml, and an HTTP list of what both sinks hold."""

from __future__ import annotations

import asyncio
from argparse import ArgumentParser
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any, cast

import uvicorn
from aiosmtpd.controller import UnthreadedController
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from deploy.local.places import write_whole
from deploy.local.ports import LOOPBACK
from deploy.local.sinks.behaviour import Conduct
from deploy.local.sinks.received import Channel, email_folder, received

ANSWERS = {"refuse": "550 5.1.1 no such mailbox here", "busy": "451 4.3.2 try again later"}
REFUSED_MAILBOX = "refused"  # refused@anything is a mailbox that does not exist


class MailSink:
    """aiosmtpd calls handle_*; each message that is accepted becomes one file."""

    def __init__(self, folder: Path, conduct: Conduct) -> None:
        self._folder = folder
        self._conduct = conduct
        self._numbers = count()

    async def handle_RCPT(  # noqa: N802 (aiosmtpd's name)
        self, _server: Any, _session: Any, envelope: Any, address: str, rcpt_options: list[str]
    ) -> str:
        if address.partition("@")[0] == REFUSED_MAILBOX:
            return ANSWERS["refuse"]
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(rcpt_options)
        return "250 OK"

    async def handle_DATA(self, server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        mode = await self._conduct.next_mode()
        if mode in ANSWERS:
            return ANSWERS[mode]
        self._keep(envelope.rcpt_tos, bytes(envelope.original_content))
        if mode == "drop_after_accepting":
            server.transport.abort()
        return "250 2.0.0 kept"

    def _keep(self, recipients: list[str], content: bytes) -> None:
        now = datetime.now(UTC)
        mark = f"X-Sink-Received-At: {now.isoformat()}\r\nX-Sink-To: {', '.join(recipients)}\r\n"
        name = f"{now:%Y%m%dT%H%M%S.%f}-{next(self._numbers):06d}.eml"
        write_whole(self._folder / name, mark.encode() + content)


def create_app(inbox: Path, conduct: Conduct) -> Starlette:
    """GET /messages?channel=email|sms lists what arrived, newest last."""

    async def messages(request: Request) -> Response:
        channel = request.query_params.get("channel")
        if channel not in (None, "email", "sms"):
            return JSONResponse({"title": "channel is email or sms"}, status_code=422)
        found = await asyncio.to_thread(received, inbox, cast("Channel | None", channel))
        return JSONResponse([message.model_dump(mode="json") for message in found])

    async def live(_request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    return Starlette(
        routes=[Route("/messages", messages), Route("/health/ready", live), Route("/health/live", live), conduct.route()]
    )


async def serve(inbox: Path, smtp_port: int, http_port: int) -> None:
    """Run both servers until SIGTERM."""
    email_folder(inbox).mkdir(mode=0o700, parents=True, exist_ok=True)
    conduct = Conduct()
    smtp = UnthreadedController(
        MailSink(email_folder(inbox), conduct),
        hostname=LOOPBACK,
        port=smtp_port,
        loop=asyncio.get_running_loop(),
        enable_SMTPUTF8=True,
        decode_data=False,
        data_size_limit=32 * 1024 * 1024,
    )
    smtp.server = await smtp._create_server()
    http = uvicorn.Server(
        uvicorn.Config(create_app(inbox, conduct), host=LOOPBACK, port=http_port, access_log=False, log_level="warning")
    )
    await http.serve()
    smtp.server.close()


def main() -> None:
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--inbox", type=Path, required=True)
    parser.add_argument("--smtp-port", type=int, required=True)
    parser.add_argument("--http-port", type=int, required=True)
    given = parser.parse_args()
    asyncio.run(serve(given.inbox, given.smtp_port, given.http_port))


if __name__ == "__main__":
    main()
