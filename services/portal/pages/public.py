"""Open to all: the first page, and the services with what each will need."""

from math import ceil
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response

from services.portal.access import Asked, Drawn
from services.portal.apis import or_none
from services.portal.pages.needs import WORDS
from services.portal.session import session_of
from shared.actors import Assurance
from shared.texts import N_

router = APIRouter()
ServiceId = Annotated[str, Path(pattern=r"^[a-z0-9-]{1,64}$")]
VISIT = {  # by the outcome that the API names
    "digital_document": N_("No visit"),
    "print_on_blank": N_("Collected at the post"),
    "prepared_for_visit": N_("One visit"),
    "made_elsewhere": N_("One visit, or by mail"),
}
VISITS = {  # where the catalogue says more exactly how often one must come
    "none": N_("No visit"),
    "to_apply": N_("One visit, to apply"),
    "to_collect": N_("One visit, to collect it"),
    "both": N_("Two visits: to apply, and to collect it"),
}
STEP_MINUTES = 5


@router.get("/")
async def home(request: Request, pages: Drawn) -> Response:
    return pages.render(request, "public/home.html")


@router.get("/services")
async def services(request: Request, pages: Drawn, api: Asked) -> Response:
    listed = await api.services()
    urgent = [each for each in listed["services"] if each["urgent"]]
    under = {group["id"]: [each for each in listed["services"] if each["group"] == group["id"]] for group in listed["groups"]}
    context = {"urgent": urgent, "groups": listed["groups"], "under": under, "visit": VISIT, "visits": VISITS}
    return pages.render(request, "public/services.html", **context)


@router.get("/services/{service_id}")
async def service(request: Request, service_id: ServiceId, pages: Drawn, api: Asked) -> Response:
    """What one will need, before one begins."""
    described, who = await api.service(service_id), session_of(request).person
    needed = described["assurance"]
    known = Assurance(who.assurance) if who and who.assurance in set(Assurance) else Assurance.SELF_ASSERTED
    wanting = bool(who and who.is_citizen) and needed["when"] == "submission" and not known.reaches(Assurance(needed["level"]))
    minutes = minutes_to_fill_in(described)
    needed = await or_none(api.post("applications", f"/api/services/{service_id}/needs", {"answers": {}}))
    context = {"service": described, "visit": VISIT, "minutes": minutes, "not_known": wanting, "needs": needed}
    return pages.render(request, "public/service.html", **context, **WORDS)


def minutes_to_fill_in(described: dict[str, Any]) -> int:
    """A minute for each question and three for the file, in steps of five: our own estimate."""
    return STEP_MINUTES * ceil((len(described["fields"]) + 3) / STEP_MINUTES)
