"""For our own services: contact points, read at the moment of use because they do not travel through the broker."""

from typing import Annotated

from fastapi import APIRouter, Depends

from services.identity import queries
from shared.actors import ServiceCaller
from shared.contracts.http import ContactPoints
from shared.web.auth import service_with
from shared.web.commands import RequestQueries

router = APIRouter(tags=["internal"])


@router.get("/api/internal/people/{person_id}/contacts")
async def contacts(
    person_id: str, _caller: Annotated[ServiceCaller, Depends(service_with("contacts:read"))], reads: RequestQueries
) -> ContactPoints:
    """Language, e-mail address and phone number of one person. 404 for someone we do not know."""
    return (await reads.run(queries.person, person_id)).contact_points()
