"""For notifications: who is in charge of which posts, so that they are told of terms that run out there. No name, no address."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request

from services.identity.officers_queries import in_charge
from shared.actors import ServiceCaller
from shared.contracts.http import OfficersInCharge
from shared.web.auth import service_with
from shared.web.commands import RequestQueries


def routes(pages_url: str) -> APIRouter:
    router = APIRouter(tags=["internal"])

    @router.get("/api/internal/officers/in-charge")
    async def officers_in_charge(
        _caller: Annotated[ServiceCaller, Depends(service_with("contacts:read"))], reads: RequestQueries, request: Request
    ) -> OfficersInCharge:
        """Heads of posts and officers of the ministry, with their posts, and where the pages are."""
        today = request.app.state.runtime.clock.now().date()
        return OfficersInCharge(officers=await reads.run(in_charge, on=today), pages_url=pages_url)

    return router
