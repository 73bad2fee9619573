"""Open to all: which services there are, what they ask, cost and take."""

from typing import Annotated

from fastapi import APIRouter, Query, Request

from services.applications.api import schemas
from services.applications.api.listing import ServiceList, service_list
from services.applications.api.offering import Offered
from services.applications.api.service_views import service_view
from services.applications.api.wording import Worded
from services.applications.domain.countries import country_names

router = APIRouter(prefix="/api", tags=["public"])


@router.get("/services")
async def services(request: Request, say: Worded, offered: Offered) -> ServiceList:
    """Fees and terms carry their source; those marked illustrative are our own defaults and no law."""
    return service_list(offered, request.app.state.runtime.clock.now().date(), say)


@router.get("/services/{service_id}")
async def service(
    service_id: str,
    request: Request,
    say: Worded,
    offered: Offered,
    of_case: Annotated[bool, Query(description="Also one that is not offered any more: cases of it go on")] = False,
) -> schemas.ServiceView:
    """With its form, its attachment and its reasons of refusal. 404: there is no such service."""
    found = offered.catalogue.service(service_id) if of_case else offered.service(service_id)
    return service_view(found, request.app.state.runtime.clock.now().date(), say)


@router.get("/countries")
async def countries(say: Worded) -> schemas.CountryList:
    """What a question of type country takes, in the order of the reader's alphabet."""
    named = country_names(say.language).items()
    return schemas.CountryList(countries=[schemas.OptionView(value=code, label=name) for code, name in named])
