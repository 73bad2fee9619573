"""A service's app on a real port inside the test's loop, for those that call it over HTTP."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import uvicorn

from shared.web.tls import authorities
from tests.support.serving import AsksAgain, eventually


@asynccontextmanager
async def on_a_port(app: Any, *, port: int = 0, until_ready: bool = True) -> AsyncIterator[httpx.AsyncClient]:
    """Served by uvicorn as in production; client.base_url is where others reach it."""
    config = uvicorn.Config(app, host="127.0.0.1", port=port, log_config=None, access_log=False, timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    try:
        await eventually(lambda: _started(server, serving), within_s=20)
        address = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
        transport: httpx.AsyncBaseTransport = httpx.AsyncHTTPTransport(trust_env=False, verify=authorities())
        if until_ready:
            transport = AsksAgain(transport)
        async with httpx.AsyncClient(base_url=address, timeout=30, trust_env=False, transport=transport) as client:
            if until_ready:
                await eventually(lambda: _ready(client), within_s=30)
            yield client
    finally:
        server.should_exit = True
        await serving


async def _started(server: uvicorn.Server, serving: asyncio.Task[None]) -> bool:
    if serving.done():
        serving.result()
    return server.started


async def _ready(client: httpx.AsyncClient) -> bool:
    return (await client.get("/health/ready")).status_code == 200
