"""Named places where a process can be told to die, so that tests show what a kill at that very moment does."""

import os
from pathlib import Path

_CRASH_AT = frozenset(filter(None, os.environ.get("ESHIK_CRASH_AT", "").split(",")))


def crash_point(name: str) -> None:
    """Die at once, as by kill -9, where ESHIK_CRASH_AT lists the name. Without that variable: nothing.

    A name with @PATH dies only while PATH exists, and removes it: one crash, then life goes on after a restart.
    """
    for wanted in _CRASH_AT:
        point, _, flag = wanted.partition("@")
        if point == name and (not flag or _take(flag)):
            os._exit(137)


def _take(path: str) -> bool:
    try:
        Path(path).unlink()
    except FileNotFoundError:
        return False
    return True
