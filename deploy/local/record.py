"""What the supervisor writes down about the stack, and its lock: the two things that other processes go by."""

from __future__ import annotations

import fcntl
import os
from contextlib import suppress
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ValidationError

from deploy.local.places import Places, write_whole

Phase = Literal["starting", "ready", "failed", "stopping"]
State = Literal["waiting", "starting", "ready", "restarting", "stopped", "failed", "absent"]


class PartRecord(BaseModel):
    """One line of the stack's table."""

    name: str
    state: State = "waiting"
    address: str = ""
    pid: int | None = None
    restarts: int = 0
    note: str = ""
    log: str = ""


class StackRecord(BaseModel):
    """run/stack.json."""

    pid: int
    phase: Phase = "starting"
    reason: str = ""
    port_base: int
    seconds: float = 0
    parts: list[PartRecord] = []


def read_record(places: Places) -> StackRecord | None:
    """The last record, whether or not its supervisor still lives."""
    try:
        return StackRecord.model_validate_json(places.record.read_bytes())
    except (OSError, ValidationError):
        return None


def write_record(places: Places, record: StackRecord) -> None:
    write_whole(places.record, record.model_dump_json(indent=1))


class StackLock:
    """Held by the one supervisor of a state folder for as long as it lives; the kernel releases it at any death."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: int | None = None

    def take(self) -> bool:
        """Whether we hold it now."""
        file = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(file)
            return False
        os.truncate(file, 0)
        os.pwrite(file, str(os.getpid()).encode(), 0)
        self._file = file
        return True

    def release(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None


def supervisor_pid(places: Places) -> int | None:
    """The pid of the supervisor that runs now, by its lock; a pid left in a file proves nothing."""
    try:
        file = os.open(places.lock, os.O_RDONLY)
    except OSError:
        return None
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        with suppress(ValueError):
            return int(os.read(file, 20))
    finally:
        os.close(file)
    return None
