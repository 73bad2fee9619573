"""A private SecantusDB: the MongoDB wire protocol as a one-node replica set, on 127.0.0.1 only."""

from __future__ import annotations

import sys
from pathlib import Path

from pymongo import MongoClient
from pymongo.errors import PyMongoError

from deploy.local.places import write_whole
from deploy.local.ports import LOOPBACK
from deploy.local.processes import Program


def answers(url: str, timeout_s: float = 1) -> bool:
    """Whether a MongoDB server at the URL answers a ping."""
    client: MongoClient[dict[str, object]] = MongoClient(url, serverSelectionTimeoutMS=int(timeout_s * 1000))
    try:
        client.admin.command("ping")
    except PyMongoError:
        return False
    finally:
        client.close()
    return True


class SecantusServer:
    """One server with its data in path. test_commands allows configureFailPoint, as fault tests need."""

    def __init__(
        self, path: Path, port: int, *, test_commands: bool = False, marks_home: Path | None = None, log: Path | None = None
    ) -> None:
        self.path = path.resolve()
        self.port = port
        settings = self.path / "secantusd.toml"
        self.program = Program(
            name="mongo",
            home=marks_home or self.path,
            command=[
                sys.executable,
                Path(__file__).with_name("secantusd.py"),
                "--config",
                settings,
                "--host",
                LOOPBACK,
                "--port",
                str(port),
                "--storage-path",
                self.path / "data",
                "--cache-size",
                "512M",
                "--log-level",
                "WARNING",
                "--sync-on-commit",  # without it a kill -9 loses acknowledged transactions
                *(["--enable-test-commands"] if test_commands else []),
            ],
            environment={"HOME": str(self.path), "PYTHONUNBUFFERED": "1"},
            log=log or self.path / "mongo.log",
            cwd=self.path,
        )
        self._settings = settings

    @property
    def url(self) -> str:
        return f"mongodb://{LOOPBACK}:{self.port}/?replicaSet=secantus"

    def start(self) -> None:
        """Start it; returns before it is ready."""
        self.prepare()
        self.program.start()

    def prepare(self) -> None:
        """Make its folder, with an empty settings file of our own, so that it looks for no other."""
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_whole(self._settings, "")

    def wait_ready(self, timeout_s: float = 30) -> None:
        """Wait until it answers a ping. Raises NotReady."""
        self.program.wait_until(self.is_ready, timeout_s)

    def is_ready(self) -> bool:
        return answers(self.url, 0.5)

    def stop(self) -> None:
        self.program.stop()

    def kill9(self) -> None:
        self.program.kill9()

    def freeze(self) -> None:
        """It keeps its connections and answers nothing: the outage that a refused connection does not show."""
        self.program.freeze()

    def thaw(self) -> None:
        self.program.thaw()
