"""Fair draws of appointments: public for everybody, entered by proven citizens, announced by heads of posts (docs/draw.md)."""

import secrets
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse

from services.applications.api import appointment_schemas as schemas
from services.applications.api import appointment_views as views
from services.applications.api.offering import Offered
from services.applications.api.wording import Worded
from services.applications.appointments.queries import claims_of, draw_known, draws_known, own_entry
from services.applications.catalogue import the_catalogue
from services.applications.domain.fair_draw import SEED_BYTES
from services.applications.queries import posts_seen_by
from services.applications.use_cases.appointments.announce_draw import AnnounceDraw, announce_draw
from services.applications.use_cases.appointments.enter_draw import (
    EnterDraw,
    JudgeHardship,
    LeaveDraw,
    enter_draw,
    judge_hardship,
    leave_draw,
)
from shared.web.auth import CurrentCitizen, CurrentOfficer
from shared.web.commands import RequestCommands, RequestQueries
from shared.web.description import also
from shared.web.looks import RequestLooks

router = APIRouter(prefix="/api", tags=["draws"])


@router.get("/draws")
async def draws(queries: RequestQueries, say: Worded, post_id: Annotated[str, Query(pattern="^[a-z]{3}$")]) -> schemas.DrawList:
    """Of a post, the newest first; what is published of one is asked for by itself."""
    return schemas.DrawList(draws=[views.draw_view(draw, say) for draw in await queries.run(draws_known, post_id)])


@router.get("/draws/{draw_id}", responses=also(404))
async def draw(draw_id: str, queries: RequestQueries, say: Worded) -> schemas.DrawView:
    """Its commitment before, the digest of all codes once it is closed, and all that is needed to draw again once it is drawn."""
    return views.draw_view(await queries.run(draw_known, draw_id), say)


@router.get("/draws/{draw_id}/entry")
async def entry(draw_id: str, by: CurrentCitizen, queries: RequestQueries) -> schemas.EntryView:
    """Yours. 404: you have none."""
    return views.entry_view(await queries.run(own_entry, by, draw_id))


@router.post("/draws/{draw_id}/entries", status_code=201, response_model=schemas.EntryView)
async def enter(draw_id: str, body: schemas.NewEntry, by: CurrentCitizen, commands: RequestCommands) -> JSONResponse:
    """Enter, once: when you do, and how often you try, changes nothing. 403: nobody has seen yet who you are. 409: it is not
    open, or you, or somebody with this PIN, has an entry."""
    days = tuple(day.isoformat() for day in body.days)
    command = EnterDraw(commands.new_id(), draw_id, body.pin, days, body.hardship, body.visitor, body.phone, by)
    return await commands.run(enter_draw, command, views.entry_view, status=201)


@router.post("/draws/{draw_id}/withdrawal", response_model=schemas.DrawView)
async def withdraw(draw_id: str, by: CurrentCitizen, commands: RequestCommands, say: Worded) -> JSONResponse:
    """Take your entry back. 409: the draw is closed."""
    return await commands.run(leave_draw, LeaveDraw(draw_id, by), lambda made: views.draw_view(made, say))


@router.post("/officer/draws", status_code=201, response_model=schemas.DrawView, responses=also(404))
async def announce(
    body: schemas.NewDraw, by: CurrentOfficer, commands: RequestCommands, say: Worded, offer: Offered
) -> JSONResponse:
    """Announce a draw of the times of the windows that are given out so. The seed is made now, and its hash is published; nobody
    sees the seed before it is drawn. 409: there is no free time in these days."""
    offer.service(body.service_id)
    command = AnnounceDraw(commands.new_id(), secrets.token_bytes(SEED_BYTES), **dict(body), by=by)
    return await commands.run(announce_draw, command, lambda made: views.draw_view(made, say), status=201)


@router.get("/officer/draws/{draw_id}/claims", responses=also(404))
async def claims(
    draw_id: str, by: CurrentOfficer, queries: RequestQueries, say: Worded, looks: RequestLooks
) -> schemas.ClaimList:
    """Entries that say why they must come first: an officer judges that before the draw."""
    found = await queries.run(draw_known, draw_id)
    posts_seen_by(by, found.post_id, the_catalogue().posts)
    entries = await queries.run(claims_of, draw_id)
    if entries:
        await looks("draw:view_claims", about={"draw": draw_id, "posts": [found.post_id]}, reason="queue-of-the-post")
    return schemas.ClaimList(claims=[views.claim_view(each, say) for each in entries])


@router.post("/officer/draw-entries/{entry_id}/hardship", response_model=schemas.ClaimView, responses=also(404))
async def hardship(
    entry_id: str, body: schemas.Verdict, by: CurrentOfficer, commands: RequestCommands, say: Worded
) -> JSONResponse:
    """409: it says nothing of hardship, was judged before, or is drawn."""
    command = JudgeHardship(entry_id, body.verdict, by)
    return await commands.run(judge_hardship, command, lambda made: views.claim_view(made, say))
