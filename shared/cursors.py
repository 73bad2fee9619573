"""Cursors: where a list is read on, as one word that stands in addresses. They hold ids and days, and never a name."""

from shared.base64url import base64url, from_base64url
from shared.errors import FieldError, InvalidInput
from shared.texts import N_

_NOT_OURS = N_("Use the value of `next` from the page before.")


def cursor(name: str, *parts: str) -> str:
    """name: of the list, so that no other takes it."""
    return base64url("|".join((name, *parts)).encode())


def read_cursor(text: str, name: str, parts: int) -> list[str]:
    """So many parts. Raises InvalidInput for what is no cursor of this list."""
    try:
        found, *rest = from_base64url(text).decode().split("|")
    except ValueError:
        raise not_ours() from None
    if found != name or len(rest) != parts:
        raise not_ours()
    return rest


def not_ours() -> InvalidInput:
    return InvalidInput([FieldError("/after", _NOT_OURS)])
