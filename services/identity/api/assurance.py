"""What an officer does about a citizen's account: saying that they saw who it is."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from services.identity.api.schemas import Asked
from services.identity.domain.papers import PAPERS, SeenPaper
from services.identity.domain.person import Person
from services.identity.use_cases.raise_assurance import RaiseAssurance, raise_assurance
from services.identity.use_cases.take_assurance_back import DoubtReason, TakeAssuranceBack, take_assurance_back
from shared.actors import CASE_ROLES, Assurance, Officer
from shared.web.auth import CurrentOfficer, officer_with
from shared.web.commands import RequestCommands

router = APIRouter(prefix="/api/people", tags=["people"])
StrongOfficer = Annotated[Officer, Depends(officer_with(*CASE_ROLES, strong=True))]


class PaperSeen(Asked):
    paper: SeenPaper = Field(description="What the citizen showed at the counter")


class Doubt(Asked):
    reason: DoubtReason


class AssuranceOf(BaseModel):
    person_id: str
    assurance: Assurance

    @classmethod
    def of(cls, person: Person) -> "AssuranceOf":
        return cls(person_id=person.id, assurance=person.assurance)


class Papers(BaseModel):
    papers: list[SeenPaper] = Field(description="Illustrative: no official list was found")


@router.get("/papers")
async def papers(_by: CurrentOfficer) -> Papers:
    """What an officer may have seen at the counter."""
    return Papers(papers=[*PAPERS])


@router.post("/{person_id}/assurance", response_model=AssuranceOf)
async def saw_at_counter(
    person_id: Annotated[str, Path(max_length=64)], body: PaperSeen, who: StrongOfficer, commands: RequestCommands
) -> JSONResponse:
    """The citizen stood at the counter with this paper: their level becomes counter-seen, and the audit says by whom. 403 without
    a second factor, 404 for a citizen of another post. Where it was known already, it is written down and told to the
    other services again. Their next access token carries it, within 15 minutes."""
    return await commands.run(raise_assurance, RaiseAssurance(person_id, body.paper, who), AssuranceOf.of)


@router.post("/{person_id}/assurance/withdrawal", response_model=AssuranceOf)
async def take_back(
    person_id: Annotated[str, Path(max_length=64)], body: Doubt, who: StrongOfficer, commands: RequestCommands
) -> JSONResponse:
    """The head of the citizen's post takes back what was said at the counter; the citizen is signed out everywhere. 404 for
    anybody else, 403 for the head who said it themselves, 409 where nobody said it."""
    return await commands.run(take_assurance_back, TakeAssuranceBack(person_id, body.reason, who), AssuranceOf.of)
