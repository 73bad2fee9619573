"""What a signed-in person sees of themselves."""

from fastapi import APIRouter

from services.identity import queries
from services.identity.api.schemas import Me
from shared.web.auth import SignedIn
from shared.web.commands import RequestQueries

router = APIRouter(tags=["people"])


@router.get("/api/me")
async def me(who: SignedIn, reads: RequestQueries) -> Me:
    return Me.of(await reads.run(queries.person, who.id))
