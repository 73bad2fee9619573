"""Who asks, as the audit writes it down: from the token of the request, which was verified before."""

from fastapi import Request

from shared.actors import Citizen, Officer, ServiceCaller
from shared.audit.entry import Who, who_of
from shared.web.tokens import claims_of


def remember_asker(request: Request, actor: Citizen | Officer | ServiceCaller, token: str) -> None:
    """token: a verified one. It is read again only where an entry of the audit is written."""
    request.state.asker = (actor, token)


def asker(request: Request) -> Who | None:
    """None: nobody is signed in."""
    actor, token = getattr(request.state, "asker", (None, ""))
    return who_of(actor, _session_in(token)) if actor else None


def asking_officer(request: Request) -> Officer | None:
    actor, _ = getattr(request.state, "asker", (None, ""))
    return actor if isinstance(actor, Officer) else None


def _session_in(token: str) -> str | None:
    session = claims_of(token).get("sid")
    return str(session) if session else None
