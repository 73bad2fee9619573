"""Acts that change how somebody signs in, or cannot be undone, ask for a sign-in of a moment ago.

A browser that was left open, or a refresh token that was copied, is not enough for them.
"""

from datetime import timedelta
from typing import Annotated

from fastapi import Depends, Request

from shared.actors import Citizen, Officer
from shared.config import Settings
from shared.errors import SignInAgain
from shared.web.auth import SignedIn
from shared.web.tokens import claims_of

_LEEWAY = timedelta(seconds=30)  # as for the token's own times


async def recent_sign_in(who: SignedIn, request: Request) -> Citizen | Officer:
    """auth_time is of the sign-in itself: a refresh does not move it. Raises SignInAgain."""
    settings: Settings = request.app.state.runtime.settings
    now = request.app.state.runtime.clock.now().timestamp()
    signed_in_at = claims_of(request.headers["authorization"].partition(" ")[2]).get("auth_time", 0)
    if now - float(signed_in_at) > settings.recent_sign_in_s + _LEEWAY.total_seconds():
        raise SignInAgain
    return who


SignedInJustNow = Annotated[Citizen | Officer, Depends(recent_sign_in)]
