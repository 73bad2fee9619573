"""Running a service's app inside the test's own loop, and asking it over HTTP without a socket."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

import httpx
from fastapi import FastAPI

from shared.runtime import Runtime
from shared.web.tokens import TokenVerifier
from tests.support.tokens import TestTokens

T = TypeVar("T")
TRIES = 5
PAUSE, LONGEST_PAUSE_S = 0.04, 0.2  # between two questions: a part of what was waited so far


@asynccontextmanager
async def serving(app: FastAPI, tokens: TestTokens, *, until_ready: bool = True) -> AsyncIterator[httpx.AsyncClient]:
    """The app with its runtime started; tokens of the test are accepted in place of identity's."""
    runtime: Runtime = app.state.runtime
    app.state.verifier = TokenVerifier(runtime.name, tokens.keys, runtime.clock)
    async with app.router.lifespan_context(app):
        transport: httpx.AsyncBaseTransport = httpx.ASGITransport(app, raise_app_exceptions=False)
        if until_ready:
            transport = AsksAgain(transport)
        async with httpx.AsyncClient(transport=transport, base_url="http://test", timeout=30) as client:
            if until_ready:
                await eventually(lambda: _ready(client), within_s=30)
            yield client


class AsksAgain(httpx.AsyncBaseTransport):
    """As a client does: where a busy machine's service says 503, the same is asked again, where its body can be sent again."""

    def __init__(self, inner: httpx.AsyncBaseTransport) -> None:
        self._inner = inner

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        for _ in range(TRIES - 1):
            response = await self._inner.handle_async_request(request)
            wait_s = response.headers.get("Retry-After")
            if response.status_code != 503 or not wait_s or not isinstance(request.stream, httpx.ByteStream):
                return response
            await response.aclose()
            await asyncio.sleep(float(wait_s))
        return await self._inner.handle_async_request(request)

    async def aclose(self) -> None:
        await self._inner.aclose()


async def _ready(client: httpx.AsyncClient) -> bool:
    return (await client.get("/health/ready")).status_code == 200


async def eventually(check: Callable[[], Awaitable[T]], *, within_s: float = 40, every_s: float = 0.05) -> T:
    """Ask again until the answer is truthy; what has waited long is asked for more rarely, as each question costs the servers
    and the other lanes something. Raises AssertionError with the last answer."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    while True:
        answer = await check()
        if answer:
            return answer
        waited_s = loop.time() - began
        if waited_s > within_s:
            raise AssertionError(f"not within {within_s} s; last answer: {answer!r}")
        await asyncio.sleep(max(every_s, min(waited_s * PAUSE, LONGEST_PAUSE_S)))
