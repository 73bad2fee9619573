"""For whoever reads the audit: which case a reference names, and which references cases have. Entries hold ids only."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from services.applications.queries import cases_of_audit
from shared.web.audit import SEARCHING, Reader, reader_role
from shared.web.commands import RequestQueries
from shared.web.looks import RequestLooks

router = APIRouter(prefix="/api/audit", tags=["audit"])
MOST = 200


class CasesAsked(BaseModel):
    """By a reference, or by ids that entries of the audit hold."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    reference: str | None = Field(None, min_length=1, max_length=64, description="As on the citizen's receipt")
    ids: list[Annotated[str, Field(max_length=64)]] = Field(default_factory=list, max_length=MOST)


class NamedCase(BaseModel):
    id: str
    reference: str


class NamedCases(BaseModel):
    cases: list[NamedCase]


@router.post("/searches/cases")
async def cases(asked: CasesAsked, by: Reader, queries: RequestQueries, looks: RequestLooks) -> NamedCases:
    """A head finds the cases of their posts only. A reference that is looked up is an entry; what a search has shown is not
    written down again."""
    found = await queries.run(cases_of_audit, by, asked.reference, asked.ids)
    if asked.reference is not None:
        await looks("audit:find_case", about={"cases": [*found]}, reason=SEARCHING, role=reader_role(by))
    return NamedCases(cases=[NamedCase(id=case_id, reference=reference) for case_id, reference in found.items()])
