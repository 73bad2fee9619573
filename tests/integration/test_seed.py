"""The small consulate that up opens with: there once, whatever interrupts it, and in nobody's way."""

import json
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.seed import WITH_DOCUMENT
from cli.seed_cases import CASES
from deploy.local.environment import PORTAL
from tests.support.stacks import RunningStack, running_stack

pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[RunningStack]:
    with running_stack(tmp_path / "stack") as running:
        yield running


def statuses(stack: RunningStack) -> Counter[tuple[str, str, str]]:
    rows = stack.rows("applications", "applications")
    return Counter((row["service_id"], row["post_id"], row["status"]) for row in rows)


def planned() -> Counter[tuple[str, str, str]]:
    return Counter((case.service_id, case.post_id, case.until) for case in CASES)


def kill_while_seeding(stack: RunningStack, *, after: int) -> None:
    """Up, killed once there are so many applications."""
    filling = subprocess.Popen(
        stack.command("up", "--detach"), env=stack.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    deadline = time.monotonic() + 60
    while len(stack.rows("applications", "applications")) < after:
        assert filling.poll() is None, "it ended before it could be killed"
        assert time.monotonic() < deadline
    filling.kill()
    filling.wait()
    assert after <= len(stack.rows("applications", "applications")) < len(CASES), "it was to be killed in the middle"


def test_the_consulate_is_filled_once_also_when_that_is_killed_and_begun_again(stack: RunningStack) -> None:
    assert stack.rows("applications", "applications") == [], "a test's stack is empty unless it asks"
    kill_while_seeding(stack, after=3)
    kill_while_seeding(stack, after=11)

    filled = stack.eshik("up", "--detach")
    assert filled.returncode == 0, filled.stderr
    assert "not all there" not in filled.stderr
    assert statuses(stack) == planned()

    again = stack.eshik("up", "--detach")
    assert "filled" not in again.stderr
    assert statuses(stack) == planned()
    assert len(stack.rows("documents", "documents")) == sum(case.until in WITH_DOCUMENT for case in CASES)


def test_up_names_the_pages_first_and_demo_and_status_work_in_a_filled_consulate(tmp_path: Path) -> None:
    with running_stack(tmp_path / "stack", pages=True, seeded=True) as stack:
        up = stack.eshik("up", "--detach").stdout
        demo = stack.eshik("demo", "--json")
        found = json.loads(stack.eshik("status", "--json").stdout)

        assert up.index(f"Open {stack.ports.pages_url}") < up.index(str(stack.ports.identity))
        assert demo.returncode == 0, demo.stderr
        assert json.loads(demo.stdout.splitlines()[-1])["status"] == "ready"
        assert found["healthy"], found["problems"]
        assert {part["name"]: part["state"] for part in found["parts"]}[PORTAL] == "ready"
        assert statuses(stack) - planned() == Counter({("consular-registration-certificate", "yek", "ready"): 1})


def test_each_case_is_known_again_by_its_citizen_its_service_and_its_post() -> None:
    names = Counter((case.citizen, case.service_id, case.post_id) for case in CASES)
    assert set(names.values()) == {1}
    assert {case.until for case in CASES if case.post_id == "yek"} == {
        "draft",
        "submitted",
        "in_review",
        "proposed",
        "awaiting_blank",
        "awaiting_visit",
        "ready",
        "handed_over",
        "refused",
        "withdrawn",
    }
