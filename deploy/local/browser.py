"""Debian's Chromium without windows, with which the pages are tested and pictured; installed with apt where it is missing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from deploy.local.system import Obstacle, install

# the same engine as in chromium, without all that only a window needs: a page costs it a third of the CPU
CHROMIUM = Path("/usr/lib/chromium/chromium-headless-shell")
FONT = Path("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf")  # draws Ң Ө Ү where a page has no font of its own
PACKAGES = {"chromium-headless-shell": CHROMIUM, "fonts-dejavu-core": FONT}
INSTEAD = "or leave the browser out: ./eshik test SUITE, with a suite that is not browser"


def prepare_browser(say: Callable[[str], None], log: Path) -> Path:
    """Where Chromium lies; it and a font are installed with apt where they are missing. Raises Obstacle."""
    missing = [package for package, file in PACKAGES.items() if not file.exists()]
    if missing:
        install(missing, "the browser tests", say, log, otherwise=INSTEAD)
    still = [package for package, file in PACKAGES.items() if not file.exists()]
    if still:
        raise Obstacle(f"{still[0]} was installed, but {PACKAGES[still[0]]} is not there: this system is untested")
    return CHROMIUM
