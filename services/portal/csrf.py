"""Every form carries the session's token, and every POST is refused that lacks it or comes from another site."""

import secrets

from fastapi import Request
from starlette.datastructures import FormData

from services.portal.session import session_of

FIELD = "csrf_token"
MOST_FIELDS = 200
LONGEST_FIELD = 64 * 1024
SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
NOT_FROM_OTHERS = {"", "same-origin", "none"}


class ForgedRequest(Exception):
    """A form without the session's token: cookies are off, the page was open for weeks, or another site sent it."""


def masked(token: str) -> str:
    """The token behind a pad of its own, so that compressed pages never repeat it (BREACH)."""
    pad = secrets.token_bytes(len(token))
    return (pad + bytes(a ^ b for a, b in zip(pad, token.encode(), strict=True))).hex()


def unmasked(value: str) -> str:
    try:
        raw = bytes.fromhex(value)
        half = len(raw) // 2
        return bytes(a ^ b for a, b in zip(raw[:half], raw[half:], strict=True)).decode()
    except ValueError:
        return ""


async def form_of(request: Request) -> FormData:
    """The form, read once and kept, within limits: of fields, not of files, which lie on disk beyond 1 MB."""
    form = form_read(request)
    if form is None:
        form = await request.form(max_files=1, max_fields=MOST_FIELDS, max_part_size=LONGEST_FIELD)
        request.state.form = form
    return form


def form_read(request: Request) -> FormData | None:
    """The form if it was read before: whoever draws an unexpected error has no way to read it any more."""
    form: FormData | None = getattr(request.state, "form", None)
    return form


async def refuse_forged(request: Request) -> None:
    """A dependency of every route. Raises ForgedRequest."""
    if request.method in SAFE_METHODS:
        return
    given = (await form_of(request)).get(FIELD) if "form" in request.headers.get("content-type", "") else None
    expected = session_of(request).csrf
    genuine = bool(expected) and secrets.compare_digest(unmasked(str(given or "")).encode(), expected.encode())
    if not genuine or request.headers.get("sec-fetch-site", "") not in NOT_FROM_OTHERS:
        raise ForgedRequest
