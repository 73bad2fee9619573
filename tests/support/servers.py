"""The real broker and the real database protocol of a test session, on free ports, ended with it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from deploy.local.broker import RabbitNode
from deploy.local.database import SecantusServer
from deploy.local.ports import Ports, free_base


class Servers:
    """test_commands are on, so that tests can set failpoints. durable: what is committed is there after a kill. Else no commit
    waits for the disk, and none of a dropped database's rows does: a sixth of such a test's CPU, and half of its time."""

    def __init__(self, home: Path, *, root: Path = Path("/"), durable: bool = False) -> None:
        base = free_base()
        self.ports = Ports(base)
        self.broker = RabbitNode(home / "rabbitmq", self.ports, root=root)
        self.database = SecantusServer(home / "mongo", self.ports.mongo, test_commands=True)
        if not durable:
            program = self.database.program
            program.command = [word for word in program.command if word != "--sync-on-commit"]
            program.environment = {**program.environment, "SECANTUS_TEST_FAST_STORAGE": "1"}

    def start(self) -> None:
        self.broker.start()
        self.database.start()
        self.database.wait_ready()
        self.broker.wait_ready()

    def stop(self) -> None:
        self.broker.discard()
        self.database.kill9()


@contextmanager
def servers_of_their_own(home: Path, root: Path, *, database_options: Sequence[str] = ()) -> Iterator[Servers]:
    """For tests that kill, freeze or restart them: others would miss them."""
    own = Servers(home, root=root, durable=True)
    own.database.program.command = [*own.database.program.command, *database_options]
    own.start()
    try:
        yield own
    finally:
        own.database.kill9()
        own.broker.discard()
