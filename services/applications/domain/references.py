"""References that people read aloud: post, year, eight characters without I, L, O and U (Crockford's base 32)."""

from datetime import datetime

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LOOK_ALIKE = str.maketrans("АВЕКМНОРСТУХ", "ABEKMHOPCTYX")  # Cyrillic, as a keyboard left on it writes them
_READ_AS = str.maketrans("OIL", "011")
_LENGTH = 13
RANDOM_BYTES = 5  # 40 bits are eight characters


def read_as_latin(written: str) -> str:
    """Capital Cyrillic letters that look like Latin ones, as those."""
    return written.translate(_LOOK_ALIKE)


def reference(post_code: str, at: datetime, random: bytes) -> str:
    """As YEK-26-7F3K9QX2. random: RANDOM_BYTES of them, made before the transaction."""
    number = int.from_bytes(random[:RANDOM_BYTES], "big")
    drawn = "".join(_ALPHABET[number >> shift & 31] for shift in range(35, -1, -5))
    return f"{post_code}-{at:%y}-{drawn}"


def read_reference(written: str) -> str:
    """The reference that somebody typed or heard: case, spaces, hyphens, Cyrillic letters and O for 0 do not matter.

    What cannot be one comes back as an empty text, which is nobody's reference.
    """
    signs = "".join(sign for sign in read_as_latin(written.upper()) if sign.isascii() and sign.isalnum())
    if len(signs) != _LENGTH:
        return ""
    post_code, rest = signs[:3], signs[3:].translate(_READ_AS)
    return f"{post_code}-{rest[:2]}-{rest[2:]}"
