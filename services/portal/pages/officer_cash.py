"""A head's day of cash: what was paid, by which way, what was paid too much, and whether the provider's list agrees."""

import asyncio
from datetime import date, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from services.portal.access import Asked, CurrentCashReader, Drawn
from services.portal.apis import or_none
from services.portal.pages.officer_lists import post_of
from shared.clock import clock_from

router = APIRouter(prefix="/officer/cash")


@router.get("")
async def cash(
    request: Request, pages: Drawn, api: Asked, who: CurrentCashReader, day: Annotated[date | None, Query()] = None
) -> Response:
    """Today, at their post, where no day is asked for."""
    asked: dict[str, Any] = {"day": day.isoformat()} if day else {}
    found, compared, post = await asyncio.gather(
        api.get("applications", "/api/officer/cash", asked),
        or_none(api.get("applications", "/api/officer/payments/reconciliations")),
        post_of(api, who),
    )
    shown = date.fromisoformat(found["day"])
    today = clock_from(request.app.state.settings.clock_file).now().date()
    return pages.render(
        request,
        "fees/cash.html",
        cash=found,
        compared=compared["days"] if compared else None,
        zone=post["time_zone"],
        earlier=(shown - timedelta(days=1)).isoformat(),
        later=(shown + timedelta(days=1)).isoformat() if shown < today else "",
    )
