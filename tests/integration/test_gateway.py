"""The gateway's own file in a real nginx, where one is installed: who is slowed down, what is told inside, what streams."""

import asyncio
import os
import shutil
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from deploy.local.ports import free_base
from shared.web.tls import authorities
from tests.support.images import CHECKOUT
from tests.support.running import on_a_port
from tests.support.serving import eventually

NGINX = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
pytestmark = pytest.mark.skipif(NGINX is None, reason="nginx is not installed: apt-get install nginx-light")
VERIFY = "/api/verifications"


async def what_came(request: Request) -> Response:
    """In place of every room: tells how the request arrived, and the streams that it did."""
    request.app.state.news.set()
    return JSONResponse({name: request.headers.get(name) for name in ("x-room", "host", "x-forwarded-for")})


async def stream(request: Request) -> Response:
    news: asyncio.Event = request.app.state.news

    async def lines() -> AsyncIterator[bytes]:
        yield b": open\n"
        while await news.wait():
            news.clear()
            yield b"data: news\n"

    return StreamingResponse(lines(), media_type="text/event-stream")


def rooms() -> Starlette:
    streams = [Route(path, stream) for path in ("/changes/cases", "/api/officer/changes")]
    app = Starlette(routes=[*streams, Route("/{path:path}", what_came, methods=["GET", "POST"])])
    app.state.news = asyncio.Event()
    return app


@asynccontextmanager
async def gateway(folder: Path) -> AsyncIterator[httpx.AsyncClient]:
    async with on_a_port(rooms(), until_ready=False) as inside:
        port = free_base()
        process = _start(folder, port, inside.base_url.port or 0)
        try:
            async with httpx.AsyncClient(
                base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=10, verify=authorities()
            ) as client:
                await eventually(lambda: _lives(client), within_s=20)
                yield client
        finally:
            process.terminate()
            process.wait()


async def test_who_tries_too_often_is_told_to_wait_and_nobody_else(tmp_path: Path) -> None:
    async with gateway(tmp_path) as client:
        answers = [await client.post(VERIFY, json={}) for _ in range(30)]
        others = [await client.get("/v"), await client.get("/api/services"), await client.post("/applications")]

    assert (answers[0].status_code, answers[-1].status_code) == (200, 429)
    assert answers[-1].headers["retry-after"] == "60"
    assert "Бир мүнөттөн кийин" in answers[-1].text
    assert [answer.status_code for answer in others] == [200, 200, 200]


async def test_each_room_learns_the_address_and_the_host_that_were_asked(tmp_path: Path) -> None:
    async with gateway(tmp_path) as client:
        paths = {"/": "portal", "/v/file": "portal", "/api/me": "identity", "/api/officer/applications": "applications"}
        told = {path: (await client.get(path, headers={"X-Forwarded-For": "203.0.113.9"})).json() for path in paths}
        inside = (
            "/api/operator/state",
            "/oauth/token",
            "/openapi.json",
            "/health/ready",
            "/metrics",
            "/%6detrics",
            "/%68ealth/ready",
            "/%61pi/operator/state",
        )
        hidden = [(await client.get(path)).status_code for path in inside]

    assert {path: came["x-room"] for path, came in told.items()} == paths
    assert {came["x-forwarded-for"] for came in told.values()} == {"127.0.0.1"}, "what a caller wrote there is not passed on"
    assert {came["host"] for came in told.values()} == {f"127.0.0.1:{client.base_url.port}"}
    assert hidden == [404] * len(inside)


async def test_no_log_tells_who_asked_nor_what_stood_behind_the_question_mark(tmp_path: Path) -> None:
    async with gateway(tmp_path) as client:
        await client.post("/applications?after=aigerim", content=b"x" * 100_000, headers={"Referer": "http://x/?to=aigerim"})
        for _ in range(30):
            await client.post("/v?name=aigerim")
    written = (tmp_path / "access.log").read_text() + (tmp_path / "error.log").read_text()
    assert "POST /applications 200" in written
    assert "aigerim" not in written
    assert "127.0.0.1" not in written


async def test_what_is_too_large_is_told_in_three_languages(tmp_path: Path) -> None:
    async with gateway(tmp_path) as client:
        answer = await client.post("/v/file", content=b"x" * (12 * 1024 * 1024 + 1))
    assert answer.status_code == 413
    assert "Артка кайтып" in answer.text


async def test_one_address_holds_so_many_unfinished_uploads_and_goes_on_with_all_else(tmp_path: Path) -> None:
    """What has not come whole lies at the gateway for as long as a byte comes now and then: a handful filled its 64 MB."""
    began = b"POST /v/file HTTP/1.1\r\nHost: x\r\nContent-Length: 12000000\r\n\r\n" + b"x" * 300_000
    async with gateway(tmp_path) as client:
        slow: list[asyncio.StreamWriter] = []

        async def begin() -> None:
            slow.append((await asyncio.open_connection("127.0.0.1", client.base_url.port))[1])
            slow[-1].write(began)

        async def refused() -> bool:
            return (await client.post("/applications", content=b"x" * 100_000)).status_code == 429

        async def full() -> bool:
            """A question holds a place while it is asked, so that a line may have been sent away: another takes its place."""
            await begin()
            return await refused()

        for _ in range(19):
            await begin()
        await eventually(full, within_s=20)
        others = [await client.post("/applications", content=b"x" * 50_000), await client.get("/")]
        for line in slow:
            line.close()

        async def let_in() -> bool:
            return not await refused()

        await eventually(let_in, within_s=20)
    assert [answer.status_code for answer in others] == [200, 200]


@pytest.mark.parametrize("path", ["/changes/cases", "/api/officer/changes"])
async def test_a_stream_of_changes_passes_line_by_line(path: str, tmp_path: Path) -> None:
    async with gateway(tmp_path) as client, client.stream("GET", path) as answer:
        lines = answer.aiter_lines()
        assert await anext(lines) == ": open"
        for _ in range(3):
            await client.get("/")
            assert await anext(lines) == "data: news"


def _start(folder: Path, port: int, inside: int) -> subprocess.Popen[bytes]:
    """The committed file, but for where it listens, whom it asks and where it may write."""
    text = (CHECKOUT / "deploy" / "gateway" / "nginx.conf").read_text(encoding="utf-8")
    changes = {
        "listen 8080": f"listen 127.0.0.1:{port}",
        "http://$room:8000": f"http://127.0.0.1:{inside}",
        "proxy_set_header Connection": "proxy_set_header X-Room $room;\n        proxy_set_header Connection",
        " /tmp/": f" {folder}/",
        "/dev/stdout": f"{folder}/access.log",
        "/dev/stderr": f"{folder}/error.log",
        "worker_processes auto;": "worker_processes 1;\ndaemon off;" + ("\nuser root;" if os.geteuid() == 0 else ""),
    }
    for old, new in changes.items():
        assert old in text, old
        text = text.replace(old, new)
    (folder / "nginx.conf").write_text(text, encoding="utf-8")
    assert NGINX
    with (folder / "said").open("wb") as said:
        command = [NGINX, "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log")]
        return subprocess.Popen(command, stdout=said, stderr=said)


async def _lives(client: httpx.AsyncClient) -> bool:
    try:
        return (await client.get("/health/live")).status_code == 200
    except httpx.TransportError:
        return False
