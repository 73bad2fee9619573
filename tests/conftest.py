"""What all tests may ask for. Servers start once a session and only when a test wants them."""

import gc
import os
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import structlog

from shared.clock import SystemClock
from tests.support.contexts import keep_contexts
from tests.support.places import Place, new_place
from tests.support.servers import Servers
from tests.support.tokens import TestTokens

# the Debian that the broker is taken from; ./eshik test all adds one with RabbitMQ 4
BROKER_ROOTS = {"rabbitmq": "/"} | ({"rabbitmq-4": root} if (root := os.environ.get("ESHIK_TEST_RABBIT4_ROOT")) else {})

keep_contexts()


def pytest_collection_finish() -> None:
    """What was imported and collected stays: to look through it for garbage again and again takes a twelfth of all CPU."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def pytest_unconfigure() -> None:
    gc.unfreeze()  # else a library tells of leaks at the end


@pytest.fixture(scope="session", params=list(BROKER_ROOTS.values()), ids=list(BROKER_ROOTS))
def servers(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """A RabbitMQ node and a MongoDB-protocol server of this session's own."""
    running = Servers(tmp_path_factory.mktemp("servers"), root=Path(request.param))
    running.start()
    yield running
    running.stop()


@pytest.fixture(scope="session")
def left_places(servers: Servers) -> list[Place]:
    """On these servers: emptied, for the next test whose module is marked places_again."""
    assert servers
    return []


@pytest.fixture
async def place(request: pytest.FixtureRequest, servers: Servers, left_places: list[Place]) -> AsyncIterator[Place]:
    """A virtual host and database names that no other test uses, or none at the same time: with the mark places_again, what an
    earlier test left. To make sixteen queues and thirty collections and to delete them costs more than most such tests."""
    again = request.node.get_closest_marker("places_again") is not None
    mine = left_places.pop() if again and left_places else await new_place(servers)
    yield mine
    if again and await mine.emptied():
        left_places.append(replace(mine, extra={}))
    else:
        await mine.clear()


@pytest.fixture(scope="session")
def tokens() -> TestTokens:
    return TestTokens(SystemClock())


@pytest.fixture
def fresh_logs(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Loggers that forget the level and the stream that an earlier test of this process left them."""
    before = structlog.get_config()
    structlog.reset_defaults()
    for name, module in list(sys.modules.items()):
        if name.startswith(("services.", "shared.")) and (log := getattr(module, "log", None)) is not None:
            monkeypatch.delitem(vars(log), "bind", raising=False)
    yield
    structlog.configure(**before)


@pytest.fixture
def checkout() -> Path:
    return Path(__file__).resolve().parent.parent
