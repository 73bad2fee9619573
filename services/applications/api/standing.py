"""Where the work of a post stands, for its head; and of all posts, for the ministry. Counts and days, nothing of a case."""

from datetime import datetime

from fastapi import APIRouter
from pydantic import BaseModel, Field

from services.applications.api.named import Named, named_post
from services.applications.api.post import SeenPosts
from services.applications.api.status_words import TO_OFFICER
from services.applications.api.wording import Worded
from services.applications.domain.legal_clock import HOLDER_OF
from services.applications.queries import COUNTED_UP_TO
from services.applications.standing import held_at, stands_of, stands_of_posts
from shared.web.auth import CurrentOfficer
from shared.web.commands import RequestQueries
from shared.web.description import also

router = APIRouter(prefix="/api/officer/standing", tags=["officer"])


class StandView(BaseModel):
    status: str
    status_text: str
    holder: str = Field(description="post, citizen or body: who has to do something")
    count: int
    oldest: datetime | None = Field(description="When the longest waiting of them was handed in")


class HeldView(BaseModel):
    officer_id: str
    claimed: int
    overdue: int


class PostStandView(BaseModel):
    post: Named
    open: int
    at_risk: int
    overdue: int
    unanswered_since: datetime | None


class Standing(BaseModel):
    """stands: of the one post that was asked for; none where several are."""

    stands: list[StandView]
    held: list[HeldView] = Field(description="By officer, for heads and the ministry; of the one post that was asked for")
    posts: list[PostStandView] = Field(description="Where anything is open")
    counted_up_to: int


@router.get("", responses=also(404))
async def standing(by: CurrentOfficer, queries: RequestQueries, say: Worded, seen: SeenPosts) -> Standing:
    """Of your posts, or of the one named; of every post for the ministry. 404: no post of yours."""
    one = next(iter(seen.posts)) if len(seen.posts) == 1 else None
    stands = await queries.run(stands_of, one) if one else []
    leads = one is not None and (by.is_ministry or "head" in by.roles_at(one))
    held = await queries.run(held_at, one, seen.today.isoformat()) if one and leads else {}
    posts = await queries.run(stands_of_posts, seen.posts)
    return Standing(
        stands=[
            StandView(
                status=each.status.value,
                status_text=say(TO_OFFICER.status[each.status]),
                holder=HOLDER_OF[each.status],
                count=each.count,
                oldest=each.oldest,
            )
            for each in stands
        ],
        held=[HeldView(officer_id=each, claimed=held[each][0], overdue=held[each][1]) for each in sorted(held)],
        posts=[
            PostStandView(
                post=named_post(each.post_id, say),
                open=each.open,
                at_risk=each.at_risk,
                overdue=each.overdue,
                unanswered_since=each.unanswered_since,
            )
            for each in posts
        ],
        counted_up_to=COUNTED_UP_TO,
    )
