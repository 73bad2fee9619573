"""Base64 as it stands in addresses, tokens and keys: letters, digits, - and _, without the signs that fill it up."""

import base64


def base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def from_base64url(text: str) -> bytes:
    """Raises ValueError for what cannot be read."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
