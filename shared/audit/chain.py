"""The chain: each entry's link holds the link before it, its own number and its hash, so that none can be taken out or put in."""

from hashlib import sha256


def first_link(service: str) -> bytes:
    """What stands before the first entry: another for each service, so that one's chain is not another's."""
    return sha256(b"eshik-audit/1:" + service.encode()).digest()


def next_link(before: bytes, number: int, entry_hash: bytes) -> bytes:
    """number: from 1 on."""
    return sha256(b"\x02" + before + number.to_bytes(8, "big") + entry_hash).digest()
