"""The Merkle tree of RFC 6962 (hashes, roots, inclusion proofs) over hashes of entries, without holding them all.

A frontier is all that a tree of any size needs to grow: the roots of the complete subtrees that it is made of, largest first,
one for each bit of its size.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256

EMPTY_ROOT = sha256(b"").digest()
TILE_HEIGHT = 8  # the root of each 256 leaves is kept, of each 256 of those, and so on: a proof then needs few reads

Subtree = Callable[[int, int], bytes]  # (first leaf, how many: a power of two that divides it) -> its root


def leaf_hash(data: bytes) -> bytes:
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


@dataclass(frozen=True, slots=True)
class Frontier:
    size: int = 0
    peaks: tuple[bytes, ...] = ()

    def grown(self, leaves: Sequence[bytes], completed: dict[tuple[int, int], bytes] | None = None) -> "Frontier":
        """leaves: hashes of entries. completed: takes what became the root of a whole tile, by (level, place)."""
        peaks, size = list(self.peaks), self.size
        for leaf in leaves:
            node, rest, height = leaf, size, 0
            while rest & 1:
                node = sha256(b"\x01" + peaks.pop() + node).digest()
                rest >>= 1
                height += 1
                if completed is not None and height % TILE_HEIGHT == 0:
                    completed[height // TILE_HEIGHT, size >> height] = node
            peaks.append(node)
            size += 1
        return Frontier(size, tuple(peaks))

    @property
    def root(self) -> bytes:
        if not self.peaks:
            return EMPTY_ROOT
        root = self.peaks[-1]
        for peak in reversed(self.peaks[:-1]):
            root = node_hash(peak, root)
        return root


def root_of(leaves: Sequence[bytes]) -> bytes:
    return Frontier().grown(leaves).root


def inclusion_path(index: int, size: int, subtree: Subtree) -> list[bytes]:
    """RFC 6962, 2.1.1: from the leaf upwards. subtree is asked for complete subtrees only."""
    if not 0 <= index < size:
        raise IndexError(index)
    path: list[bytes] = []
    first, count = 0, size
    while count > 1:
        half = 1 << (count - 1).bit_length() - 1
        if index < first + half:
            path.append(_root_between(first + half, first + count, subtree))
            count = half
        else:
            path.append(subtree(first, half))
            first, count = first + half, count - half
    return path[::-1]


def _root_between(first: int, end: int, subtree: Subtree) -> bytes:
    count = end - first
    if count & (count - 1) == 0:
        return subtree(first, count)
    half = 1 << (count - 1).bit_length() - 1
    return node_hash(subtree(first, half), _root_between(first + half, end, subtree))


def root_from_path(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes | None:
    """RFC 9162, 2.1.3.2. None: the path does not have the form of one for that place in a tree of that size."""
    if not 0 <= index < size:
        return None
    place, last, root = index, size - 1, leaf
    for other in path:
        if last == 0:
            return None
        if place & 1 or place == last:
            root = node_hash(other, root)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            root = node_hash(root, other)
        place, last = place >> 1, last >> 1
    return root if last == 0 else None
