"""What officers see of their post as a whole: its queues, how much is in them, and a case by its reference."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request

from services.applications.api import schemas
from services.applications.api.officer_views import officer_counts, officer_page
from services.applications.api.wording import Worded
from services.applications.catalogue import the_catalogue
from services.applications.domain import form
from services.applications.domain.status import Status
from services.applications.queries import Sort, counts_of_post, id_of_reference, queue_of_post
from shared.web.auth import CurrentOfficer
from shared.web.commands import RequestQueries

router = APIRouter(prefix="/api/officer", tags=["officer"])
After = Annotated[str | None, Query(max_length=200, description="`next` of the page before")]
Limit = Annotated[int, Query(ge=1, le=100)]


async def _today(request: Request, by: CurrentOfficer) -> date:
    """At the officer's post."""
    return form.today(the_catalogue().post(by.post_id), request.app.state.runtime.clock.now())


Today = Annotated[date, Depends(_today)]


@router.get("/applications")
async def queue(
    by: CurrentOfficer,
    queries: RequestQueries,
    say: Worded,
    today: Today,
    status: Annotated[Status | None, Query(description="Of your post; without it, what waits to be taken")] = None,
    mine: Annotated[bool, Query(description="Only what you have taken; without a status, all of it that is not decided")] = False,
    sort: Annotated[
        Sort, Query(description="Longest waiting first, next due first, or by the name of the applicant")
    ] = "waiting",
    after: After = None,
    limit: Limit = 20,
) -> schemas.OfficerPage:
    """What stands in one status at your post, or what you have taken. 422: `after` comes from a list sorted otherwise."""
    page = await queries.run(queue_of_post, by, status=status, mine=mine, sort=sort, after=after, limit=limit)
    return officer_page(page, by, today, say)


@router.get("/counts")
async def counts(by: CurrentOfficer, queries: RequestQueries, say: Worded, today: Today) -> schemas.OfficerCounts:
    """How many applications stand in each status at your post, how many are yours, how many are overdue."""
    return officer_counts(await queries.run(counts_of_post, by, today), say)


@router.post("/searches")
async def search(body: schemas.ReferenceSearch, by: CurrentOfficer, queries: RequestQueries) -> schemas.FoundApplication:
    """Find an application of your post by its reference. 404: there is none, or it is of another post."""
    return schemas.FoundApplication(id=await queries.run(id_of_reference, by, body.reference))
