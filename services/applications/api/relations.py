"""Who is related to whom, as officers and heads of posts declare it, so that such people do not work on one case together."""

from datetime import datetime
from typing import Annotated, Literal, Self

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, model_validator

from services.applications.domain.relations import EndReason, Relation, RelationKind
from services.applications.queries import relations_for
from services.applications.use_cases.declare_relation import DeclareRelation, declare_relation
from services.applications.use_cases.end_relation import EndRelation, end_relation
from shared.web.auth import CurrentOfficer
from shared.web.commands import RequestCommands, RequestQueries

router = APIRouter(prefix="/api/officer/relations", tags=["officer"])
Id = Annotated[str, Field(min_length=1, max_length=64)]


class NewRelation(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    kind: RelationKind = Field(description="same-person: two accounts of one person, as of an officer who is a citizen too")
    of: Id | None = Field(None, description="The officer it is about: you, where nothing is said; for others the head does it")
    officer_id: Id | None = Field(None, description="The other one, an officer")
    application_id: Id | None = Field(None, description="Or an application, for its citizen")

    @model_validator(mode="after")
    def _names_one(self) -> Self:
        if (self.officer_id is None) == (self.application_id is None):
            raise ValueError("name either officer_id or application_id")
        return self


class RelationEnding(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    reason: EndReason


class RelationView(BaseModel):
    id: str
    people: tuple[str, str] = Field(description="Ids of identity")
    kind: Literal["relative", "same-person"]
    post_id: str = Field(description="Where it was declared; a head of that post can end it")
    declared_by_you: bool
    declared_at: datetime
    ended_at: datetime | None


class RelationList(BaseModel):
    relations: list[RelationView]


@router.get("")
async def declared(by: CurrentOfficer, queries: RequestQueries) -> RelationList:
    """What you declared; for the head of a post also what was declared there. Newest first, 200 at most."""
    return RelationList(relations=[_view(relation, by.id) for relation in await queries.run(relations_for, by)])


@router.post("", status_code=201, response_model=RelationView)
async def declare(body: NewRelation, by: CurrentOfficer, commands: RequestCommands) -> JSONResponse:
    """From now on those two do not act on one case. 403: only the head of a post declares for another officer."""
    command = DeclareRelation(commands.new_id(), body.of or by.id, body.officer_id, body.application_id, body.kind, by)
    return await commands.run(declare_relation, command, lambda made: _view(made, by.id), status=201)


@router.post("/{relation_id}/end", response_model=RelationView)
async def end(relation_id: str, body: RelationEnding, by: CurrentOfficer, commands: RequestCommands) -> JSONResponse:
    """403: only a head of the post where it was declared, who is not part of it. 409: it was ended before."""
    command = EndRelation(relation_id, body.reason, by)
    return await commands.run(end_relation, command, lambda made: _view(made, by.id))


def _view(relation: Relation, asked_by: str) -> RelationView:
    return RelationView(
        id=relation.id,
        people=relation.people,
        kind=relation.kind.value,
        post_id=relation.post_id,
        declared_by_you=relation.declared_by == asked_by,
        declared_at=relation.declared_at,
        ended_at=relation.ended.at if relation.ended else None,
    )
