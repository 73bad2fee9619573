"""The time, as a part that is handed in: tests and `./eshik demo --ahead` move it for all processes at once."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

import structlog

log = structlog.get_logger(__name__)

FURTHEST = timedelta(days=3650)


class Clock(Protocol):
    def now(self) -> datetime:
        """The present moment: aware, UTC, whole milliseconds (what MongoDB keeps)."""


class SystemClock:
    def now(self) -> datetime:
        return _whole_milliseconds(datetime.now(UTC))


class FileClock:
    """System time plus the seconds written in a file that several processes share; no file means no shift.

    A content that is no number, or more than FURTHEST away, changes nothing: the last usable one holds.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: tuple[int, int] | None = None
        self._offset = timedelta()

    def now(self) -> datetime:
        return _whole_milliseconds(datetime.now(UTC) + self.offset())

    def offset(self) -> timedelta:
        try:
            stat = self._path.stat()
        except FileNotFoundError:
            return timedelta()
        if (mark := (stat.st_mtime_ns, stat.st_size)) != self._seen:
            self._seen = mark
            self._read()
        return self._offset

    def _read(self) -> None:
        try:
            offset = timedelta(seconds=float(self._path.read_text() or 0))
        except (OSError, ValueError, OverflowError):
            offset = timedelta.max
        if abs(offset) <= FURTHEST:
            self._offset = offset
        else:
            log.warning("clock_file_unusable")


def clock_from(file: Path | None) -> Clock:
    return FileClock(file) if file else SystemClock()


def _whole_milliseconds(moment: datetime) -> datetime:
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)
