"""Diplomatic pouches: what each carried, when it was sent, and when it arrived."""

from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse

from services.applications.api import life_schemas
from services.applications.api.life_views import pouch_view
from services.applications.api.wording import Worded
from services.applications.domain.authority import COUNTER_ROLES
from services.applications.life import pouches_for
from services.applications.use_cases.life.custody import NotePouchArrival, SendPouch, note_pouch_arrival, send_pouch
from shared.actors import Officer
from shared.web.auth import officer_with
from shared.web.commands import RequestCommands, RequestQueries

AtACounter = Annotated[Officer, Depends(officer_with(*COUNTER_ROLES))]
router = APIRouter(prefix="/api/officer/pouches", tags=["officer"])


@router.get("")
async def pouches(by: AtACounter, queries: RequestQueries, say: Worded) -> life_schemas.PouchList:
    """Of your posts, newest first, at most 100."""
    return life_schemas.PouchList(pouches=[pouch_view(each, say) for each in await queries.run(pouches_for, by)])


@router.post("", status_code=201, response_model=life_schemas.PouchView)
async def send(body: life_schemas.NewPouch, by: AtACounter, commands: RequestCommands, say: Worded) -> JSONResponse:
    """A pouch leaves with these originals; the citizens are told. 409: one of them is not at the post."""
    items = tuple((item.application_id, item.original_id) for item in body.items)
    command = SendPouch(commands.new_id(), body.to, body.seal, items, by)
    return await commands.run(send_pouch, command, lambda made: pouch_view(made, say), status=201)


@router.post("/{pouch_id}/arrival", response_model=life_schemas.PouchView)
async def arrival(pouch_id: str, by: AtACounter, commands: RequestCommands, say: Worded) -> JSONResponse:
    """It arrived. 409: that was recorded before."""
    command = NotePouchArrival(pouch_id, by)
    return await commands.run(note_pouch_arrival, command, lambda made: pouch_view(made, say))
