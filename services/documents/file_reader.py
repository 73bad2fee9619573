"""Has a stranger's file looked at by a process of its own, and waits for it no longer than is fair to the others."""

import asyncio
import json
import os
import signal
import sys
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import structlog

from services.documents.reading_process import Request, Seen
from shared.turns import TooBusy, Turns

log = structlog.get_logger(__name__)

CHECKOUT = Path(__file__).parents[2]
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
        async with self._turns.one():
            return await _read(json.dumps(asdict(request)).encode() + b"\n" + data)


async def _read(given: bytes) -> Seen:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        PROGRAM,
        cwd=CHECKOUT,
        env={"PATH": os.defpath, "LANG": "C.UTF-8", "OPENBLAS_NUM_THREADS": "1"},  # none of our secrets
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        out, _ = await asyncio.wait_for(process.communicate(given), MOST_SECONDS)
    except TimeoutError:  # its own limit counts the time it works; this one, how long the machine let it wait
        raise TooBusy("file-took-too-long") from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return _seen(process.returncode or 0, out)


def _seen(code: int, out: bytes) -> Seen:
    if code < 0:  # ended by a limit, or by what it read
        log.warning("file_reader_ended", by=signal.Signals(-code).name)
        return Seen()
    if code > 0:
        raise ReaderBroken(str(code))
    seen = json.loads(out)
    return Seen(tuple(seen["codes"]), seen["verdict"], tuple(seen["reasons"]), seen["problem"], seen["unsigned_pdf"])
