"""Sealed files: AES-256-GCM piece by piece, so that a file of any size is sealed and opened in the memory of two pieces.

The construction is STREAM (Hoang, Reyhanitabar, Rogaway, Vizár 2015), laid out as Tink does it: each piece has a nonce of a
random prefix, its number, and a flag that only the last one has. Each file has a key of its own, which lies beside it, sealed
with its person's data key. A piece that is missing, altered, in another place or of another file is refused, and so is a file
whose end was cut off. No library that is kept for Python offers this over AES-GCM: cryptography has the cipher only, PyNaCl and
age have the like over ChaCha20, and Tink would bring a second set of key management.
"""

import os
from collections.abc import AsyncIterable, AsyncIterator

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.sealing.envelopes import KEY_BYTES, Place, joined
from shared.sealing.errors import SealBroken

PIECE = 64 * 1024  # of the plain file
TAG = 16
_MARK = b"eshik-file-1"
_PREFIX, _NUMBER = 7, 4
HEADER = len(_MARK) + _PREFIX
_MOST_PIECES = 2 ** (8 * _NUMBER)


def new_file_key() -> bytes:
    """For one file, and only for one."""
    return os.urandom(KEY_BYTES)


async def seal_stream(pieces: AsyncIterable[bytes], *, key: bytes, place: Place) -> AsyncIterator[bytes]:
    """In: a file in chunks of any size; a new file key; where it will lie, which is not stored with it.
    Out: the sealed file; its chunks are not those that came in."""
    cipher, prefix, bound, number, held = AESGCM(key), os.urandom(_PREFIX), _bound(place), 0, bytearray()
    yield _MARK + prefix
    async for piece in pieces:
        held += piece
        while len(held) > PIECE:  # one more byte is there: this is not the last
            yield cipher.encrypt(_nonce(prefix, number, last=False), bytes(held[:PIECE]), bound)
            del held[:PIECE]
            number += 1
    yield cipher.encrypt(_nonce(prefix, number, last=True), bytes(held), bound)


async def open_stream(pieces: AsyncIterable[bytes], *, key: bytes, place: Place) -> AsyncIterator[bytes]:
    """In: what seal_stream gave, in chunks of any size, the same key and place. Out: the file; each chunk was checked before.

    Raises SealBroken at the first piece that is not as it was sealed. What came before it is genuine, but it is not the whole
    file: only who reads to the end without an error has that.
    """
    cipher, bound, prefix, number, held = AESGCM(key), _bound(place), b"", 0, bytearray()
    async for piece in pieces:
        held += piece
        if not prefix:
            if len(held) < HEADER:
                continue
            prefix = _prefix(bytes(held[:HEADER]))
            del held[:HEADER]
        while len(held) > PIECE + TAG:
            yield _opened(cipher, _nonce(prefix, number, last=False), bytes(held[: PIECE + TAG]), bound)
            del held[: PIECE + TAG]
            number += 1
    if not prefix:
        raise SealBroken("moved-or-altered")
    yield _opened(cipher, _nonce(prefix, number, last=True), bytes(held), bound)


def _prefix(header: bytes) -> bytes:
    if not header.startswith(_MARK):
        raise SealBroken("moved-or-altered")
    return header[len(_MARK) :]


def _bound(place: Place) -> bytes:
    return joined(_MARK.decode(), place.collection, place.record, place.field)


def _nonce(prefix: bytes, number: int, *, last: bool) -> bytes:
    if number >= _MOST_PIECES:
        raise OverflowError("a file of more pieces than have a number")
    return prefix + number.to_bytes(_NUMBER, "big") + bytes([last])


def _opened(cipher: AESGCM, nonce: bytes, piece: bytes, bound: bytes) -> bytes:
    try:
        return cipher.decrypt(nonce, piece, bound)
    except (InvalidTag, ValueError):  # ValueError: shorter than a tag
        raise SealBroken("moved-or-altered") from None
