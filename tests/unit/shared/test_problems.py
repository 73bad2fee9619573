"""What a refusal looks like where no service is needed to see it."""

from pathlib import Path

from fastapi import FastAPI, Request
from starlette.types import Message, Scope

from shared.texts import Texts
from shared.web.problems import install_problem_handlers

LOCALE = Path(__file__).parents[3] / "services" / "applications" / "locale"


async def test_a_request_that_breaks_off_is_not_our_mistake() -> None:
    app = FastAPI()
    install_problem_handlers(app, Texts.load(LOCALE))

    @app.post("/notes")
    async def take(request: Request) -> None:
        await request.body()

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    sent: list[Message] = []
    asked: Scope = {"type": "http", "method": "POST", "path": "/notes", "query_string": b"", "root_path": "", "scheme": "http"}
    line: Scope = {"http_version": "1.1", "headers": [(b"content-type", b"application/json")], "server": ("test", 80)}
    await app({**asked, **line}, receive, send)
    assert sent[0]["status"] == 400
