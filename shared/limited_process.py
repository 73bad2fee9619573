"""A process of its own for what a stranger sent: it gets none of our secrets, and is ended when it is not done in time."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from shared.turns import TooBusy

CHECKOUT = Path(__file__).parents[1]
_LONGEST_LINE = 64 * 1024


@asynccontextmanager
async def limited_process(module: str, *, most_seconds: float) -> AsyncIterator[asyncio.subprocess.Process]:
    """module: run as a program, which calls limit_this_process first. most_seconds: its own limit counts the time it works; this
    one, how long the machine lets it wait. Raises TooBusy."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        module,
        cwd=CHECKOUT,
        env={"PATH": os.defpath, "LANG": "C.UTF-8", "OPENBLAS_NUM_THREADS": "1"},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        limit=_LONGEST_LINE,
    )
    try:
        async with asyncio.timeout(most_seconds):
            yield process
    except TimeoutError:
        raise TooBusy("file-took-too-long") from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
