"""The lines of the logs that a person should see while the stack runs in the foreground."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

TROUBLE = re.compile(r"\b(warning|error|critical|traceback)\b", re.IGNORECASE)
TIME = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z?")
QUIET_S = 30
LEVELS = {"warning", "error", "critical"}


@dataclass
class LogTail:
    """What was added to a log since we last looked."""

    name: str
    path: Path
    everything: bool = False
    _read: int = field(default=-1)
    _shown: dict[str, float] = field(default_factory=dict)

    def new_lines(self) -> Iterator[str]:
        """Whole new lines worth showing; the first call starts at the end of what is there."""
        try:
            size = self.path.stat().st_size
            if self._read < 0 or size < self._read:
                self._read = size if self._read < 0 else 0
            with self.path.open("rb") as file:
                file.seek(self._read)
                added = file.read()
        except OSError:
            return
        whole = added[: added.rfind(b"\n") + 1]
        self._read += len(whole)
        for line in whole.decode("utf-8", "replace").splitlines():
            if line.strip() and (self.everything or (is_trouble(line) and self._is_news(line))):
                yield readable(line)

    def _is_news(self, line: str) -> bool:
        """A service that waits for its broker says so every second: once in a while is enough here."""
        gist, now = TIME.sub("", line), time.monotonic()
        news = now - self._shown.get(gist, -QUIET_S) >= QUIET_S
        if news:
            self._shown = {known: at for known, at in self._shown.items() if now - at < QUIET_S} | {gist: now}
        return news


def readable(line: str) -> str:
    """A structured line as a person reads it: time, level, what happened, its facts."""
    try:
        content = json.loads(line) if line.startswith("{") else None
    except ValueError:
        content = None
    if not isinstance(content, dict) or "event" not in content:
        return line
    moment = str(content.pop("timestamp", ""))[11:19]
    content.pop("service", None)
    first = [moment, str(content.pop("level", "")), str(content.pop("event"))]
    if first[-1] == "library_log":
        return f"{first[1]} {content.get('logger')}: {content.get('template')}"
    return " ".join([*first, *(f"{name}={value}" for name, value in content.items())]).strip()


def is_trouble(line: str) -> bool:
    """Whether a log line is a warning or worse."""
    if line.startswith("{"):
        try:
            content = json.loads(line)
        except ValueError:
            return bool(TROUBLE.search(line))
        return str(content.get("level", "")).lower() in LEVELS
    return bool(TROUBLE.search(line))
