"""For whoever reads the audit: which officers a name means, and which names officers have. Entries hold ids only."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from services.identity.grant_queries import officers_of_audit
from shared.web.audit import SEARCHING, Reader, reader_role
from shared.web.commands import RequestQueries
from shared.web.looks import RequestLooks

router = APIRouter(prefix="/api/audit", tags=["audit"])
MOST = 200


class OfficersAsked(BaseModel):
    """By a name or login, or by ids that entries of the audit hold."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    name: str | None = Field(None, min_length=1, max_length=200, description="Words of the name as they begin, or the login")
    ids: list[Annotated[str, Field(max_length=64)]] = Field(default_factory=list, max_length=MOST)


class NamedOfficer(BaseModel):
    id: str
    name: str
    post_id: str


class NamedOfficers(BaseModel):
    officers: list[NamedOfficer]


@router.post("/searches/officers")
async def officers(asked: OfficersAsked, by: Reader, queries: RequestQueries, looks: RequestLooks) -> NamedOfficers:
    """A head finds the officers of their posts only. A name that is looked up is an entry; what a search has shown is not
    written down again."""
    found = await queries.run(officers_of_audit, by, asked.name, asked.ids)
    if asked.name is not None:
        await looks("audit:find_officer", about={"officers": [each.id for each in found]}, reason=SEARCHING, role=reader_role(by))
    return NamedOfficers(officers=[NamedOfficer(id=each.id, name=each.name, post_id=each.post_id or "") for each in found])
