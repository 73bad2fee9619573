"""One service reads from another one with a token of identity; both are stand-ins that say what came."""

from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from shared.config import Settings
from shared.web.calls import ServiceCalls, ServiceUnavailable
from tests.support.running import on_a_port


async def token(request: Request) -> Response:
    request.app.state.granted += 1
    return JSONResponse({"access_token": str(request.app.state.granted), "expires_in": 900})


async def paper(request: Request) -> Response:
    good = request.headers["authorization"] == f"Bearer {request.app.state.accepted}"
    return JSONResponse({}, 200 if good else 401)


@pytest.fixture
async def other() -> AsyncIterator[tuple[Starlette, ServiceCalls]]:
    app = Starlette(routes=[Route("/oauth/token", token, methods=["POST"]), Route("/paper", paper)])
    app.state.granted, app.state.accepted = 0, "1"
    async with on_a_port(app, until_ready=False) as client:
        url = str(client.base_url)
        settings = Settings(ESHIK_IDENTITY_URL=url, ESHIK_MONGO_URL="mongodb://nobody", ESHIK_RABBIT_URL="amqp://nobody")
        calls = ServiceCalls(settings, name="documents", base_url=url, audience="applications", scope="dossier:read")
        yield app, calls
        await calls.close()


async def test_a_token_that_ended_sooner_than_it_said_is_asked_for_anew(other: tuple[Starlette, ServiceCalls]) -> None:
    app, calls = other
    await calls.get("/paper")
    app.state.accepted = "2"
    assert (await calls.get("/paper")).status_code == httpx.codes.OK


async def test_where_no_token_is_taken_it_is_asked_for_once_more_and_not_for_ever(other: tuple[Starlette, ServiceCalls]) -> None:
    app, calls = other
    app.state.accepted = "none"
    with pytest.raises(ServiceUnavailable):
        await calls.get("/paper")
    assert app.state.granted == 2
