"""What an officer does about a citizen's account: saying that they saw who it is."""

from typing import Annotated

from fastapi import APIRouter, Path
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from services.identity.api.schemas import Asked
from services.identity.domain.papers import SeenPaper
from services.identity.domain.person import Person
from services.identity.use_cases.raise_assurance import RaiseAssurance, raise_assurance
from shared.actors import Assurance
from shared.web.auth import CurrentOfficer
from shared.web.commands import RequestCommands

router = APIRouter(prefix="/api/people", tags=["people"])


class PaperSeen(Asked):
    paper: SeenPaper = Field(description="What the citizen showed at the counter")


class AssuranceOf(BaseModel):
    person_id: str
    assurance: Assurance

    @classmethod
    def of(cls, person: Person) -> "AssuranceOf":
        return cls(person_id=person.id, assurance=person.assurance)


@router.post("/{person_id}/assurance", response_model=AssuranceOf)
async def saw_at_counter(
    person_id: Annotated[str, Path(max_length=64)], body: PaperSeen, who: CurrentOfficer, commands: RequestCommands
) -> JSONResponse:
    """The citizen stood at the counter with this paper: their level becomes counter-seen, and the audit says by whom. 404 for a
    citizen of another post, 409 where the level is no lower. Their next access token carries it, within 15 minutes."""
    return await commands.run(raise_assurance, RaiseAssurance(person_id, body.paper, who), AssuranceOf.of)
