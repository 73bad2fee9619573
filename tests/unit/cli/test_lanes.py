"""Tests side by side: one exit code, one sum, and nothing left running."""

import ast
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from cli.lane_progress import summary_of
from cli.lane_queue import LONGEST_FIRST, parts_of
from cli.lanes import Lane, Lanes
from deploy.local.places import CHECKOUT

WITH_A_SERVER = """
import subprocess, sys, time
from pathlib import Path
import pytest

HERE = Path(__file__).parent

@pytest.fixture
def server():
    left = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
    (HERE / "left").write_text(str(left.pid))
    yield
    (HERE / "torn-down").touch()

def test_that_lasts(server):
    (HERE / "running").touch()
    time.sleep(600)
"""
QUICKLY = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}  # pytest starts in half the time
RUN = "import sys; from cli.lanes import Lane, Lanes; sys.exit(Lanes([Lane('only', [sys.argv[1]])], {}, print).run())"


@pytest.fixture(autouse=True)
def folders_of_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that fails leaves its folder behind to be looked at: here in the test's own folder."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    for name, value in {"TMPDIR": str(tmp_path), **QUICKLY}.items():
        monkeypatch.setenv(name, value)


def lane(folder: Path, name: str, *tests: str) -> Lane:
    """A lane with one file of these tests."""
    file = folder / name / f"test_{name}.py"
    file.parent.mkdir()
    file.write_text("\n".join(["import os", "import pytest", *tests]))
    return Lane(name, [str(file), f"--rootdir={file.parent}"])


def ran(*lanes: Lane) -> tuple[int, list[str]]:
    said: list[str] = []
    return Lanes(lanes, QUICKLY, said.append).run(), said


def until(look: Callable[[], object], within_s: float = 60) -> None:
    deadline = time.monotonic() + within_s
    while not look():
        assert time.monotonic() < deadline, f"not within {within_s} s"
        time.sleep(0.05)


def ended(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE  # nobody asks for its exit code any more
    except psutil.NoSuchProcess:
        return True


def test_the_counts_of_all_lanes_are_summed_in_a_last_line_as_pytest_would_say_it(tmp_path: Path) -> None:
    skipping = "@pytest.mark.skip(reason='why not')\ndef test_never(): ..."
    code, said = ran(lane(tmp_path, "one", "def test_a(): ..."), lane(tmp_path, "two", "def test_b(): ...", skipping))
    assert code == 0
    assert re.fullmatch(r"2 passed, 1 skipped in \d+\.\d\ds \(0:00:\d\d\)", said[-1])


def test_a_lane_that_fails_makes_exit_code_1_and_is_shown_last_and_in_full(tmp_path: Path) -> None:
    code, said = ran(
        lane(tmp_path, "bad", "def test_wrong(): assert 'one' == 'two'"), lane(tmp_path, "good", "def test_b(): ...")
    )
    assert code == 1
    text = "\n".join(said)
    assert (
        text.index("──── good: 1 passed") < text.index("──── bad: 1 failed") < text.index("AssertionError: assert 'one' == 'two'")
    )
    assert said[-1].startswith("1 failed, 1 passed in ")


def test_a_failure_is_told_at_once_and_each_file_when_it_is_through(tmp_path: Path) -> None:
    _, said = ran(lane(tmp_path, "bad", "def test_wrong(): assert False"))
    live = [line.partition("  ")[2] for line in said if re.match(r"0:00:\d\d  ", line)]
    assert live[0].endswith("FAILED test_bad.py::test_wrong")
    assert re.search(r"test_bad\.py: 1 failed in \d+ s$", live[1])


@pytest.mark.parametrize("test", ["def test_dies(): os._exit(3)", "import not_there"], ids=["dies", "cannot be read"])
def test_a_lane_that_ends_without_its_tests_makes_exit_code_1(tmp_path: Path, test: str) -> None:
    code, said = ran(lane(tmp_path, "broken", test), lane(tmp_path, "good", "def test_b(): ..."))
    assert code == 1
    assert any(re.match(r"\n──── broken: (no tests ran, exit code 3|1 error) ────", text) for text in said)


def test_each_lane_has_ports_and_folders_of_its_own(tmp_path: Path) -> None:
    names = ("TMPDIR", "HYPOTHESIS_STORAGE_DIRECTORY", "ESHIK_TEST_PORT_REGION")
    file = str(tmp_path / "told")
    telling = f"def test_a():\n    with open({file!r}, 'a') as told: print([os.environ[name] for name in {names}], file=told)"
    assert ran(lane(tmp_path, "one", telling), lane(tmp_path, "two", telling))[0] == 0
    told = [ast.literal_eval(line) for line in (tmp_path / "told").read_text().splitlines()]
    assert [len(set(values)) for values in zip(*told, strict=True)] == [2, 2, 2]


def test_what_a_test_left_running_is_ended_with_the_run(tmp_path: Path) -> None:
    leaving = (
        "import subprocess, sys\n"
        "def test_leaves():\n"
        "    left = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'], start_new_session=True)\n"
        f"    open({str(tmp_path / 'left')!r}, 'w').write(str(left.pid))"
    )
    assert ran(lane(tmp_path, "one", leaving))[0] == 0
    until(lambda: ended(int((tmp_path / "left").read_text())))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_ends_the_tests_in_good_order_with_all_that_they_started(tmp_path: Path, number: signal.Signals) -> None:
    (tmp_path / "test_it.py").write_text(WITH_A_SERVER)
    command = [sys.executable, "-c", RUN, str(tmp_path / "test_it.py")]
    # as a shell starts what runs in its background: without an ear for Ctrl-C
    runner = subprocess.Popen(
        ["/bin/sh", "-c", 'trap "" INT; exec "$@"', "sh", *command], cwd=CHECKOUT, stdout=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": str(CHECKOUT)},
    )  # fmt: skip
    until((tmp_path / "running").exists)
    runner.send_signal(number)
    said, _ = runner.communicate(timeout=60)
    assert runner.returncode == 130
    assert said.splitlines()[-1].startswith("interrupted: no tests ran in ")
    assert (tmp_path / "torn-down").exists()
    until(lambda: ended(int((tmp_path / "left").read_text())))


def test_a_lane_ends_when_the_one_who_runs_it_was_killed(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(
        "import time, pytest\nfrom pathlib import Path\nHERE = Path(__file__).parent\n"
        "@pytest.mark.parametrize('n', range(3000))\n"
        "def test_one(n): (HERE / 'running').touch(); time.sleep(0.2)"
    )
    runner = subprocess.Popen([sys.executable, "-c", RUN, str(tmp_path / "test_it.py")], cwd=CHECKOUT, stdout=subprocess.DEVNULL)
    until((tmp_path / "running").exists)
    lanes = psutil.Process(runner.pid).children()
    assert len(lanes) == 1
    runner.kill()
    runner.wait()
    until(lambda: ended(lanes[0].pid))


def test_outcomes_are_counted_in_pytests_own_words() -> None:
    assert summary_of(Counter(passed=3, failed=1, error=2, skipped=1)) == "1 failed, 3 passed, 1 skipped, 2 errors"
    assert summary_of(Counter()) == "no tests ran"


def test_lanes_that_are_given_the_same_tests_run_each_of_them_once(tmp_path: Path) -> None:
    tests = folder_of(tmp_path, *[f"def test_{name}(): open({str(tmp_path / name)!r}, 'a').write('.')" for name in "abcdef"])
    code, said = ran(Lane("one", tests), Lane("two", tests))
    assert code == 0
    assert said[-1].startswith("6 passed in ")
    assert [(tmp_path / name).read_text() for name in "abcdef"] == ["."] * 6


def test_a_lane_takes_what_is_left_while_another_is_at_something_long(tmp_path: Path) -> None:
    waiting = "def test_long():\n    while len(list(HERE.glob('done-*'))) < 3: time.sleep(0.05)"
    quick = [f"def test_{name}(): (HERE / 'done-{name}').touch()" for name in "bcd"]
    tests = folder_of(
        tmp_path,
        *[f"import time\nfrom pathlib import Path\nHERE = Path({str(tmp_path)!r})\n{test}" for test in (waiting, *quick)],
    )
    code, said = ran(Lane("one", tests), Lane("two", tests))
    assert code == 0
    assert said[-1].startswith("4 passed in ")


def folder_of(folder: Path, *files: str) -> list[str]:
    """A test file of each text, in this order; as pytest is told them."""
    inner = folder / "same"
    inner.mkdir()
    for number, text in enumerate(files):
        (inner / f"test_{number}.py").write_text(text)
    return [str(inner), f"--rootdir={inner}"]


def test_each_file_of_a_lane_has_the_fixtures_of_its_folder(tmp_path: Path) -> None:
    tests = folder_of(tmp_path, *["def test_with(given): assert given == 'of the folder'"] * 3)
    Path(tests[0], "conftest.py").write_text("import pytest\n@pytest.fixture\ndef given(): return 'of the folder'")
    code, said = ran(Lane("only", [tests[0], f"--rootdir={tmp_path}"]))  # what lies above it is collected as a folder, too
    assert (code, "3 passed" in said[-1]) == (0, True), said


def test_the_longest_part_comes_first_and_a_folder_that_shares_a_stack_is_one_part(tmp_path: Path) -> None:
    long = LONGEST_FIRST[1]
    for file in ("tests/fault/test_a.py", "tests/browser/test_b.py", "tests/browser/test_c.py", long):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).touch()
    folders = list(dict.fromkeys(["tests/fault", str(Path(long).parent), "tests/browser"]))
    assert list(parts_of(folders, tmp_path)) == ["tests/browser", long, "tests/fault/test_a.py"]


def test_a_lane_has_one_broker_after_the_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ESHIK_TEST_RABBIT4_ROOT", "/other")
    both = f"""
@pytest.fixture(scope='session', params=['/', '/other'])
def servers(request): return request.param

def test_on(servers): open({str(tmp_path / "order")!r}, 'a').write(servers + ' ')
def test_on_none(): open({str(tmp_path / "order")!r}, 'a').write('none ')
"""
    one = lane(tmp_path, "a", both)
    two = lane(tmp_path, "b", both)
    assert ran(Lane("only", [*two.arguments, *one.arguments]))[0] == 0
    assert (tmp_path / "order").read_text().split() == ["/", "none", "/", "none", "/other", "/other"]


def test_each_part_of_the_order_is_there() -> None:
    assert [part for part in LONGEST_FIRST if not (CHECKOUT / part).exists()] == []
