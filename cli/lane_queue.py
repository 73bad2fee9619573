"""Which lane of ./eshik test runs what: each takes the next part of the tests that no other has taken.

So the last lane ends no later than one part after the others, however long they last on this machine. The longest come first.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import pytest

# a part whose tests share a stack; any other part is a file
FOLDERS = ("tests/browser",)
# by measurement; the others follow by name. Of fault tests also shorter ones: they wait, and would come last, with no other's
# work to fill the time
LONGEST_FIRST = (
    "tests/browser",
    "tests/fuzz/test_answers.py",
    "tests/integration/test_authorisation.py",
    "tests/fault/test_whole_stack.py",
    "tests/fault/test_killed_servers.py",
    "tests/integration/test_ledger.py",
    "tests/integration/test_local_stack.py",
    "tests/fault/test_audit.py",
    "tests/fault/test_guessed_codes.py",
    "tests/integration/test_openid_sign_in.py",
    "tests/integration/test_officer_sign_in.py",
    "tests/integration/test_applications_api.py",
    "tests/fault/test_hostile_values.py",
    "tests/integration/test_dead.py",
    "tests/fault/test_no_personal_data_outside.py",
    "tests/fault/test_one_officer.py",
    "tests/integration/test_sign_in_codes.py",
    "tests/fault/test_one_key.py",
    "tests/integration/test_notifications_delivery.py",
    "tests/fault/test_lost_history.py",
    "tests/fault/test_database_restarts.py",
    "tests/fault/test_dead_queue.py",
    "tests/fault/test_graceful_stop.py",
    "tests/integration/test_audit_log.py",
    "tests/fault/test_killed_processes.py",
    "tests/fault/test_order.py",
    "tests/integration/test_identity_sessions.py",
    "tests/integration/test_notifications_kills.py",
    "tests/fault/test_clock_skew.py",
    "tests/unit/test_bootstrap.py",
    "tests/integration/test_bench_quick.py",
    "tests/fault/test_back_pressure.py",
    "tests/integration/test_erasure.py",
    "tests/integration/test_images.py",
    "tests/fault/test_uploads.py",
    "tests/integration/test_documents_verification.py",
    "tests/integration/test_documents_previews.py",
    "tests/integration/test_identity_api.py",
    "tests/fault/test_absent_broker.py",
    "tests/integration/test_change_feed.py",
    "tests/fault/test_unknown_commit.py",
    "tests/fault/test_unroutable.py",
    "tests/fault/test_key_rotation.py",
    "tests/fault/test_deliveries.py",
    "tests/fault/test_case_and_event.py",
    "tests/fault/test_full_queues.py",
    "tests/fault/test_replay.py",
    "tests/fault/test_confirms.py",
    "tests/fault/test_several_relays.py",
    "tests/fault/test_slow_handler.py",
)
BROKERS = ["/", *filter(None, [os.environ.get("ESHIK_TEST_RABBIT4_ROOT")])]  # as tests/conftest.py has them


class LaneQueue:
    """In place of pytest's own loop. taken: a folder of all lanes, with a file in it for each part that is taken."""

    def __init__(self, config: pytest.Config, taken: Path) -> None:
        self._parts, self._taken = parts_of(config.args, config.invocation_params.dir), taken
        self._files: dict[Path, pytest.Collector] = {}

    @pytest.hookimpl
    def pytest_collection(self, session: pytest.Session) -> bool:
        """Files are found all at once, as pytest reads a folder's conftest.py for one collection only. None is imported yet:
        a lane imports the files that it runs, and no other."""
        found = session.perform_collect([str(file) for files in self._parts.values() for file in files], genitems=False)
        self._files = {node.path: node for node in found if isinstance(node, pytest.Collector)}
        return True

    @pytest.hookimpl
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """One broker after the other: a lane has one at a time."""
        for broker in BROKERS:
            for part, paths in self._parts.items():
                if self._take(f"{broker}:{part}"):
                    items = [item for path in paths for item in session.genitems(self._files[path])]
                    session.config.hook.pytest_collection_modifyitems(session=session, config=session.config, items=items)
                    mine = [item for item in items if broker_of(item) == broker]
                    session.testscollected += len(mine)
                    self._run(session, mine)
        return True

    def _run(self, session: pytest.Session, items: Sequence[pytest.Item]) -> None:
        """After the last one only what is the session's own stays: what comes next is not known yet."""
        for item, after in zip(items, [*items[1:], session], strict=False):
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=after)
            if session.shouldfail:
                raise session.Failed(session.shouldfail)
            if session.shouldstop:
                raise session.Interrupted(session.shouldstop)

    def _take(self, part: str) -> bool:
        try:
            (self._taken / part.replace("/", "|")).touch(exist_ok=False)
        except FileExistsError:
            return False
        return True


def parts_of(arguments: Sequence[str], root: Path) -> dict[str, list[Path]]:
    """Of files and folders as pytest is told them, with their files, in the order in which they are to be taken."""
    parts: dict[str, list[Path]] = {}
    for file in dict.fromkeys(file for argument in arguments for file in _files_in(root / argument)):
        parts.setdefault(_part_of(os.path.relpath(file, root)), []).append(file)
    rank = {part: number for number, part in enumerate(LONGEST_FIRST)}
    return dict(sorted(parts.items(), key=lambda part: rank.get(part[0], len(rank))))


def _files_in(path: Path) -> list[Path]:
    return sorted(path.rglob("test_*.py")) if path.is_dir() else [path]


def _part_of(file: str) -> str:
    return next((folder for folder in FOLDERS if file.startswith(f"{folder}/")), file)


def broker_of(item: pytest.Item) -> str:
    """Where it comes from; this Debian's also for a test that asks for none."""
    callspec = getattr(item, "callspec", None)
    return str(callspec.params.get("servers", BROKERS[0])) if callspec else BROKERS[0]
