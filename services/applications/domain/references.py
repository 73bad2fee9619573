"""References that people read aloud: post, year, eight characters without I, L, O and U (Crockford's base 32)."""

from datetime import datetime

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
RANDOM_BYTES = 5  # 40 bits are eight characters


def reference(post_code: str, at: datetime, random: bytes) -> str:
    """As YEK-26-7F3K9QX2. random: RANDOM_BYTES of them, made before the transaction."""
    number = int.from_bytes(random[:RANDOM_BYTES], "big")
    drawn = "".join(_ALPHABET[number >> shift & 31] for shift in range(35, -1, -5))
    return f"{post_code}-{at:%y}-{drawn}"
