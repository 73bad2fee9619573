"""The launcher and the environment: made once, made anew when it is not whole, and one clear line for each obstacle."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from cli.bootstrap import Environment, ensure, lock_for
from deploy.local.system import Obstacle, check_free_space, explain, os_release, support

CHECKOUT = Path(__file__).resolve().parents[2]
NOBODY = 65534


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    """An environment whose lock asks for nothing, so that making it needs no network."""
    locks = tmp_path / "locks"
    locks.mkdir()
    for lock in ("local", "test", "bench"):
        (locks / f"{lock}.txt").write_text(f"# {lock}: nothing\n")
    return Environment(folder=tmp_path / "state" / "venv", locks=locks, log=tmp_path / "state" / "logs" / "environment.log")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The few files that the launcher needs, where another user may read them."""
    place = tmp_path / "checkout"
    for name in ("eshik", "cli/bootstrap.py", "deploy/__init__.py", "deploy/local/__init__.py", "deploy/local/system.py"):
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(CHECKOUT / name, place / name)
    (place / "locks").mkdir()
    (place / "locks" / "local.txt").write_text("eshik-no-such-package==1.0 --hash=sha256:" + "0" * 64 + "\n")
    return place


def run(copy: Path, *, user: int | None = None, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(copy / "eshik"), "status"],
        env={"PATH": os.environ["PATH"], "ESHIK_PYTHON": sys.executable, **variables},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        user=user,
    )


def one_line(done: subprocess.CompletedProcess[str]) -> str:
    """The last line said; the run must have failed, without a traceback."""
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    return done.stderr.strip().splitlines()[-1]


def test_each_command_asks_for_the_lock_that_it_needs() -> None:
    assert [lock_for(command.split()) for command in ("up", "status", "demo", "test", "check", "bench", "bench driver")] == [
        "local",
        "local",
        "local",
        "test",
        "test",
        "bench",
        "bench",
    ]
    assert lock_for([]) == "local"
    for command in ("--help", "bench --help", "bench driver -h", "test --help"):
        assert lock_for(command.split()) == "local"


def test_a_made_environment_is_used_again_and_serves_what_needs_less(environment: Environment) -> None:
    said: list[str] = []
    ensure(environment, "test", said.append)
    assert said
    said.clear()
    ensure(environment, "test", said.append)
    ensure(environment, "local", said.append)
    assert said == []
    assert not environment.serves("bench", environment.read_stamp())


def test_a_half_made_environment_is_made_anew(environment: Environment) -> None:
    left_behind = environment.folder / "lib" / "left-behind"
    left_behind.parent.mkdir(parents=True)
    left_behind.touch()
    said: list[str] = []
    ensure(environment, "local", said.append)
    assert "half-made" in said[0]
    assert not left_behind.exists()
    assert environment.serves("local", environment.read_stamp())


def test_a_changed_lock_and_a_replaced_python_are_noticed(environment: Environment) -> None:
    ensure(environment, "local", lambda _text: None)
    environment.lock_file("local").write_text("# another version\n")
    assert not environment.serves("local", environment.read_stamp())
    ensure(environment, "local", lambda _text: None)
    environment.python.unlink()
    environment.python.symlink_to("/bin/sh")
    assert environment.read_stamp() == {}


def test_without_an_index_the_way_out_is_named(copy: Path) -> None:
    nobody_there = "http://127.0.0.1:9/simple"
    line = one_line(run(copy, PIP_INDEX_URL=nobody_there, PIP_CONFIG_FILE=os.devnull, PIP_RETRIES="0"))
    assert "the package index does not answer" in line
    assert "PIP_FIND_LINKS" in line
    half_made = Environment(copy / ".eshik" / "venv", copy / "locks", copy / "log")
    assert half_made.read_stamp() == {}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
@pytest.mark.skipif(support(os_release()) == "unsupported", reason="elsewhere another line is right")
def test_without_root_and_without_venv_the_way_out_is_named(copy: Path, tmp_path: Path) -> None:
    blocked = tmp_path / "blocked"
    blocked.mkdir()
    (blocked / "ensurepip.py").write_text("raise ImportError('as on a Debian without python3-venv')\n")
    for folder in (copy, *copy.rglob("*")):
        os.chown(folder, NOBODY, NOBODY)
    for folder in [tmp_path, *tmp_path.parents][:3]:
        folder.chmod(0o755)
    python = "/usr/bin/python3" if Path("/usr/bin/python3").exists() else sys.executable
    line = one_line(run(copy, user=NOBODY, PYTHONPATH=str(blocked), ESHIK_PYTHON=python, PATH="/usr/bin:/bin"))
    assert "needs root: run `apt-get install" in line
    assert "docker compose up" in line


def test_a_python_that_is_too_old_or_missing_is_named(copy: Path, tmp_path: Path) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "python3").write_text("#!/bin/sh\nexit 1\n")
    (tools / "python3").chmod(0o755)
    (tools / "dirname").symlink_to(shutil.which("dirname") or "/usr/bin/dirname")
    done = subprocess.run(
        ["/bin/sh", str(copy / "eshik"), "up"], env={"PATH": str(tools)}, capture_output=True, text=True, check=False
    )
    assert "Python 3.11 or newer is needed and was not found" in one_line(done)


def test_a_full_disk_and_a_folder_of_somebody_else_are_named(tmp_path: Path) -> None:
    with pytest.raises(Obstacle, match=r"is full .* ESHIK_HOME=/other/folder"):
        check_free_space(tmp_path / "not" / "there" / "yet", 10**9)
    assert "the disk is full" in explain(OSError(errno.ENOSPC, "No space left on device", "/state/x"))
    assert "cannot be written" in explain(OSError(errno.EROFS, "Read-only file system", "/state/x"))


def test_systems_are_named_as_supported_or_untested() -> None:
    assert support({"ID": "debian", "VERSION_ID": "12"}) == "supported"
    assert support({"ID": "debian", "VERSION_ID": "13"}) == "untested"
    assert support({"ID": "linuxmint", "ID_LIKE": "ubuntu debian"}) == "untested"
    assert support({"ID": "fedora"}) == "unsupported"
