"""What was asked, and with which seed, is told at the end, whether all is well or not."""

from collections.abc import Callable

import pytest

TOLD = pytest.StashKey[list[str]]()
Say = Callable[[str], None]


@pytest.fixture
def say(request: pytest.FixtureRequest) -> Say:
    return request.config.stash.setdefault(TOLD, []).append


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if lines := config.stash.get(TOLD, []):
        terminalreporter.section("requests made from the OpenAPI documents")
        for line in lines:
            terminalreporter.write_line(line)
