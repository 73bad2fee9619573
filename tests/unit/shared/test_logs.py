"""What a server writes of an error: where it was and of which class, and nothing that it quotes."""

import subprocess
import sys

PROGRAM = """
import asyncio, contextlib, httpx, uvicorn
from starlette.applications import Starlette
from starlette.routing import Route
from shared.logs import configure_logs

async def fails(_request):
    raise ValueError("born 1990-04-23")

@contextlib.asynccontextmanager
async def life(_app):
    configure_logs("portal", "info")
    yield

async def main():
    app = Starlette(routes=[Route("/", fails)], lifespan=life)
    server = uvicorn.Server(uvicorn.Config(app, port=0, access_log=False))
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    async with httpx.AsyncClient(trust_env=False) as client:
        assert (await client.get(f"http://127.0.0.1:{port}/")).status_code == 500
    server.should_exit = True
    await serving

asyncio.run(main())
"""


def test_the_server_s_own_log_quotes_no_error_either() -> None:
    ended = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=60, check=True)
    written = ended.stdout + ended.stderr
    assert '"exception": "ValueError"' in written
    assert "1990" not in written
