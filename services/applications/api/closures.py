"""Closing a post and opening it again: who may, where its applications go on, and how far they have got."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from services.applications.api import schemas
from services.applications.api.named import named_post
from services.applications.api.wording import Worded, Wording
from services.applications.catalogue import the_catalogue
from services.applications.domain.closing import ClosingReason, Closure, to_close
from services.applications.queue.closures import closure_of
from services.applications.queue.queries import MOVED_AT_ONCE, count_left_at
from services.applications.use_cases.queue.close_post import ClosePost, ReopenPost, close_post, reopen_post
from shared.texts import N_
from shared.web.auth import CurrentOfficer
from shared.web.commands import RequestCommands, RequestQueries
from shared.web.description import also

router = APIRouter(prefix="/api/officer/posts", tags=["officer"])
PostId = Annotated[str, Field(max_length=8)]
REASONS = {
    ClosingReason.CLOSED_FOR_GOOD: N_("The post is closed for good."),
    ClosingReason.EMERGENCY: N_("An emergency in the country or at the post."),
    ClosingReason.STAFF: N_("There is no staff."),
    ClosingReason.PREMISES: N_("The premises cannot be used."),
}

_STUCK = N_(
    "No open post named takes the service of these applications, so they stay here. Open this post again and close it with a "
    "post that takes them, or open one of the posts where they were to go on."
)


class Closing(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    reason: ClosingReason
    targets: Annotated[list[PostId], Field(min_length=1, max_length=20)] = Field(
        description="Posts where its applications go on: all of one person's at the same one, as far as it takes the services"
    )


class ClosureView(BaseModel):
    post: schemas.Named
    closed: bool
    closed_at: datetime | None = Field(description="The last time; none: it never was")
    reason: Literal["closed-for-good", "emergency", "no-staff", "premises"] | None
    reason_text: str | None
    targets: list[schemas.Named]
    left: int = Field(description="Applications that are still to move")
    counted_up_to: int = Field(description="That many means that many or more")
    stuck: list[str] = Field(description="Ids of those that stay: no open post named takes their service")
    stuck_text: str | None = Field(description="What a person can do about them")
    emptied_at: datetime | None = Field(description="When nothing was left that could move")
    reopened_at: datetime | None


@router.get("/{post_id}/closure", responses=also(404))
async def closure(post_id: PostId, by: CurrentOfficer, queries: RequestQueries, say: Worded) -> ClosureView:
    """The last closing of a post, and how much is to move yet. 403: only its head and the ministry."""
    the_catalogue().post(post_id)
    to_close(post_id, by)
    found = await queries.run(closure_of, post_id)
    if found is None:
        return _never_closed(post_id, say)
    return _view(found, await queries.run(count_left_at, found) if found.is_closed else 0, say)


@router.post("/{post_id}/closure", status_code=201, response_model=ClosureView, responses=also(404))
async def close(post_id: PostId, body: Closing, by: CurrentOfficer, commands: RequestCommands, say: Worded) -> JSONResponse:
    """From now on it takes no applications; those that lie there move within minutes, with fee, term and papers as they are, and
    each citizen is told once. 403: only its head and the ministry, with a second factor. 409: it is closed, or a target is, or
    none of the targets takes a service of the post."""
    command = ClosePost(post_id, body.reason, tuple(body.targets), by)
    return await commands.run(close_post, command, lambda made: _view(made, 0, say), status=201)


@router.post("/{post_id}/reopening", response_model=ClosureView, responses=also(404))
async def reopen(post_id: PostId, by: CurrentOfficer, commands: RequestCommands, say: Worded) -> JSONResponse:
    """It takes applications again; what has moved stays where it is. 409: it is open."""
    return await commands.run(reopen_post, ReopenPost(post_id, by), lambda made: _view(made, 0, say))


def _view(found: Closure, left: int, say: Wording) -> ClosureView:
    return ClosureView(
        post=named_post(found.id, say),
        closed=found.is_closed,
        closed_at=found.closed_at,
        reason=found.reason.value,
        reason_text=say(REASONS[found.reason]),
        targets=[named_post(each, say) for each in found.targets],
        left=left,
        counted_up_to=MOVED_AT_ONCE,
        stuck=list(found.stuck),
        stuck_text=say(_STUCK) if found.stuck else None,
        emptied_at=found.emptied_at,
        reopened_at=found.reopened_at,
    )


def _never_closed(post_id: str, say: Wording) -> ClosureView:
    never = dict.fromkeys(("closed_at", "reason", "reason_text", "stuck_text", "emptied_at", "reopened_at"))
    post = named_post(post_id, say)
    return ClosureView.model_validate(
        never | {"post": post, "closed": False, "targets": [], "stuck": [], "left": 0, "counted_up_to": MOVED_AT_ONCE}
    )
