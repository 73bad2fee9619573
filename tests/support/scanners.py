"""Virus scanners of the tests' own: ClamAV itself with one signature, and daemons that are broken in a way of their own.

The signature is that of the test file which all scanners know: it proves the wiring, and nothing of how much ClamAV finds.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from deploy.local.file_tools import prepare_scanner
from tests.support.notifying import free_port
from tests.support.serving import eventually

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
LARGEST = 2_000_000


@asynccontextmanager
async def clamd(folder: Path, *, signatures: bool = True) -> AsyncIterator[str]:
    """Out: host:port. It is installed where it is missing."""
    program, port = prepare_scanner(print, folder / "apt.log"), free_port()
    database = folder / "signatures"
    database.mkdir()
    if signatures:
        (database / "test.ndb").write_text(f"Test.Eicar.LocalSig:0:*:{EICAR.hex()}\n")
    settings = f"TCPSocket {port}\nTCPAddr 127.0.0.1\nForeground yes\nDatabaseDirectory {database}\nMaxThreads 2\n"
    settings += f"StreamMaxLength {LARGEST}\nTemporaryDirectory {folder}\nLogFile {folder}/clamd.log\n"
    (folder / "clamd.conf").write_text(settings)
    quiet = asyncio.subprocess.DEVNULL
    command = [program, f"--config-file={folder / 'clamd.conf'}"]
    process = await asyncio.create_subprocess_exec(*command, stdout=quiet, stderr=quiet)

    async def listens_or_ended() -> bool:
        return process.returncode is not None or await _listens(port)

    try:
        await eventually(listens_or_ended)
        yield f"127.0.0.1:{port}"
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


@asynccontextmanager
async def broken_scanner(answer: bytes | None) -> AsyncIterator[str]:
    """Takes what comes and answers this; None: hangs up at once."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if answer is not None:
            await reader.readuntil(b"\0")
            while size := int.from_bytes(await reader.readexactly(4), "big"):
                await reader.readexactly(size)
            writer.write(answer)
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    async with server:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def _listens(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True
