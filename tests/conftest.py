"""What all tests may ask for. Servers start once a session and only when a test wants them."""

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from shared.clock import SystemClock
from tests.support.places import Place, new_place
from tests.support.servers import Servers
from tests.support.tokens import TestTokens

# the Debian that the broker is taken from; ./eshik test all adds one with RabbitMQ 4
BROKER_ROOTS = {"rabbitmq": "/"} | ({"rabbitmq-4": root} if (root := os.environ.get("ESHIK_TEST_RABBIT4_ROOT")) else {})


@pytest.fixture(scope="session", params=list(BROKER_ROOTS.values()), ids=list(BROKER_ROOTS))
def servers(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """A RabbitMQ node and a MongoDB-protocol server of this session's own."""
    running = Servers(tmp_path_factory.mktemp("servers"), root=Path(request.param))
    running.start()
    yield running
    running.stop()


@pytest.fixture
async def place(servers: Servers) -> AsyncIterator[Place]:
    """A virtual host and database names that no other test uses."""
    fresh = await new_place(servers)
    yield fresh
    await fresh.clear()


@pytest.fixture(scope="session")
def tokens() -> TestTokens:
    return TestTokens(SystemClock())


@pytest.fixture
def checkout() -> Path:
    return Path(__file__).resolve().parent.parent
