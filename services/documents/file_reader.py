"""Has a stranger's file looked at by a process of its own, and waits for it no longer than is fair to the others."""

import json
import signal
from dataclasses import asdict
from datetime import datetime

import structlog

from services.documents.reading_process import Request, Seen
from shared.limited_process import limited_process
from shared.turns import Turns

log = structlog.get_logger(__name__)

PROGRAM = "services.documents.reading_process"
MOST_SECONDS = 10.0
MOST_WAITING = 6
PATIENCE_S = 4.0


class ReaderBroken(Exception):
    """The process did not even start as it should: our mistake, not the file's."""


class FileReader:
    """trust_root and seal_keys: what files and their seals are judged by; public, as PEM and as the seal key list."""

    def __init__(self, trust_root: str, seal_keys: str) -> None:
        self._trust_root, self._seal_keys = trust_root, seal_keys
        self._turns = Turns(most_waiting=MOST_WAITING, patience_s=PATIENCE_S)

    async def read(self, data: bytes, at: datetime) -> Seen:
        """What the file shows; nothing where it took too much work or memory. Raises TooBusy, ReaderBroken."""
        request = Request(self._trust_root, self._seal_keys, at.isoformat())
        async with self._turns.one(), limited_process(PROGRAM, most_seconds=MOST_SECONDS) as process:
            out = await process.answer(json.dumps(asdict(request)).encode() + b"\n" + data)
            return _seen(await process.wait(), out)


def _seen(code: int, out: bytes) -> Seen:
    if code < 0:  # ended by a limit, or by what it read
        log.warning("file_reader_ended", by=signal.Signals(-code).name)
        return Seen()
    if code > 0:
        raise ReaderBroken(str(code))
    seen = json.loads(out)
    return Seen(tuple(seen["codes"]), seen["verdict"], tuple(seen["reasons"]), seen["problem"], seen["unsigned_pdf"])
