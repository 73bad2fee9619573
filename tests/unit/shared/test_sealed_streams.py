"""A sealed file opens as it was, in any chunks; one that is cut off, altered, or put together anew never opens whole."""

import asyncio
import os
import tracemalloc
from collections.abc import AsyncIterator, Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.sealing.envelopes import Place
from shared.sealing.errors import SealBroken
from shared.sealing.streams import HEADER, PIECE, TAG, new_file_key, open_stream, seal_stream

KEY, OTHER_KEY = new_file_key(), new_file_key()
PLACE, OTHER_PLACE = Place("attachments", "a1", "file"), Place("attachments", "a2", "file")
SIZES = (0, 1, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE, 3 * PIECE + 17)
SEALED_PIECE = PIECE + TAG


async def in_chunks(data: bytes, size: int = 10_000) -> AsyncIterator[bytes]:
    for start in range(0, len(data), size):
        yield data[start : start + size]


async def sealed(data: bytes, *, key: bytes = KEY, place: Place = PLACE, chunk: int = 10_000) -> bytes:
    return b"".join([piece async for piece in seal_stream(in_chunks(data, chunk), key=key, place=place)])


async def opened(data: bytes, *, key: bytes = KEY, place: Place = PLACE, chunk: int = 10_000) -> bytes:
    return b"".join([piece async for piece in open_stream(in_chunks(data, chunk), key=key, place=place)])


def parts_of(whole: bytes) -> tuple[bytes, list[bytes]]:
    """The header and the sealed pieces."""
    body = whole[HEADER:]
    return whole[:HEADER], [body[start : start + SEALED_PIECE] for start in range(0, len(body), SEALED_PIECE)]


async def is_refused(data: bytes, *, key: bytes = KEY, place: Place = PLACE) -> None:
    with pytest.raises(SealBroken):
        await opened(data, key=key, place=place)


@pytest.mark.parametrize("size", SIZES)
async def test_a_file_comes_back_as_it_was_and_takes_the_size_that_is_told(size: int) -> None:
    data = os.urandom(size)
    whole = await sealed(data)
    assert len(whole) == HEADER + size + TAG * max(1, -(-size // PIECE))
    assert await opened(whole) == data


@given(data=st.binary(max_size=400), into=st.integers(1, 90), out_of=st.integers(1, 90))
def test_how_a_file_is_cut_into_chunks_on_its_way_does_not_matter(data: bytes, into: int, out_of: int) -> None:
    async def there_and_back() -> bytes:
        return await opened(await sealed(data, chunk=into), chunk=out_of)

    assert asyncio.run(there_and_back()) == data


async def test_the_same_file_is_never_sealed_to_the_same_bytes() -> None:
    assert (await sealed(b"x" * 100))[HEADER:] != (await sealed(b"x" * 100))[HEADER:]


async def test_nothing_of_the_file_can_be_read_in_what_is_sealed() -> None:
    word = "Айгүл Өмүрзакова".encode()
    assert word not in await sealed(word * 10_000)


@pytest.mark.parametrize("size", SIZES)
async def test_a_file_cut_off_anywhere_is_refused(size: int) -> None:
    whole = await sealed(os.urandom(size))
    ends = {0, 1, HEADER - 1, HEADER, HEADER + 1, HEADER + TAG, len(whole) - 1}
    ends |= {HEADER + SEALED_PIECE * n for n in range(1, 4)}
    for end in sorted(end for end in ends if end < len(whole)):
        await is_refused(whole[:end])


async def test_a_file_with_something_added_is_refused() -> None:
    whole = await sealed(os.urandom(PIECE))
    for more in (b"\0", whole[HEADER:], os.urandom(SEALED_PIECE)):
        await is_refused(whole + more)


@given(at=st.integers(0, HEADER + 2 * SEALED_PIECE + TAG), bit=st.integers(0, 7))
def test_a_file_with_one_bit_altered_is_refused(at: int, bit: int) -> None:
    async def altered() -> None:
        whole = bytearray(await sealed(bytes(2 * PIECE + 5)))
        whole[min(at, len(whole) - 1)] ^= 1 << bit
        await is_refused(bytes(whole))

    asyncio.run(altered())


def other_orders(pieces: list[bytes]) -> Iterable[list[bytes]]:
    first, second, third = pieces
    yield [second, first, third]
    yield [first, third, second]
    yield [third]
    yield [second, third]
    yield [first, third]
    yield [first, first, second, third]
    yield [first, second]


async def test_pieces_in_another_order_left_out_or_given_twice_are_refused() -> None:
    header, pieces = parts_of(await sealed(os.urandom(3 * PIECE)))
    assert len(pieces) == 3
    for order in other_orders(pieces):
        await is_refused(header + b"".join(order))


async def test_a_piece_of_another_file_of_the_same_place_and_key_is_refused() -> None:
    header, pieces = parts_of(await sealed(os.urandom(3 * PIECE)))
    _, others = parts_of(await sealed(os.urandom(3 * PIECE)))
    for n in range(3):
        await is_refused(header + b"".join([*pieces[:n], others[n], *pieces[n + 1 :]]))


async def test_a_file_under_another_key_or_in_another_place_is_refused() -> None:
    whole = await sealed(b"a passport")
    await is_refused(whole, key=OTHER_KEY)
    await is_refused(whole, place=OTHER_PLACE)


async def test_a_file_that_was_never_sealed_is_refused() -> None:
    await is_refused(b"%PDF-1.7" + bytes(500))


async def test_what_leaves_before_a_broken_piece_is_genuine_and_the_rest_never_leaves() -> None:
    data = os.urandom(3 * PIECE)
    whole = bytearray(await sealed(data))
    whole[HEADER + 2 * SEALED_PIECE] ^= 1
    left = bytearray()

    async def read() -> None:
        async for piece in open_stream(in_chunks(bytes(whole)), key=KEY, place=PLACE):
            left.extend(piece)

    with pytest.raises(SealBroken):
        await read()
    assert left == data[: 2 * PIECE]


async def test_a_large_file_is_sealed_and_opened_in_the_memory_of_a_few_pieces() -> None:
    async def much() -> AsyncIterator[bytes]:
        for _ in range(256):  # 16 MB
            yield bytes(PIECE)

    tracemalloc.start()
    size = 0
    async for piece in open_stream(seal_stream(much(), key=KEY, place=PLACE), key=KEY, place=PLACE):
        size += len(piece)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert size == 256 * PIECE
    assert most < 20 * PIECE
