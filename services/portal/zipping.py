"""A zip whose bytes are handed out while it is written: neither the whole of it nor one of its files is ever held."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import IO, cast
from unicodedata import normalize
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

LEVEL = 1  # pictures and PDFs are compressed already; a browser waits
LONGEST_NAME = 80
READABLE = 0o644 << 16


class ZipStream:
    """Every file is deflated: its length stands behind it, and some readers of zips take that from deflated files only.
    Names are UTF-8, and say so."""

    def __init__(self, at: datetime) -> None:
        self._sink, self._at = _Sink(), at
        self._zip = ZipFile(cast(IO[bytes], self._sink), "w", ZIP_DEFLATED, compresslevel=LEVEL)  # only ever written to

    def whole(self, name: str, content: bytes) -> bytes:
        """A small file. Out: bytes to send."""
        with self._zip.open(self._entry(name), "w") as file:
            file.write(content)
        return self._sink.taken()

    async def file(self, name: str, pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        """A file piece by piece. Raises what pieces raises: the file then holds what came, and the zip can go on."""
        with self._zip.open(self._entry(name), "w") as file:
            async for piece in pieces:
                file.write(piece)
                if sent := self._sink.taken():
                    yield sent
        yield self._sink.taken()

    def end(self) -> bytes:
        """The list of all files, without which nothing opens it: a zip that broke off does not look whole."""
        self._zip.close()
        return self._sink.taken()

    def _entry(self, name: str) -> ZipInfo:
        entry = ZipInfo(name, self._at.timetuple()[:6])
        entry.compress_type, entry.external_attr, entry.create_system = ZIP_DEFLATED, READABLE, 3
        return entry


def name_of_file(text: str, ending: str) -> str:
    """A name that every system takes: letters and digits of any language, spaces, - and _; no folder, no hidden file."""
    kept = "".join(sign if sign.isalnum() or sign in " -_" else " " for sign in normalize("NFC", text))
    return (" ".join(kept.split())[:LONGEST_NAME].strip() or "-") + ending


class _Sink:
    """What a zip is written to: bytes are taken away as they come. It cannot be searched, and the zip is written accordingly."""

    def __init__(self) -> None:
        self._held = bytearray()

    def write(self, data: bytes) -> int:
        self._held += data
        return len(data)

    def flush(self) -> None:
        """Nothing lies deeper."""

    def taken(self) -> bytes:
        data = bytes(self._held)
        self._held.clear()
        return data
