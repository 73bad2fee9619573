"""How a sink misbehaves when a test asks for it: PUT /behaviour on its HTTP port."""

from __future__ import annotations

import asyncio
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

Mode = Literal["normal", "refuse", "busy", "hang", "drop_after_accepting"]


class Behaviour(BaseModel):
    """What happens to the next `times` messages (0 = to all of them), after delay_s seconds."""

    model_config = ConfigDict(extra="forbid")

    mode: Mode = "normal"
    times: int = Field(default=0, ge=0)
    delay_s: float = Field(default=0, ge=0, le=600)


class Conduct:
    """The behaviour a sink was told to show, used up message by message."""

    def __init__(self) -> None:
        self.behaviour = Behaviour()
        self._left = 0

    def tell(self, behaviour: Behaviour) -> None:
        self.behaviour = behaviour
        self._left = behaviour.times

    async def next_mode(self) -> Mode:
        """The mode for the message at hand; waits out its delay. Hanging ends only when the client gives up."""
        told = self.behaviour
        if told.times:
            self._left -= 1
            if self._left <= 0:
                self.behaviour = Behaviour()
        await asyncio.sleep(told.delay_s)
        if told.mode == "hang":
            await asyncio.sleep(3600)
        return told.mode

    def route(self) -> Route:
        """PUT a Behaviour, GET it back."""

        async def endpoint(request: Request) -> Response:
            if request.method == "PUT":
                self.tell(Behaviour.model_validate_json(await request.body()))
            return JSONResponse(self.behaviour.model_dump())

        return Route("/behaviour", endpoint, methods=["GET", "PUT"])
