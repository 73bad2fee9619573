"""A service as its own process, started by the very command of production, to be killed, stopped and started again."""

import asyncio
import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field

import httpx

from deploy.local.parts import HOW_TO_SERVE
from deploy.local.places import CHECKOUT
from shared.web.tls import authorities
from tests.support.serving import eventually


@dataclass
class ServiceProcess:
    name: str
    port: int
    environment: Mapping[str, str]
    process: asyncio.subprocess.Process | None = field(default=None, init=False)

    async def start(self, **more: str) -> None:
        """Until it is ready; more: environment variables of this start only."""
        app = f"services.{self.name}.app:create_app"
        self.process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "uvicorn", "--factory", app, "--host", "127.0.0.1", "--port", str(self.port),
            *HOW_TO_SERVE, cwd=CHECKOUT, env={**self.environment, **more},
        )  # fmt: skip
        await eventually(self._ready, within_s=40)

    async def died(self) -> int:
        """The exit code, once it has one."""
        assert self.process is not None
        return await asyncio.wait_for(self.process.wait(), 40)

    async def stop(self) -> None:
        if self.process and self.process.returncode is None:
            self.process.send_signal(signal.SIGTERM)
            await self.died()

    async def _ready(self) -> bool:
        assert self.process is not None
        assert self.process.returncode is None, f"{self.name} ended with {self.process.returncode}"
        try:
            async with httpx.AsyncClient(trust_env=False, verify=authorities()) as client:
                return (await client.get(f"http://127.0.0.1:{self.port}/health/ready")).status_code == 200
        except httpx.TransportError:
            return False
