"""Terms that run out, and their extension where the law of the service lets the post take more time."""

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse

from services.applications.api import term_schemas
from services.applications.api.post import After, Limit, SeenPosts
from services.applications.api.status_words import TO_OFFICER
from services.applications.api.term_views import term_page
from services.applications.api.wording import Worded
from services.applications.domain.application import Application
from services.applications.domain.legal_clock import TermAlarm
from services.applications.term_queries import terms_running_out
from services.applications.use_cases.extend_term import ExtendTerm, extend_term
from shared.web.auth import CurrentOfficer
from shared.web.commands import RequestCommands, RequestQueries
from shared.web.description import also

router = APIRouter(prefix="/api/officer", tags=["officer"])
_STATUS_TEXT = {status.value: text for status, text in TO_OFFICER.status.items()}


@router.get("/terms", responses=also(404))
async def terms(
    by: CurrentOfficer,
    queries: RequestQueries,
    say: Worded,
    seen: SeenPosts,
    alarm: Annotated[TermAlarm | None, Query(description="Without it, both")] = None,
    mine: Annotated[bool, Query(description="Only what you have taken")] = False,
    after: After = None,
    limit: Limit = 20,
) -> term_schemas.TermRows:
    """Cases of your posts whose term is used up by four fifths, or over, and which are not answered. What was due first comes
    first. Nothing in it is about a person. 404: no post of yours. 422: `after` comes from another list."""
    page = await queries.run(terms_running_out, by, posts=seen.posts, alarm=alarm, mine=mine, after=after, limit=limit)
    return term_page(page, by, say, _STATUS_TEXT)


@router.post("/applications/{application_id}/extension", response_model=term_schemas.Extended)
async def extension(
    application_id: str, body: term_schemas.NewExtension, by: CurrentOfficer, commands: RequestCommands
) -> JSONResponse:
    """Take more time, as the law of the service lets you; the applicant is told, with the reason. 403: not yours to extend.
    409: no clock runs, the law allows no more, or the term is over. 422: no reason of the list."""
    command = ExtendTerm(application_id, body.days, body.reason, by)
    return await commands.run(extend_term, command, _extended)


def _extended(application: Application) -> term_schemas.Extended:
    return term_schemas.Extended.model_validate(
        {
            "id": application.id,
            "reference": application.reference,
            "due_on": application.due_on,
            "version": application.version,
        }
    )
