"""The time, as a part that is handed in: tests and `./eshik demo --day` move it for all processes at once."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol


class Clock(Protocol):
    def now(self) -> datetime:
        """The present moment: aware, UTC, whole milliseconds (what MongoDB keeps)."""


class SystemClock:
    def now(self) -> datetime:
        return _whole_milliseconds(datetime.now(UTC))


class FileClock:
    """System time plus the seconds written in a file that several processes share; no file means no shift."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: tuple[int, int] | None = None
        self._offset = timedelta()

    def now(self) -> datetime:
        return _whole_milliseconds(datetime.now(UTC) + self._current_offset())

    def _current_offset(self) -> timedelta:
        try:
            stat = self._path.stat()
        except FileNotFoundError:
            return timedelta()
        if (mark := (stat.st_mtime_ns, stat.st_size)) != self._seen:
            self._seen, self._offset = mark, timedelta(seconds=float(self._path.read_text() or 0))
        return self._offset


def clock_from(file: Path | None) -> Clock:
    return FileClock(file) if file else SystemClock()


def _whole_milliseconds(moment: datetime) -> datetime:
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)
