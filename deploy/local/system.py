"""What this operating system is and has, and installing what is missing with apt. Standard library only: bootstrap uses it."""

from __future__ import annotations

import errno
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

OTHER_WAYS = "or run `docker compose up`, or set ESHIK_MONGO_URL and ESHIK_RABBIT_URL to servers that already run"
NO_NETWORK_SIGNS = (
    "temporary failure in name resolution",
    "temporary failure resolving",
    "name or service not known",
    "newconnectionerror",
    "connecttimeout",
    "connection refused",
    "connection timed out",
    "readtimeout",
    "could not connect",
    "unable to connect",
    "network is unreachable",
    "failed to establish a new connection",
)
FULL_DISK_SIGNS = ("no space left on device", "enough free space", "disk quota exceeded")


class Obstacle(Exception):
    """What stands in the way, in one line that names the way out."""


def os_release(path: Path = Path("/etc/os-release")) -> dict[str, str]:
    """The fields of os-release; empty where there is none."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError:
        return {}
    pairs = (line.split("=", 1) for line in lines if "=" in line)
    return {name: value.strip().strip('"') for name, value in pairs}


def support(release: dict[str, str]) -> str:
    """supported (Debian 12), untested (other systems with apt) or unsupported (apt cannot be used)."""
    if release.get("ID") == "debian" and release.get("VERSION_ID") == "12":
        return "supported"
    family = {release.get("ID", ""), *release.get("ID_LIKE", "").split()}
    return "untested" if family & {"debian", "ubuntu"} else "unsupported"


def system_name(release: dict[str, str]) -> str:
    return release.get("PRETTY_NAME") or platform.platform(terse=True)


def check_free_space(folder: Path, needed_mb: int) -> None:
    """Raises Obstacle when the disk that holds the folder has less than needed_mb left."""
    existing = next(place for place in (folder, *folder.parents) if place.exists())
    free_mb = shutil.disk_usage(existing).free // 2**20
    if free_mb < needed_mb:
        raise Obstacle(
            f"the disk that holds {folder} is full ({free_mb} MB free, about {needed_mb} MB needed): "
            "free some space, or keep the state elsewhere: ESHIK_HOME=/other/folder ./eshik up"
        )


def explain(error: OSError) -> str:
    """One line for an error of the file system."""
    where = error.filename or "the state folder"
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"the disk is full ({where}): free some space, or keep the state elsewhere: ESHIK_HOME=/other/folder"
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return f"{where} cannot be written: make it yours (chown), or keep the state elsewhere: ESHIK_HOME=/other/folder"
    return f"{error.strerror or error} ({where})"


def install(
    packages: Sequence[str], needed_for: str, say: Callable[[str], None], log: Path, *, otherwise: str = OTHER_WAYS
) -> None:
    """Install Debian packages, as root or by sudo. Raises Obstacle, which ends with what one can do otherwise."""
    wanted = " ".join(packages)
    release = os_release()
    if support(release) == "unsupported" or shutil.which("apt-get") is None:
        raise Obstacle(
            f"{wanted} is missing ({needed_for}) and can be installed here only by you, because {system_name(release)} "
            f"is not a Debian: install it with your system's tools, {otherwise}"
        )
    command = [*_as_root(wanted, needed_for, otherwise), "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q"]
    say(f"installing {wanted} with apt ({needed_for}); this can take a minute or two")
    options = ["-y", "--no-install-recommends", "-o", "DPkg::Lock::Timeout=120", "install", *packages]
    output = _run([*command, *options], log)
    if output is not None:  # a bare machine has no package lists yet
        _run([*command, "update"], log)
        output = _run([*command, *options], log)
    if output is not None:
        raise Obstacle(_apt_trouble(wanted, output, log, otherwise))


def _as_root(wanted: str, needed_for: str, otherwise: str) -> list[str]:
    if os.geteuid() == 0:
        return []
    sudo = shutil.which("sudo")
    can_ask = sys.stdin is not None and sys.stdin.isatty()
    if sudo and (can_ask or subprocess.run([sudo, "-n", "true"], capture_output=True, check=False).returncode == 0):  # noqa: S603 (sudo as found on the PATH, and no shell)
        return [sudo]
    raise Obstacle(
        f"{wanted} is missing ({needed_for}) and installing it needs root: "
        f"run `apt-get install {wanted}` as root once, {otherwise}"
    )


def _run(command: Sequence[str], log: Path) -> str | None:
    """None when it succeeded, else its output, which is also added to the log."""
    done = subprocess.run(command, stdin=None, capture_output=True, text=True, errors="replace", check=False)  # noqa: S603 (our own words, no shell)
    output = done.stdout + done.stderr
    log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with log.open("a", encoding="utf-8") as file:
        file.write(f"$ {' '.join(command)}\n{output}\n")
    return output if done.returncode else None


def _apt_trouble(wanted: str, output: str, log: Path, otherwise: str) -> str:
    trouble = known_trouble(output)
    if trouble == "network":
        return f"{wanted} could not be fetched: there is no network; connect this machine and try again, {otherwise}"
    if trouble == "disk":
        return f"{wanted} could not be installed: the disk is full; free some space and try again"
    return f"{wanted} could not be installed; apt's words are in {log}. Install it by hand, {otherwise}"


def known_trouble(output: str) -> str | None:
    """network or disk, when a tool's output tells so."""
    lowered = output.lower()
    if any(sign in lowered for sign in FULL_DISK_SIGNS):
        return "disk"
    if any(sign in lowered for sign in NO_NETWORK_SIGNS):
        return "network"
    return None


@contextmanager
def kept_from_starting(*units: str) -> Iterator[None]:
    """While packages are installed, systemd neither starts nor enables these units. Without systemd: nothing to do."""
    if not Path("/run/systemd/system").exists() or shutil.which("systemctl") is None:
        yield
        return
    as_root = [] if os.geteuid() == 0 else ["sudo"]
    # --runtime: the mask lives in /run, so that even a kill in between leaves nothing behind after a reboot
    subprocess.run([*as_root, "systemctl", "mask", "--runtime", *units], capture_output=True, check=False)  # noqa: S603 (our own words, no shell)
    try:
        yield
    finally:
        subprocess.run([*as_root, "systemctl", "disable", *units], capture_output=True, check=False)  # noqa: S603 (our own words, no shell)
        subprocess.run([*as_root, "systemctl", "unmask", "--runtime", *units], capture_output=True, check=False)  # noqa: S603 (our own words, no shell)
