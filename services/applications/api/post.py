"""What officers see of their post as a whole: its queues, how much is in them, and a case by its reference."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query, Request

from services.applications.api import schemas, search_schemas
from services.applications.api.officer_views import officer_counts, officer_page
from services.applications.api.wording import Worded
from services.applications.catalogue import the_catalogue
from services.applications.domain import form
from services.applications.domain.status import Status
from services.applications.queries import Sort, found_by_reference, posts_seen_by, queue_of_post, unanswered_at
from services.applications.queue_counts import counts_of_post
from shared.web.auth import CurrentOfficer
from shared.web.commands import RequestQueries
from shared.web.description import also
from shared.web.looks import RequestLooks

router = APIRouter(prefix="/api/officer", tags=["officer"])
QUEUE = "queue-of-the-post"
After = Annotated[str | None, Query(max_length=200, description="`next` of the page before")]
Limit = Annotated[int, Query(ge=1, le=100)]


MINISTRY_TIME = ZoneInfo("Asia/Bishkek")


@dataclass(frozen=True, slots=True)
class Seen:
    """Posts whose lists are asked for, and which day it is there; for several, at the officer's own or in Bishkek."""

    posts: frozenset[str]
    today: date


async def _seen(
    request: Request,
    by: CurrentOfficer,
    post_id: Annotated[
        str | None, Query(max_length=8, description="One of your posts, or any for the ministry; without it, all of them")
    ] = None,
) -> Seen:
    catalogue, now = the_catalogue(), request.app.state.runtime.clock.now()
    posts = posts_seen_by(by, post_id, catalogue.posts)
    one = post_id or by.post_id
    post = catalogue.posts.get(one) if one in posts else None
    return Seen(posts, form.today(post, now) if post else now.astimezone(MINISTRY_TIME).date())


SeenPosts = Annotated[Seen, Depends(_seen)]


@router.get("/applications", responses=also(404, 409))
async def queue(
    by: CurrentOfficer,
    queries: RequestQueries,
    say: Worded,
    seen: SeenPosts,
    looks: RequestLooks,
    status: Annotated[Status | None, Query(description="Of your post; without it, what waits to be taken")] = None,
    mine: Annotated[bool, Query(description="Only what you have taken; without a status, all of it that is not decided")] = False,
    given: Annotated[bool, Query(description="What other posts gave to you, or to the ministry, to decide")] = False,
    overdue: Annotated[bool, Query(description="Only what is not decided and was due before today")] = False,
    ready: Annotated[bool, Query(description="Only what can be decided as it is")] = False,
    unanswered: Annotated[
        bool, Query(description="Only those whose citizens wrote and have no answer; who waits for longest first")
    ] = False,
    sort: Annotated[
        Sort,
        Query(description="Longest waiting first, next due first, by name, or as they are given out: urgent, then due"),
    ] = "waiting",
    after: After = None,
    limit: Limit = 20,
) -> schemas.OfficerPage:
    """What stands in one status at your posts, what you have taken, or what you were given to decide.

    404: no post of yours. 422: `after` comes from another list.
    """
    if unanswered:
        page = await queries.run(unanswered_at, seen.posts, after=after, limit=limit)
    else:
        page = await queries.run(
            queue_of_post,
            by,
            posts=seen.posts,
            status=status,
            mine=mine,
            given=given,
            overdue=seen.today if overdue else None,
            ready=ready,
            sort=sort,
            after=after,
            limit=limit,
        )
    if page.rows:
        await looks("post:view_queue", about={"posts": sorted(seen.posts)}, reason=QUEUE)
    return officer_page(page, by, seen.today, say)


@router.get("/counts", responses=also(404))
async def counts(by: CurrentOfficer, queries: RequestQueries, say: Worded, seen: SeenPosts) -> schemas.OfficerCounts:
    """How many applications stand in each status at your posts, how many are yours, overdue, or given to you to decide."""
    return officer_counts(await queries.run(counts_of_post, by, seen.posts, seen.today), say)


@router.post("/searches", responses=also(404))
async def search(
    body: search_schemas.ReferenceSearch, by: CurrentOfficer, queries: RequestQueries, looks: RequestLooks
) -> search_schemas.FoundApplication:
    """Find an application by its reference, among those you may see. 404: there is none."""
    found = await queries.run(found_by_reference, by, body.reference)
    await looks("post:find_case", about=found, reason=QUEUE)
    return search_schemas.FoundApplication(id=found["case"])
