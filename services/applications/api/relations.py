"""Who is related to whom, as officers and heads of posts declare it, so that such people do not work on one case together."""

from collections.abc import Callable
from datetime import datetime
from typing import Literal, Self

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, model_validator

from services.applications.api.schemas import Id
from services.applications.domain import authority
from services.applications.domain.relations import EndReason, Relation, RelationKind
from services.applications.queries import relations_for
from services.applications.use_cases.declare_relation import DeclareRelation, declare_relation
from services.applications.use_cases.end_relation import ConfirmRelation, EndRelation, confirm_relation, end_relation
from shared.actors import Officer
from shared.errors import DomainError
from shared.web.auth import CurrentOfficer
from shared.web.commands import RequestCommands, RequestQueries
from shared.web.description import also

router = APIRouter(prefix="/api/officer/relations", tags=["officer"])


class NewRelation(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    kind: RelationKind = Field(description="same-person: two accounts of one person, as of an officer who is a citizen too")
    of: Id | None = Field(None, description="The officer it is about: you, where nothing is said; for others the head does it")
    officer_id: Id | None = Field(None, description="The other one, an officer")
    application_id: Id | None = Field(None, description="Or an application, for its citizen")
    other_post_id: str | None = Field(
        None, pattern="^[a-z]{3}$", description="Where the other officer works: the head there sees it, confirms it or ends it"
    )

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
    people: list[str] = Field(min_length=2, max_length=2, description="Ids of identity")
    kind: Literal["relative", "same-person"]
    counts_as: Literal["relative", "same-person"] = Field(description="same-person only once another person has confirmed it")
    post_id: str = Field(description="Where it was declared")
    other_post_id: str | None
    declared_by_you: bool
    declared_at: datetime
    confirmed_at: datetime | None
    ended_at: datetime | None
    you_may_confirm: bool
    you_may_end: bool


class RelationList(BaseModel):
    relations: list[RelationView]


@router.get("")
async def declared(by: CurrentOfficer, queries: RequestQueries) -> RelationList:
    """What you declared; for the head of a post also what was declared there or names it; for the ministry all. Newest first,
    200 at most."""
    return RelationList(relations=[_view(relation, by) for relation in await queries.run(relations_for, by)])


@router.post("", status_code=201, response_model=RelationView, responses=also(404))
async def declare(body: NewRelation, by: CurrentOfficer, commands: RequestCommands) -> JSONResponse:
    """From now on those two do not act on one case; of others than oneself, on cases of the head's post until it is confirmed.
    403: without a second factor, and for another officer than oneself where one is no head. 409: declared before, or too many."""
    new, of = commands.new_id(), body.of or by.id
    command = DeclareRelation(new, of, body.officer_id, body.application_id, body.kind, by, body.other_post_id)
    return await commands.run(declare_relation, command, lambda made: _view(made, by), status=201)


@router.post("/{relation_id}/confirmation", response_model=RelationView)
async def confirm(relation_id: str, by: CurrentOfficer, commands: RequestCommands) -> JSONResponse:
    """Two accounts are one person from now on, or what a head said of others holds at your post too (of the ministry:
    everywhere). 403: who declared it, who is part of it, and whoever is head of neither post. 409: confirmed or ended before."""
    return await commands.run(confirm_relation, ConfirmRelation(relation_id, by), lambda made: _view(made, by))


@router.post("/{relation_id}/end", response_model=RelationView)
async def end(relation_id: str, body: RelationEnding, by: CurrentOfficer, commands: RequestCommands) -> JSONResponse:
    """403: only a head of one of the two posts, or the ministry, who is not part of it. 409: it was ended before."""
    command = EndRelation(relation_id, body.reason, by)
    return await commands.run(end_relation, command, lambda made: _view(made, by))


def _view(relation: Relation, by: Officer) -> RelationView:
    return RelationView(
        id=relation.id,
        people=list(relation.people),
        kind=relation.kind.value,
        counts_as=relation.counts_as.value,
        post_id=relation.post_id,
        other_post_id=relation.other_post_id,
        declared_by_you=relation.declared_by == by.id,
        declared_at=relation.declared_at,
        confirmed_at=relation.confirmed.at if relation.confirmed else None,
        ended_at=relation.ended.at if relation.ended else None,
        you_may_confirm=_may(authority.to_confirm_relation, relation, by),
        you_may_end=_may(authority.to_end_relation, relation, by),
    )


def _may(check: Callable[[Relation, Officer], str], relation: Relation, by: Officer) -> bool:
    try:
        check(relation, by)
    except DomainError:
        return False
    return True
