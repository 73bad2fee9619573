"""What officers gave back and nobody has taken since: for the head of the post and the ministry. Nothing about a person."""

from datetime import date, datetime

from fastapi import APIRouter
from pydantic import BaseModel, Field

from services.applications.api.named import Named, named_post
from services.applications.api.post import SeenPosts
from services.applications.api.wording import Worded, Wording
from services.applications.catalogue import the_catalogue
from services.applications.catalogue.queue_rules import queue_rules
from services.applications.domain.queue_errors import MayNotAssign
from services.applications.queue.queries import MOST_GIVEN_BACK, GivenBack, nobody_has
from shared.actors import Officer
from shared.web.auth import CurrentOfficer
from shared.web.commands import RequestQueries
from shared.web.description import also

router = APIRouter(prefix="/api/officer", tags=["officer"])


class GivenBackRow(BaseModel):
    id: str
    reference: str
    service: Named
    post: Named
    urgent: bool
    due_on: date | None
    times: int = Field(description="By how many officers")
    since: datetime = Field(description="When it was given back the last time")
    offered_again_at: datetime = Field(description="From then on it is offered to those too who gave it back")


class GivenBackRows(BaseModel):
    applications: list[GivenBackRow] = Field(description="Who waits for longest first")
    more: bool


@router.get("/given-back", responses=also(404))
async def given_back(by: CurrentOfficer, queries: RequestQueries, say: Worded, seen: SeenPosts) -> GivenBackRows:
    """Cases that were given back and that nobody has. 403: only heads of posts and the ministry. 404: no post of yours."""
    found = await queries.run(nobody_has, seen.posts & _headed(by))
    return GivenBackRows(applications=[_row(each, say) for each in found], more=len(found) == MOST_GIVEN_BACK)


def _headed(by: Officer) -> frozenset[str]:
    """Raises MayNotAssign."""
    posts = frozenset(the_catalogue().posts) if by.is_ministry else by.posts_with({"head"})
    if not posts:
        raise MayNotAssign
    return posts


def _row(found: GivenBack, say: Wording) -> GivenBackRow:
    definition = the_catalogue().version(found.service_id, found.service_version)
    return GivenBackRow(
        id=found.id,
        reference=found.reference,
        service=Named(id=found.service_id, name=say(definition.title)),
        post=named_post(found.post_id, say),
        urgent=found.urgent,
        due_on=date.fromisoformat(found.due_on) if found.due_on else None,
        times=found.times,
        since=found.at,
        offered_again_at=found.at + queue_rules().offered_again_after,
    )
