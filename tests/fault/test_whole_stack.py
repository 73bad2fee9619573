"""The whole system, as ./eshik up runs it, while its processes are killed: one case, one document, one message each."""

import json
import os
import signal
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from cli.soak.schedule import CRASH_POINTS
from tests.support.stacks import RunningStack, running_stack

KILLED = ("applications", "documents", "notifications", "rabbitmq", "mongo")
KILLED_TOO = ("identity", "mail-sink", "sms-sink")  # nothing of the case is theirs to lose: only with --full
FULL = bool(os.environ.get("ESHIK_TEST_FULL"))
OWN_TEST = ("transaction.", "request.")  # a service is killed there alone, in tests of their own
AT_ONCE = CRASH_POINTS if FULL else tuple(point for point in CRASH_POINTS if not point.startswith(OWN_TEST))
CASES_AT_ONCE = 6 if FULL else 3


@pytest.fixture(scope="module")
def flags(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("flags")


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory, flags: Path) -> Iterator[RunningStack]:
    armed = ",".join(f"{point}@{flags / point}" for point in CRASH_POINTS)
    often = "1"  # checkpoints of the audit, while the cases run and not a minute after
    with running_stack(tmp_path_factory.mktemp("stack"), ESHIK_CRASH_AT=armed, ESHIK_AUDIT_CHECKPOINT_EVERY_S=often) as running:
        yield running


def demo(stack: RunningStack, *options: str) -> dict[str, Any]:
    done = stack.eshik("demo", "--json", *options)
    assert done.returncode == 0, f"{done.stdout[-500:]}\n{done.stderr[-1500:]}"
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def must_be_reached(flags: Path) -> None:
    """Each armed point is taken away by who crashes there. The audit follows what it tells of a little later."""
    until = time.monotonic() + 60
    while left := sorted(flag.name for flag in flags.iterdir()):
        assert time.monotonic() < until, f"never reached: {', '.join(left)}"
        time.sleep(0.2)


def check_one_of_each(stack: RunningStack, result: dict[str, Any], ends: str = "ready") -> None:
    """One document for the case, and per message one send, or one that is listed as unknown."""
    assert (result["status"], result["document"]["verification"]) == (ends, "valid")
    case = stack.rows("applications", "applications", {"reference": result["reference"]})
    assert len(case) == 1
    documents = stack.rows("documents", "documents", {"application_id": case[0]["_id"]})
    assert [document["state"] for document in documents] == ["issued"]
    notifications = stack.rows("notifications", "notifications", {"application_id": case[0]["_id"]})
    assert len(notifications) == len(result["messages"])
    arrived = received(stack)
    for notification in notifications:
        times = arrived[notification["_id"]]
        if notification["state"] == "sent":
            assert times == 1, (notification["channel"], times)
        else:
            assert notification["state"] == "unknown"
            assert times <= 1


def received(stack: RunningStack) -> Counter[str]:
    """How often each message arrived at the sinks, by its id."""
    with httpx.Client(transport=httpx.HTTPTransport(retries=6)) as client:  # the sink itself may just have been killed
        messages = client.get(f"http://127.0.0.1:{stack.ports.inbox}/messages", timeout=10).json()
    # an e-mail's id is its Message-ID: <notification id @ sender's domain>
    return Counter({message["id"].strip("<").partition("@")[0]: message["deliveries"] for message in messages})


def test_the_demo_of_each_service_ends_in_one_valid_document(stack: RunningStack) -> None:
    for service, ends in (("registration", "ready"), ("return", "handed_over"), ("power", "handed_over")):
        check_one_of_each(stack, demo(stack, "--service", service), ends)


@pytest.mark.skipif(not FULL, reason="one after the other only with --full; the next test crashes at all of them at once")
@pytest.mark.parametrize("point", CRASH_POINTS)
def test_a_crash_at_any_named_point_leaves_one_document_and_no_message_twice(
    stack: RunningStack, flags: Path, point: str
) -> None:
    (flags / point).touch()
    result = demo(stack)
    must_be_reached(flags)
    check_one_of_each(stack, result)


def test_crashes_at_all_points_with_several_cases_at_once_lose_and_double_nothing(stack: RunningStack, flags: Path) -> None:
    for point in AT_ONCE:
        (flags / point).touch()
    with ThreadPoolExecutor(CASES_AT_ONCE) as pool:
        results = list(pool.map(lambda _: demo(stack), range(CASES_AT_ONCE)))
    must_be_reached(flags)
    for result in results:
        check_one_of_each(stack, result)
    numbers = [row["numbering"]["number"] for row in stack.rows("documents", "documents") if row["state"] == "issued"]
    assert len(numbers) == len(set(numbers))


@pytest.mark.parametrize("part", KILLED + (KILLED_TOO if FULL else ()))
def test_kill_9_of_any_process_during_the_demo_still_ends_in_one_document(stack: RunningStack, part: str) -> None:
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(demo, stack)
        time.sleep(1.0)  # into the case; where exactly differs from run to run, and must not matter
        os.kill(stack.pid_of(part), signal.SIGKILL)
        result = running.result()
    check_one_of_each(stack, result)
