"""What uploaded files are looked at with, beside our own: libmagic, which a bare Debian lacks, and for the tests ClamAV."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from ctypes.util import find_library
from pathlib import Path

from deploy.local.system import Obstacle, install, kept_from_starting

LIBMAGIC = Path("/usr/lib/x86_64-linux-gnu/libmagic.so.1")
CLAMD = "/usr/sbin/clamd"
INSTEAD = "or leave these tests out"


def prepare_libmagic(say: Callable[[str], None], log: Path) -> None:
    """Install it where it is missing. Raises Obstacle."""
    if not has_libmagic():
        install(["libmagic1"], "the kind of uploaded files", say, log)
    if not has_libmagic():
        raise Obstacle("libmagic1 was installed, but its library is not found: this system is untested")


def has_libmagic() -> bool:
    return LIBMAGIC.exists() or find_library("magic") is not None


def prepare_scanner(say: Callable[[str], None], log: Path) -> str:
    """Where ClamAV's daemon lies; without its signatures, which tests bring themselves. Raises Obstacle."""
    if shutil.which("clamd") is None and not Path(CLAMD).exists():
        with kept_from_starting("clamav-daemon.service", "clamav-daemon.socket", "clamav-freshclam.service"):
            install(["clamav-daemon"], "the tests of the virus scanner", say, log, otherwise=INSTEAD)
    found = shutil.which("clamd") or (CLAMD if Path(CLAMD).exists() else None)
    if found is None:
        raise Obstacle(f"clamav-daemon was installed, but {CLAMD} is not there: this system is untested")
    return found
