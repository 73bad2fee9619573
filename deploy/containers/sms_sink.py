"""The SMS gateway of docker-compose.yml: the local stack's sink, which also lists what it took in."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from deploy.local.sinks import sms
from deploy.local.sinks.received import received


def create_app() -> Starlette:
    """GET /messages lists all, newest last; the rest as in the local stack. ESHIK_SINK_INBOX names the folder."""
    inbox = Path(os.environ["ESHIK_SINK_INBOX"])
    app = sms.create_app(inbox)

    async def messages(_request: Request) -> Response:
        found = await asyncio.to_thread(received, inbox, "sms")
        return JSONResponse([message.model_dump(mode="json") for message in found])

    app.add_route("/messages", messages, methods=["GET"])
    return app
