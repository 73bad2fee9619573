"""What a lane of ./eshik test says while it runs: a line for each file that is through, and at once for each failure."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

OPTION, TAKEN = "--lane-report", "--lane-taken"  # here and not in lane_report.py, which needs pytest: `up` runs without it
ORDER = ("failed", "passed", "skipped", "xfailed", "xpassed", "error")  # as pytest
FAILURES = ("failed", "error")


def summary_of(counts: Counter[str]) -> str:
    """As pytest says it: 2 failed, 31 passed, 1 error."""
    said = [f"{counts[outcome]} {_plural(outcome, counts[outcome])}" for outcome in ORDER if counts[outcome]]
    return ", ".join(said) or "no tests ran"


@dataclass
class Progress:
    """Where a lane is, as far as its report (cli/lane_report.py) has been read."""

    counts: Counter[str] = field(default_factory=Counter[str])
    _file: str = ""
    _of_file: Counter[str] = field(default_factory=Counter[str])
    _since: float = 0
    _test: str = ""
    _test_since: float = 0
    _read: int = 0

    @property
    def failures(self) -> int:
        return sum(self.counts[outcome] for outcome in FAILURES)

    def where(self) -> str:
        """Which test runs now, and since when."""
        return f"{_short(self._test)} ({time.monotonic() - self._test_since:.0f} s)" if self._test else "starting"

    def read(self, report: Path, *, over: bool) -> Iterator[str]:
        """What there is to say since the last time. over: the lane has ended."""
        for line in self._new_lines(report):
            note = json.loads(line)
            if "at" in note:
                yield from self._begin(note["at"])
            else:
                yield from self._count(note["test"], note["outcome"])
        if over:
            yield from self._end_file()

    def _new_lines(self, report: Path) -> list[str]:
        if not report.exists():
            return []
        with report.open("rb") as file:
            file.seek(self._read)
            whole, newline, _ = file.read().rpartition(b"\n")
        self._read += len(whole) + len(newline)
        return whole.decode().splitlines()

    def _begin(self, test: str) -> Iterator[str]:
        self._test, self._test_since = test, time.monotonic()
        file = test.partition("::")[0]
        if file != self._file:
            yield from self._end_file()
            self._file, self._since = file, time.monotonic()

    def _count(self, test: str, outcome: str) -> Iterator[str]:
        self.counts[outcome] += 1
        self._of_file[outcome] += 1
        if outcome in FAILURES:
            yield f"{outcome.upper()} {test}"

    def _end_file(self) -> Iterator[str]:
        if self._file:
            yield f"{self._file}: {summary_of(self._of_file)} in {time.monotonic() - self._since:.0f} s"
        self._file, self._of_file = "", Counter()


def _short(test: str) -> str:
    return test.rpartition("/")[2]


def _plural(outcome: str, count: int) -> str:
    return "errors" if outcome == "error" and count > 1 else outcome
