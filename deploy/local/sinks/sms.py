"""The SMS gateway sink: a provider's HTTP interface with an idempotency key per message."""

from __future__ import annotations

import asyncio
import hashlib
from argparse import ArgumentParser
from datetime import UTC, datetime
from pathlib import Path

import uvicorn
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from deploy.local.places import write_whole
from deploy.local.ports import LOOPBACK
from deploy.local.sinks.behaviour import Conduct
from deploy.local.sinks.received import ReceivedMessage, read_sms, sms_folder


class Sms(BaseModel):
    """What a sender posts."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    id: str = Field(min_length=1, max_length=200)
    to: str = Field(pattern=r"^\+[0-9]{6,15}$")
    text: str = Field(min_length=1, max_length=2000)


class SmsSink:
    """Each id is stored once; handing it over again only counts."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder = folder
        self._messages = {message.id: message for message in (read_sms(path) for path in folder.glob("[!.]*.json"))}

    def accept(self, sms: Sms) -> None:
        known = self._messages.get(sms.id)
        if known is None:
            now = datetime.now(UTC)
            name = f"{now:%Y%m%dT%H%M%S.%f}-{hashlib.sha256(sms.id.encode()).hexdigest()[:12]}.json"
            kept = ReceivedMessage(channel="sms", id=sms.id, received_at=now, to=[sms.to], text=sms.text, file=name)
        else:
            kept = known.model_copy(update={"deliveries": known.deliveries + 1})
        self._messages[sms.id] = kept
        write_whole(self._folder / kept.file, kept.model_dump_json(exclude={"channel", "file"}))

    def all(self) -> list[ReceivedMessage]:
        return sorted(self._messages.values(), key=lambda message: message.received_at)

    def find(self, message_id: str) -> ReceivedMessage | None:
        return self._messages.get(message_id)


def create_app(inbox: Path) -> Starlette:
    """POST /messages takes one in, GET /messages lists what came, newest last, GET /messages/{id} says what became of one."""
    sink = SmsSink(sms_folder(inbox))
    conduct = Conduct()

    async def post(request: Request) -> Response:
        try:
            sms = Sms.model_validate_json(await request.body())
        except ValidationError:
            return JSONResponse({"title": "id, to (+ and digits) and text are needed"}, status_code=422)
        mode = await conduct.next_mode()
        if mode == "refuse":
            return JSONResponse({"id": sms.id, "status": "refused"}, status_code=400)
        if mode == "busy":
            return JSONResponse({"title": "try again later"}, status_code=503, headers={"Retry-After": "1"})
        sink.accept(sms)
        if mode == "drop_after_accepting":
            await asyncio.sleep(3600)
        return JSONResponse({"id": sms.id, "status": "accepted"}, status_code=202)

    async def messages(_request: Request) -> Response:
        return JSONResponse([message.model_dump(mode="json") for message in sink.all()])

    async def get(request: Request) -> Response:
        message = sink.find(request.path_params["message_id"])
        if message is None:
            return JSONResponse({"title": "no message with this id"}, status_code=404)
        return JSONResponse({"id": message.id, "status": "delivered", "deliveries": message.deliveries})

    async def live(_request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    return Starlette(
        routes=[
            Route("/messages", post, methods=["POST"]),
            Route("/messages", messages),
            Route("/messages/{message_id:path}", get),
            Route("/health/ready", live),
            Route("/health/live", live),
            conduct.route(),
        ]
    )


def main() -> None:
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--inbox", type=Path, required=True)
    parser.add_argument("--port", type=int, required=True)
    given = parser.parse_args()
    uvicorn.run(create_app(given.inbox), host=LOOPBACK, port=given.port, access_log=False, log_level="warning")


if __name__ == "__main__":
    main()
