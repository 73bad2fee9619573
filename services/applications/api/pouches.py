"""Diplomatic pouches: what each carries, when it was sent, and what was in it when it was opened."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import JSONResponse

from services.applications.api import life_schemas
from services.applications.api.life_views import papers_here, pouch_details, pouch_places, pouch_view
from services.applications.api.post import QUEUE
from services.applications.api.wording import Worded
from services.applications.domain.authority import COUNTER_ROLES, MINISTRY
from services.applications.life import originals_at, pouch_for, pouches_for
from services.applications.offices import places_of
from services.applications.use_cases.life.custody import NotePouchArrival, SendPouch, note_pouch_arrival, send_pouch
from shared.actors import Officer
from shared.web.auth import officer_with
from shared.web.commands import RequestCommands, RequestQueries
from shared.web.description import also
from shared.web.looks import RequestLooks

AtAnEnd = Annotated[Officer, Depends(officer_with(*COUNTER_ROLES, MINISTRY))]
router = APIRouter(prefix="/api/officer/pouches", tags=["officer"])
Coming = Annotated[bool, Query(description="Those that were sent to you; without it, those that left your posts")]


@router.get("")
async def pouches(by: AtAnEnd, queries: RequestQueries, say: Worded, coming: Coming = False) -> life_schemas.PouchList:
    """Of your posts, and of the departments of the ministry for its officers; newest first, at most 100."""
    places = places_of(by)
    found = await queries.run(pouches_for, places, coming=coming)
    where = pouch_places(places, say)
    return life_schemas.PouchList(pouches=[pouch_view(each, say) for each in found], places=where)


@router.get("/papers")
async def papers(by: AtAnEnd, queries: RequestQueries, say: Worded, looks: RequestLooks) -> life_schemas.PapersHere:
    """Originals that lie at your posts, or in your department, and can be put into a pouch."""
    posts = places_of(by)
    found = await queries.run(originals_at, posts)
    if found:
        await looks("post:view_papers_held", about={"posts": sorted(posts)}, reason=QUEUE)
    return papers_here(found, say)


@router.get("/{pouch_id}", responses=also(404))
async def one(pouch_id: str, by: AtAnEnd, queries: RequestQueries, say: Worded) -> life_schemas.PouchDetails:
    """What it carries, by the references of the cases. 404: none that left a post of yours, or was sent to you."""
    places = places_of(by)
    pouch, contents = await queries.run(pouch_for, places, pouch_id)
    return pouch_details(pouch, contents, places, say)


@router.post("", status_code=201, response_model=life_schemas.PouchView)
async def send(body: life_schemas.NewPouch, by: AtAnEnd, commands: RequestCommands, say: Worded) -> JSONResponse:
    """A pouch leaves with these originals, and the citizens are told. 404: one is at no post of yours, or they are at several.
    409: one was given back, or is on its way."""
    items = tuple((item.application_id, item.original_id) for item in body.items)
    command = SendPouch(commands.new_id(), body.to, body.seal, items, by)
    return await commands.run(send_pouch, command, lambda made: pouch_view(made, say), status=201)


@router.post("/{pouch_id}/arrival", response_model=life_schemas.PouchView)
async def arrival(
    pouch_id: str, by: AtAnEnd, commands: RequestCommands, say: Worded, body: life_schemas.PouchArrival | None = None
) -> JSONResponse:
    """What was in it when it was opened, or what was missing and came later; without a body, all of it. The citizens are told.
    409: all of it was recorded before."""
    command = NotePouchArrival(pouch_id, by, tuple(body.found) if body else None)
    return await commands.run(note_pouch_arrival, command, lambda made: pouch_view(made, say))
