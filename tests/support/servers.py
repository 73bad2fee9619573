"""The real broker and the real database protocol of a test session, on free ports, ended with it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from deploy.local.broker import RabbitNode
from deploy.local.database import SecantusServer
from deploy.local.ports import Ports, free_base


class Servers:
    """test_commands are on, so that tests can set failpoints."""

    def __init__(self, home: Path, *, root: Path = Path("/")) -> None:
        base = free_base()
        self.ports = Ports(base)
        self.broker = RabbitNode(home / "rabbitmq", self.ports, root=root)
        self.database = SecantusServer(home / "mongo", self.ports.mongo, test_commands=True)

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
    own = Servers(home, root=root)
    own.database.program.command = [*own.database.program.command, *database_options]
    own.start()
    try:
        yield own
    finally:
        own.database.kill9()
        own.broker.discard()
