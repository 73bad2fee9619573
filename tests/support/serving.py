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


@asynccontextmanager
async def serving(app: FastAPI, tokens: TestTokens, *, until_ready: bool = True) -> AsyncIterator[httpx.AsyncClient]:
    """The app with its runtime started; tokens of the test are accepted in place of identity's."""
    runtime: Runtime = app.state.runtime
    app.state.verifier = TokenVerifier(runtime.name, tokens.keys, runtime.clock)
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://test", timeout=30) as client:
            if until_ready:
                await eventually(lambda: _ready(client), within_s=30)
            yield client


async def _ready(client: httpx.AsyncClient) -> bool:
    return (await client.get("/health/ready")).status_code == 200


async def eventually(check: Callable[[], Awaitable[T]], *, within_s: float = 20, every_s: float = 0.05) -> T:
    """Ask again until the answer is truthy. Raises AssertionError with the last answer."""
    loop = asyncio.get_running_loop()
    end = loop.time() + within_s
    while True:
        answer = await check()
        if answer:
            return answer
        if loop.time() > end:
            raise AssertionError(f"not within {within_s} s; last answer: {answer!r}")
        await asyncio.sleep(every_s)
