"""Asking for a copy of one's own data, before it is fetched from each service: so many times a day, and after a fresh sign-in."""

from datetime import timedelta
from math import ceil

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from services.identity.counted import Cap, over_cap
from services.identity.domain.rights_request import RequestKind
from services.identity.rights import rights_terms
from services.identity.use_cases.note_export import NoteExport, note_export
from shared.texts import N_
from shared.web.commands import RequestCommands, RequestQueries
from shared.web.problems import HttpProblem
from shared.web.recent import SignedInJustNow

router = APIRouter(prefix="/api/me/data", tags=["own data"])
MOST_A_DAY = 10  # D: enough to try again on a bad line
_DAY = timedelta(days=1)
_TOO_MANY = N_("You took a copy of your data several times today. Try again in {hours} hours.")


class ExportAsked(BaseModel):
    """request_id: under which it stands among your requests."""

    request_id: str


@router.post("/exports", status_code=201, response_model=ExportAsked)
async def ask(who: SignedInJustNow, commands: RequestCommands, queries: RequestQueries) -> JSONResponse:
    """Say that you take a copy. Then read GET /api/me/data of each service, page by page, and the files it names.

    403 sign-in-again: needs a sign-in of the last minutes. 429: more than ten times a day."""
    full = await queries.run(over_cap, [Cap("export", who.id, MOST_A_DAY, _DAY)], at=commands.at)
    if full:
        seconds = max(1, ceil(full[1].total_seconds()))
        headers = {"Retry-After": str(seconds)}
        raise HttpProblem(429, "too-many-exports", _TOO_MANY, headers=headers, hours=ceil(seconds / 3600))
    command = NoteExport(commands.new_id(), who, rights_terms().terms[RequestKind.EXPORT])
    return await commands.run(note_export, command, lambda made: ExportAsked(request_id=made.id), status=201)
