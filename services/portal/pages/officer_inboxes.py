"""What other bodies were asked: a list for each department and body, for how long each case has waited there."""

import asyncio
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from services.portal.access import Asked, CurrentOfficer, Drawn
from services.portal.pages.officer_lists import post_of
from shared.clock import clock_from

router = APIRouter(prefix="/officer/inboxes")
INBOXES = "/api/officer/inboxes"


@router.get("")
async def inboxes(
    request: Request,
    pages: Drawn,
    api: Asked,
    who: CurrentOfficer,
    of: Annotated[str, Query(pattern="^([a-z][a-z0-9-]{1,63})?$")] = "",
) -> Response:
    """of: whose; without it, of one's own, or where most is awaited."""
    found, post = await asyncio.gather(api.get("applications", INBOXES), post_of(api, who))
    listed: list[dict[str, Any]] = found["inboxes"]
    chosen = of or max(listed, key=lambda each: (each["yours"], each["waiting"]))["id"]
    inbox = await api.get("applications", f"{INBOXES}/{chosen}")
    now = clock_from(request.app.state.settings.clock_file).now()
    return pages.render(
        request,
        "officer/inboxes.html",
        inboxes=listed,
        most=found["counted_up_to"],
        inbox=inbox,
        rows=[each | {"days": (now - datetime.fromisoformat(each["asked_at"])).days} for each in inbox["awaited"]],
        yours=any(each["yours"] for each in listed if each["id"] == chosen),
        zone=post["time_zone"],
    )
