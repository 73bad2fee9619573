"""./eshik soak as a command: its exit code, its last line, and what it leaves behind."""

import json
from pathlib import Path

import pytest
import typer

from cli.soak.chaos import Injected
from cli.soak.checker import Verdict
from cli.soak.command import soak, tell_result
from cli.soak.history import History, Wrong
from cli.soak.run import Ledger, Result


def a_result(**verdict: int) -> Result:
    wrong = [Wrong("lost", "a1", "planted")] if verdict.get("lost") else []
    return Result(3, 2, History(), Injected(), Verdict(**verdict, wrong=wrong), Ledger(holds=True), 1.0, {})


def told(result: Result, home: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    with pytest.raises(typer.Exit) as end:
        tell_result(result, home, keep=False, as_json_too=True)
    return end.value.exit_code, capsys.readouterr().out


def test_a_clean_run_ends_with_0_and_leaves_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home = tmp_path / "home"
    home.mkdir()
    code, _ = told(a_result(attempted=5, acknowledged=5), home, capsys)
    assert code == 0
    assert not home.exists()


@pytest.mark.parametrize("fault", ["lost", "duplicated", "unexpected", "unsettled"])
def test_a_run_with_anything_wrong_ends_with_1_and_keeps_its_logs(
    fault: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, said = told(a_result(**{fault: 1}), tmp_path, capsys)
    assert code == 1
    assert str(tmp_path / "logs") in said
    assert tmp_path.exists()


def test_the_last_line_is_json_with_the_seed_and_every_counter(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, said = told(a_result(lost=1), tmp_path, capsys)
    last = json.loads(said.splitlines()[-1])
    assert last["seed"] == 3
    assert {"attempted", "acknowledged", "lost", "duplicated", "recovered", "unexpected"} <= last.keys()
    assert last["wrong"] == [{"fault": "lost", "about": "a1", "what": "planted"}]


def test_the_schedule_of_a_seed_can_be_printed_and_is_always_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    printed = []
    for _ in range(2):
        soak(minutes=2, seed=5, only_schedule=True)
        printed.append(capsys.readouterr().out)
    assert printed[0] == printed[1]
    assert len(printed[0].splitlines()) > 5


def test_what_the_ledger_says_is_wrong_is_shown_with_its_ids(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    result = a_result(attempted=5, acknowledged=5)
    fault = {"id": "e1", "what": "published and heard by nobody"}
    result.ledger = Ledger(holds=False, rules=[{"about": "events", "rule": "heard", "holds": False, "faults": 1, "ids": [fault]}])
    code, said = told(result, tmp_path, capsys)
    assert code == 1
    assert "published and heard by nobody e1" in said
    assert json.loads(said.splitlines()[-1])["ledger"]["faults"] == {"events: heard": 1}
