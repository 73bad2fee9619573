"""Open to all: the first page, and the services with what each will need."""

from math import ceil
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response

from services.portal.access import Asked, Drawn
from shared.texts import N_

router = APIRouter()
ServiceId = Annotated[str, Path(pattern=r"^[a-z0-9-]{1,64}$")]
VISIT = {  # by the outcome that the API names
    "digital_document": N_("No visit"),
    "print_on_blank": N_("Collected at the post"),
    "prepared_for_visit": N_("One visit"),
}
STEP_MINUTES = 5


@router.get("/")
async def home(request: Request, pages: Drawn) -> Response:
    return pages.render(request, "public/home.html")


@router.get("/services")
async def services(request: Request, pages: Drawn, api: Asked) -> Response:
    return pages.render(request, "public/services.html", services=await api.services(), visit=VISIT)


@router.get("/services/{service_id}")
async def service(request: Request, service_id: ServiceId, pages: Drawn, api: Asked) -> Response:
    """What one will need, before one begins."""
    described = await api.service(service_id)
    return pages.render(request, "public/service.html", service=described, visit=VISIT, minutes=minutes_to_fill_in(described))


def minutes_to_fill_in(described: dict[str, Any]) -> int:
    """A minute for each question and three for the file, in steps of five: our own estimate."""
    return STEP_MINUTES * ceil((len(described["fields"]) + 3) / STEP_MINUTES)
