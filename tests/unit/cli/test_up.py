"""What ./eshik up says when its supervisor is gone before the stack was ready."""

import subprocess
from pathlib import Path

import pytest

from cli.stack import Stack, StackFailed
from deploy.local.places import Places
from deploy.local.ports import Ports
from deploy.local.record import StackRecord, write_record


@pytest.fixture
def stack(tmp_path: Path) -> Stack:
    places = Places(tmp_path)
    places.make()
    return Stack(places, Ports(8400))


def reason_after(stack: Stack, script: str) -> str:
    with stack.supervisor_log.open("wb") as log:
        stack._supervisor = subprocess.Popen(["sh", "-c", script], stdout=log)  # noqa: S607 (any shell)
    stack._supervisor.wait()
    with pytest.raises(StackFailed) as failed:
        stack._follow(lambda _record: None)
    return str(failed.value)


@pytest.mark.parametrize("script", ["exit 0", "kill -TERM $$"])
def test_a_start_that_was_taken_down_is_called_that(stack: Stack, script: str) -> None:
    assert reason_after(stack, script) == "it was taken down while it started; ./eshik up starts it anew"


def test_a_supervisor_that_breaks_is_shown_with_its_last_words(stack: Stack) -> None:
    assert reason_after(stack, "echo no memory; exit 1") == "the supervisor ended at once:\nno memory"
    assert reason_after(stack, "exit 1") == "the supervisor ended at once and said nothing"


def test_a_reason_that_it_wrote_down_comes_first(stack: Stack) -> None:
    write_record(stack.places, StackRecord(pid=1, port_base=8400, phase="stopping", reason="mongo is not ready"))
    assert reason_after(stack, "exit 0") == "mongo is not ready"
