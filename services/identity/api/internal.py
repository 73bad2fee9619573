"""For our own services: contact points and one-time codes, read at the moment of use because they do not travel by the broker."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from services.identity import queries
from services.identity.api.answers import NO_STORE
from services.identity.api.schemas import ChallengeNamed
from services.identity.domain.consent import Said
from services.identity.domain.sign_in_secret import SignInSecret
from services.identity.rights import MESSAGES, purposes
from services.identity.rights_queries import newest_said
from shared.actors import ServiceCaller
from shared.contracts.http import ContactPoints, SignInCode
from shared.web.auth import service_with
from shared.web.commands import RequestQueries
from shared.web.description import also
from shared.web.looks import RequestLooks


def routes(secret: SignInSecret) -> APIRouter:
    router = APIRouter(tags=["internal"])

    @router.get("/api/internal/people/{person_id}/contacts")
    async def contacts(
        person_id: str,
        _caller: Annotated[ServiceCaller, Depends(service_with("contacts:read"))],
        reads: RequestQueries,
        looks: RequestLooks,
    ) -> ContactPoints:
        """Language, e-mail address and phone number of one person; without those where they want no messages. 404 for someone
        we do not know."""
        found = await reads.run(queries.person, person_id)
        said = await reads.run(newest_said, person_id, MESSAGES)
        await looks("contacts:read", about={"person": person_id}, reason="telling-you")
        wanted = purposes().consents[MESSAGES].consent.in_force(said) is Said.GIVEN
        return found.contact_points() if wanted else ContactPoints(person_id=person_id, language=found.language, unwanted=True)

    @router.post("/api/internal/sign-in/codes", responses=also(404))
    async def sign_in_code(
        body: ChallengeNamed,
        _caller: Annotated[ServiceCaller, Depends(service_with("codes:read"))],
        reads: RequestQueries,
        request: Request,
        response: Response,
    ) -> SignInCode:
        """The code of a challenge and whom to send it to, while it can still sign somebody in; 404 after."""
        now = request.app.state.runtime.clock.now()
        challenge = await reads.run(queries.live_challenge, body.challenge_id, at=now)
        response.headers.update(NO_STORE)
        return SignInCode(
            challenge_id=challenge.id,
            channel=challenge.channel.value,
            contact=challenge.contact(secret).value,
            language=challenge.language,
            code=secret.code(challenge.id),
            expires_at=challenge.expires_at,
        )

    return router
