"""More requests at once than a process works on: the rest is told to come again, and health is still answered."""

import asyncio
from pathlib import Path

import httpx
from fastapi import FastAPI

from shared.texts import Texts
from shared.web.overload import LimitRequests
from tests.support.serving import eventually

AT_ONCE = 3


async def test_who_comes_when_a_process_is_full_gets_a_problem_with_retry_after_and_its_place_is_free_again_later() -> None:
    app, go_on, inside = FastAPI(), asyncio.Event(), []

    @app.get("/slow")
    async def slow() -> str:
        inside.append(1)
        await go_on.wait()
        return "done"

    @app.get("/health/live")
    async def live() -> str:
        return "ok"

    async def all_inside() -> bool:
        return len(inside) == AT_ONCE

    app.add_middleware(LimitRequests, texts=Texts.load(Path("/nowhere")), at_once=AT_ONCE)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        taken = [asyncio.create_task(client.get("/slow")) for _ in range(AT_ONCE)]
        await eventually(all_inside)
        refused = await client.get("/slow", headers={"Accept-Language": "en"})
        healthy = await client.get("/health/live")
        go_on.set()
        answered = await asyncio.gather(*taken)
        after = await client.get("/slow")

    assert (refused.status_code, refused.headers["content-type"]) == (503, "application/problem+json")
    assert int(refused.headers["Retry-After"]) > 0
    assert "try again" in refused.json()["detail"]
    assert len(inside) == AT_ONCE + 1, "nothing of a refused request is worked on"
    assert [answer.status_code for answer in (healthy, *answered, after)] == [200] * (AT_ONCE + 2)
