"""Counts of every guarantee, printed as one table at the end; --full takes the counts of a release, and records the run."""

import os
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Generator, Iterator
from dataclasses import fields
from pathlib import Path

import pytest

from shared.clock import SystemClock
from shared.contracts.applications import ApplicationEvent
from shared.mongo.database import Database
from shared.mongo.indexes import KERNEL_INDEXES
from shared.mongo.transactions import Transactions
from tests.support.faults import Child, Counts, Load, approved
from tests.support.guarantees import NUMBERS as RECORDED
from tests.support.guarantees import Runs, function_of, record
from tests.support.places import Place

NUMBERS = [column.name for column in fields(Counts) if column.name not in ("guarantee", "full", "notes")]
FULL_TIMEOUT_S = 7200  # 100 kills, and after each the database's 60 s for an abandoned transaction
TAKEN = pytest.StashKey[list[Counts]]()
ENDED = pytest.StashKey[list[tuple[str, bool, float]]]()  # of each fault test: node id, passed, seconds
COUNTED = pytest.StashKey[list[tuple[str, Counts]]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--full", action="store_true", help="fault tests with their full counts, as before a release")


def wants_full(config: pytest.Config) -> bool:
    """./eshik test fault --full sets the variable: the option is known only where tests/fault is named to pytest."""
    return bool(config.getoption("full", default=False)) or os.environ.get("ESHIK_TEST_FULL") == "1"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if wants_full(config):
        for item in items:
            if Path(__file__).parent in item.path.parents:
                item.add_marker(pytest.mark.timeout(FULL_TIMEOUT_S))


@pytest.fixture
def counts(request: pytest.FixtureRequest) -> Iterator[Counts]:
    taken = Counts(request.node.name.removeprefix("test_").replace("_", " "), wants_full(request.config))
    request.config.stash.setdefault(TAKEN, []).append(taken)
    request.config.stash.setdefault(COUNTED, []).append((request.node.nodeid, taken))
    yield taken
    print(f"counts: {'full' if taken.full else 'reduced (CI)'}; {taken}")


@pytest.fixture
async def documents(place: Place) -> AsyncIterator[Database]:
    """The database of the child that plays documents, with its collections made."""
    database = Database(place.mongo_url, f"{place.database_prefix}documents")
    await database.ensure_indexes({**KERNEL_INDEXES, "effects": []})
    yield database
    await database.close()


@pytest.fixture
def load(documents: Database) -> Load:
    return load_of(documents)


def load_of(documents: Database, event: Callable[[int], ApplicationEvent] = approved) -> Load:
    return Load(documents, Transactions(documents, SystemClock()), event)


@pytest.fixture
async def child(place: Place, documents: Database, tmp_path: Path) -> AsyncIterator[Child]:
    """Plays documents; not started yet."""
    process = Child(place, tmp_path)
    yield process
    await process.kill9()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.when == "call" and not report.skipped and Path(__file__).parent in item.path.parents:
        ended = item.config.stash.setdefault(ENDED, [])
        ended.append((item.nodeid, report.passed, report.duration))
    return report


def pytest_sessionfinish(session: pytest.Session) -> None:
    if wants_full(session.config) and (runs := _runs_of(session.config)):
        record(runs)


def _runs_of(config: pytest.Config) -> Runs:
    """By test function; its parameters' counts and times together."""
    counts: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(RECORDED, 0))
    for nodeid, taken in config.stash.get(COUNTED, []):
        for name in RECORDED:
            counts[function_of(nodeid)][name] += getattr(taken, name)
    runs: Runs = {}
    for nodeid, passed, seconds in config.stash.get(ENDED, []):
        name = function_of(nodeid)
        run = runs.setdefault(name, {"day": time.strftime("%Y-%m-%d", time.gmtime()), "passed": True, "seconds": 0})
        run["passed"] &= passed
        run["seconds"] = round(run["seconds"] + seconds)
        run["counts"] = {number: count for number, count in counts[name].items() if count}
    return runs


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    taken = config.stash.get(TAKEN, [])
    if not taken:
        return
    how = "full" if wants_full(config) else "reduced, as in CI; --full for those of a release"
    terminalreporter.section(f"guarantees, counted ({how})")
    terminalreporter.line(" ".join(f"{name:>12}" for name in NUMBERS) + "  guarantee")
    for row in taken:
        terminalreporter.line(" ".join(f"{getattr(row, name):>12}" for name in NUMBERS) + f"  {row.guarantee}")
        for note in row.notes:
            terminalreporter.line(" " * 13 * len(NUMBERS) + f"    {note}")
    total = {name: sum(getattr(row, name) for row in taken) for name in NUMBERS}
    terminalreporter.line(" ".join(f"{total[name]:>12}" for name in NUMBERS) + "  all")
