"""Open to all: the first page, and the services with what each will need."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from services.portal.access import Drawn

router = APIRouter()


@router.get("/")
async def home(request: Request, pages: Drawn) -> Response:
    return pages.render(request, "public/home.html")
