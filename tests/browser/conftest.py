"""Debian's Chromium, one running stack for all browser tests, and visitors whose pages must be without fault.

Its fixtures live as long as tests of this folder run, not the session: playwright's loop would be in the way of other tests'.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from functools import cache

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.opening import ARGUMENTS, EXECUTABLE, Visits
from tests.support.openid import e_id
from tests.support.prepared import Prepared, prepared_on
from tests.support.stacks import RunningStack, running_stack


@cache
def eid_port() -> int:
    """Where the national e-ID will be, once a test starts it; until then its button is there, and it does not answer."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=EXECUTABLE, args=list(ARGUMENTS))
        yield running
        running.close()


@pytest.fixture(scope="package")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStack]:
    """All services, the portal and the invented people's applications.

    Its visitors all come from one address, and more of them than are usual sign in.
    """
    folder = tmp_path_factory.mktemp("stack")
    providers = e_id(tmp_path_factory.mktemp("providers"), f"http://127.0.0.1:{eid_port()}")
    with running_stack(
        folder, pages=True, seeded=True, ESHIK_IDENTITY_OPENID_PROVIDERS_FILE=str(providers), ESHIK_TRIES_PER_MINUTE="1000"
    ) as running:
        yield running


@pytest.fixture(scope="module")
def prepared(stack: RunningStack) -> Iterator[Prepared]:
    """For what is prepared or waited for over the API."""
    with prepared_on(stack) as made:
        yield made


@pytest.fixture
def visit(browser: Browser, stack: RunningStack) -> Iterator[Visits]:
    """visit(viewport=PHONE, javascript=False, language="ky") lets a visitor into the portal; as many as a test needs."""
    visits = Visits(browser, stack.pages_url)
    yield visits
    visits.end()
