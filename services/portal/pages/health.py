"""Whether this process lives, and whether the APIs that it draws answer."""

import asyncio

import httpx
from fastapi import APIRouter, Request, Response

from services.portal.apis import SERVICES, Apis, Service

router = APIRouter(prefix="/health")
ANSWER_WITHIN_S = 1.5


@router.get("/live")
async def live() -> dict[str, str]:
    return {"status": "ok"}


@router.get("/ready")
async def ready(request: Request, response: Response) -> dict[str, str | dict[str, str]]:
    """503 while an API does not answer at all. One whose database is away still answers, and the pages tell it."""
    apis: Apis = request.app.state.apis
    states = await asyncio.gather(*(_state(apis, name) for name in SERVICES))
    well = all(state == "ok" for state in states)
    response.status_code = 200 if well else 503
    parts: dict[str, str] = {name: state for name, state in zip(SERVICES, states, strict=True)}  # noqa: C416  (names as plain text)
    return {"status": "ok" if well else "not-ready", "service": "portal", "parts": parts}


async def _state(apis: Apis, name: Service) -> str:
    try:
        answer = await apis.client(name).get("/health/live", timeout=ANSWER_WITHIN_S)
    except httpx.HTTPError:
        return "away"
    return "ok" if answer.is_success else "away"
