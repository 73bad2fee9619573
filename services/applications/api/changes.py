"""Applications as they change, as server-sent events (text/event-stream), for pages that show what is there now."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.sse import EventSourceResponse, ServerSentEvent

from services.applications.api import schemas
from services.applications.changes import of_their_own, seen_by
from shared.mongo.change_feed import RESET, ChangeFeed, Subscription, TooManySubscribers, Wanted
from shared.texts import N_
from shared.web.auth import CurrentCitizen, CurrentOfficer
from shared.web.problems import HttpProblem
from shared.web.tokens import expiry_of

router = APIRouter(prefix="/api", tags=["changes"])
RETRY_MS = 3_000  # a reader whose stream ended comes again after this
RETRY_AFTER_S = 10
_TOO_MANY = N_("Too many pages listen for changes at once. Close some, or reload this one to see what is there now.")
_EXAMPLE = 'event: application\ndata: {"id":"9b4df1ba-…","status":"in_review","version":5}\n\nevent: reset\ndata: {}\n\n'


def describe_streams(app: FastAPI) -> None:
    """In terms of OpenAPI 3.1: FastAPI describes the items of a stream as only 3.2 knows them."""
    generate = app.openapi

    def described() -> dict[str, Any]:
        document = generate()
        for path in document["paths"].values():
            content = path.get("get", {}).get("responses", {}).get("200", {}).get("content", {})
            if EventSourceResponse.media_type in content:
                content[EventSourceResponse.media_type] = {"schema": {"type": "string"}, "example": _EXAMPLE}
        return document

    app.openapi = described  # type: ignore[method-assign]  # FastAPI's own way to extend it


async def _to_officer(request: Request, by: CurrentOfficer) -> AsyncIterator[Subscription]:
    with _subscribed(request, by.id, seen_by(by)) as subscription:
        yield subscription


async def _to_citizen(request: Request, by: CurrentCitizen) -> AsyncIterator[Subscription]:
    with _subscribed(request, by.id, of_their_own(by)) as subscription:
        yield subscription


@router.get("/officer/changes", response_class=EventSourceResponse)
async def officer_changes(heard: Annotated[Subscription, Depends(_to_officer)]) -> AsyncIterator[ServerSentEvent]:
    """What changes at your post from now on. Event `application`: its data is {"id", "status", "version"}. Event `reset`:
    something was missed, read everything again; so do when the stream was opened anew. A comment comes every 15 seconds.
    The stream ends with your token. 429: you listen too often already."""
    async for event in _events(heard):
        yield event


@router.get("/applications/changes", response_class=EventSourceResponse)
async def own_changes(heard: Annotated[Subscription, Depends(_to_citizen)]) -> AsyncIterator[ServerSentEvent]:
    """What changes in your own applications from now on; events as for officers."""
    async for event in _events(heard):
        yield event


@contextmanager
def _subscribed(request: Request, person: str, wanted: Wanted) -> Iterator[Subscription]:
    """Until the answer is over or the token has expired. Raises HttpProblem 429, Unavailable."""
    state = request.app.state
    feed: ChangeFeed = state.changes
    left = expiry_of(request.headers["authorization"].partition(" ")[2]) - state.runtime.clock.now()
    try:
        with feed.subscription(person, wanted) as subscription:
            expiring = asyncio.get_running_loop().call_later(left.total_seconds(), subscription.end)
            try:
                yield subscription
            finally:
                expiring.cancel()
    except TooManySubscribers:
        raise HttpProblem(429, "too-many-streams", _TOO_MANY, headers={"Retry-After": str(RETRY_AFTER_S)}) from None


async def _events(heard: Subscription) -> AsyncIterator[ServerSentEvent]:
    yield ServerSentEvent(comment="open", retry=RETRY_MS)
    while (told := await heard.next()) is not None:
        if told is RESET:
            yield ServerSentEvent(event="reset", data={})
            continue
        yield ServerSentEvent(
            event="application",
            data=schemas.ApplicationChange(id=told.id, status=told.fields["status"], version=told.fields["version"]),
        )
