"""Access tokens in little room: four of them differ in a few bytes beside their signatures, so they are compressed together.

Only tokens are in it, which hold nothing that somebody else can choose: its size tells nothing of a secret.
"""

import json
import zlib
from collections.abc import Mapping

from shared.base64url import base64url, from_base64url

LARGEST = 64_000


def pack(tokens: Mapping[str, str]) -> str:
    """Base64 hides from a compressor what texts have in common: each part is compressed as the bytes it stands for."""
    parts = [(name, *(from_base64url(part) for part in token.split("."))) for name, token in tokens.items()]
    lengths = {name: [len(part) for part in rest] for name, *rest in parts}
    # headers beside headers and claims beside claims; signatures are random
    rows = zip(*(rest for _, *rest in parts), strict=True)
    content = json.dumps(lengths).encode() + b"\n" + b"".join(part for row in rows for part in row)
    return base64url(zlib.compress(content, 9))


def unpack(packed: str) -> dict[str, str]:
    """Raises ValueError for what pack did not make."""
    try:
        unpacking = zlib.decompressobj()
        content = unpacking.decompress(from_base64url(packed), LARGEST)
    except zlib.error:
        raise ValueError("no packed tokens") from None
    first, _, rest = content.partition(b"\n")
    lengths: dict[str, list[int]] = json.loads(first)
    found: dict[str, list[str]] = {name: [] for name in lengths}
    for row in range(max((len(parts) for parts in lengths.values()), default=0)):
        for name, parts in lengths.items():
            found[name].append(base64url(rest[: parts[row]]))
            rest = rest[parts[row] :]
    return {name: ".".join(parts) for name, parts in found.items()}
