"""Inboxes of departments of the ministry and of other bodies: what they were asked, and for how long nobody has answered."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field

from services.applications.api.named import Named, in_language, named_post
from services.applications.api.wording import Worded, Wording
from services.applications.catalogue import the_catalogue
from services.applications.inbox_queries import Awaited, awaited_of, how_many
from services.applications.offices import departments_of
from services.applications.queries import COUNTED_UP_TO
from shared.web.auth import CurrentOfficer
from shared.web.commands import RequestQueries

router = APIRouter(prefix="/api/officer/inboxes", tags=["officer"])
Body = Annotated[str, Path(pattern=r"^[a-z][a-z0-9-]{1,63}$")]


class InboxView(BaseModel):
    id: str
    name: str
    yours: bool = Field(description="You may answer what is in it")
    waiting: int


class InboxList(BaseModel):
    inboxes: list[InboxView]
    counted_up_to: int


class AwaitedView(BaseModel):
    application_id: str
    reference: str
    service: Named
    post: Named
    asked_at: datetime


class Inbox(BaseModel):
    id: str
    name: str
    awaited: list[AwaitedView] = Field(description="Asked longest ago first; at most 200")


@router.get("")
async def inboxes(by: CurrentOfficer, queries: RequestQueries, say: Worded) -> InboxList:
    """Of each department and body: what your posts asked of it; for the ministry, what all of them did."""
    departments = the_catalogue().places.departments
    counts, yours = await queries.run(how_many, by, departments), departments_of(by)
    listed = [InboxView(id=each, name=_name(each, say), yours=each in yours, waiting=count) for each, count in counts.items()]
    return InboxList(inboxes=listed, counted_up_to=COUNTED_UP_TO)


@router.get("/{body}")
async def inbox(body: Body, by: CurrentOfficer, queries: RequestQueries, say: Worded) -> Inbox:
    """What it was asked and has not answered; empty for a body that there is not."""
    found = await queries.run(awaited_of, by, body)
    return Inbox(id=body, name=_name(body, say), awaited=[_awaited(each, say) for each in found])


def _name(body: str, say: Wording) -> str:
    department = the_catalogue().places.departments.get(body)
    return in_language(department.names, say) if department else body


def _awaited(each: Awaited, say: Wording) -> AwaitedView:
    title = the_catalogue().version(each.service_id, each.service_version).title
    return AwaitedView(
        application_id=each.id,
        reference=each.reference,
        service=Named(id=each.service_id, name=say(title)),
        post=named_post(each.post_id, say),
        asked_at=each.asked_at,
    )
