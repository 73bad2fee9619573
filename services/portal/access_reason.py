"""Why an officer looks at a case that is not theirs: asked once, and sent along with all that is read of that case for a while.

It lies in a cookie of the case's own path, so that it is never sent for another case.
"""

from typing import Any

from fastapi import Request
from fastapi.responses import Response

COOKIE = "eshik_access_reason"
KEPT_S = 30 * 60
AFTER_AN_ACT_S = 60
OWN_ACT = "own-act"
WORKING = "working-the-case"  # what is said where nothing else was chosen; the API asks where it is not so


def given_reason(request: Request) -> str:
    return request.cookies.get(COOKIE, "")


def keep_reason(response: Response, case_path: str, reason: str, *, secure: bool, kept_s: int = KEPT_S) -> None:
    kept: dict[str, Any] = {"path": case_path, "max_age": kept_s, "httponly": True, "samesite": "strict", "secure": secure}
    response.set_cookie(COOKIE, reason, **kept)
