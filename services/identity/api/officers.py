"""Officers with their roles, and giving and taking back of roles, for administrators and heads of posts."""

from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from services.identity.domain.grants import GivingReason, RoleGrant, WithdrawalReason
from services.identity.domain.person import Person
from services.identity.grant_queries import officer_for, officers_for, officers_who_wait
from services.identity.second_person import second_person_rules
from services.identity.use_cases.confirm_role import ConfirmRole, confirm_role
from services.identity.use_cases.give_role import GiveRole, give_role
from services.identity.use_cases.withdraw_role import WithdrawRole, withdraw_role
from shared.actors import EVERY_POST, Officer
from shared.web.auth import CurrentGrantor, officer_with
from shared.web.commands import RequestCommands, RequestQueries
from shared.web.looks import RequestLooks

router = APIRouter(prefix="/api/officers", tags=["officers"])
ROLES = "roles-of-officers"
CurrentConfirmer = Annotated[Officer, Depends(officer_with("administrator", "head", "ministry", strong=True))]  # a second person


class NewGrant(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    role: Annotated[str, Field(max_length=40, description="intake, deciding, head, ministry, auditor or administrator")]
    posts: Annotated[list[Annotated[str, Field(pattern=r"^([a-z]{3}|\*)$")]], Field(min_length=1, max_length=50)] = Field(
        description="Posts for a role at a post; * alone for a role of the ministry"
    )
    valid_from: date | None = Field(None, description="Today, where nothing is said")
    valid_until: date | None = Field(None, description="The last day; without it until it is withdrawn")
    reason: GivingReason


class GrantEnding(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    reason: WithdrawalReason


class GrantView(BaseModel):
    id: str
    role: str
    posts: list[str]
    valid_from: date
    valid_until: date | None
    in_force: bool
    reason: str | None
    given_at: datetime | None
    withdrawn_at: datetime | None
    withdrawal_reason: str | None
    waits: bool = Field(description="For a second person: until then it is not in force")
    confirmed_at: datetime | None

    @classmethod
    def of(cls, grant: RoleGrant, today: date) -> "GrantView":
        return cls(
            id=grant.id,
            role=grant.role,
            posts=list(grant.posts),
            valid_from=grant.valid_from,
            valid_until=grant.valid_until,
            in_force=grant.in_force(today),
            reason=grant.reason,
            given_at=grant.given_at,
            withdrawn_at=grant.withdrawn.at if grant.withdrawn else None,
            withdrawal_reason=grant.withdrawn.reason if grant.withdrawn else None,
            waits=grant.waits,
            confirmed_at=grant.confirmed.at if grant.confirmed else None,
        )


class OfficerView(BaseModel):
    """An officer with all roles they have or had."""

    id: str
    name: str
    post_id: str
    grants: list[GrantView]

    @classmethod
    def of(cls, person: Person, today: date) -> "OfficerView":
        grants = [GrantView.of(grant, today) for grant in person.grants]
        return cls(id=person.id, name=person.name, post_id=person.post_id or "", grants=grants)


class OfficerGrants(BaseModel):
    """What giving and taking back answer: nothing that names anybody, because the answer is kept for repetitions."""

    id: str
    grants: list[GrantView]


class Officers(BaseModel):
    officers: list[OfficerView]


class Waiting(BaseModel):
    """A role that waits for a second person. email: where the link went, so that whoever confirms sees that it is the officer's
    and not the giver's. given_by: an id. yours: whether you may be that person."""

    person_id: str
    name: str
    email: str | None
    post_id: str
    grant: GrantView
    given_by: str | None
    yours: bool


class WaitingRoles(BaseModel):
    waiting: list[Waiting]


@router.get("")
async def officers(by: CurrentGrantor, reads: RequestQueries, looks: RequestLooks, request: Request) -> Officers:
    """All for an administrator, those of their own posts for a head; with a second factor."""
    found, today = await reads.run(officers_for, by), _today(request)
    await looks("officer:list", about={"posts": sorted({person.post_id or EVERY_POST for person in found})}, reason=ROLES)
    return Officers(officers=[OfficerView.of(person, today) for person in found])


@router.get("/waiting")
async def waiting(by: CurrentConfirmer, reads: RequestQueries, looks: RequestLooks, request: Request) -> WaitingRoles:
    """Roles that wait for a second person: all for administrators and the ministry, those of their posts for a head."""
    found, today = await reads.run(officers_who_wait, by), _today(request)
    await looks("officer:list", about={"posts": sorted({person.post_id or EVERY_POST for person in found})}, reason=ROLES)
    return WaitingRoles(
        waiting=[_waiting(person, grant, by, today) for person in found for grant in person.grants if grant.waits]
    )


@router.get("/{person_id}")
async def one(person_id: str, by: CurrentGrantor, reads: RequestQueries, looks: RequestLooks, request: Request) -> OfficerView:
    """404 also for an officer of another head's post."""
    found = await reads.run(officer_for, by, person_id)
    await looks("officer:view", about={"person": found.id}, reason=ROLES)
    return OfficerView.of(found, _today(request))


@router.post("/{person_id}/grants", status_code=201, response_model=OfficerGrants)
async def give(person_id: str, body: NewGrant, by: CurrentGrantor, commands: RequestCommands, request: Request) -> JSONResponse:
    """Give a role. One that decides waits for a second person, who confirms it. 403: a head gives intake and deciding at their
    own posts, and nobody gives to themselves. Days are of UTC."""
    today = _today(request)
    command = GiveRole(
        person_id, commands.new_id(), body.role, tuple(body.posts), body.valid_from or today, body.valid_until, body.reason, by
    )
    return await commands.run(give_role, command, lambda made: _answer(made, today), status=201)


@router.post("/{person_id}/grants/{grant_id}/confirmation", response_model=OfficerGrants)
async def confirm(
    person_id: str, grant_id: str, by: CurrentConfirmer, commands: RequestCommands, request: Request
) -> JSONResponse:
    """The second person says yes: the role is in force. 403: who gave it or gets it, and whoever has nothing to say there.
    409: nothing waits."""
    today = _today(request)
    return await commands.run(confirm_role, ConfirmRole(person_id, grant_id, by), lambda made: _answer(made, today))


@router.post("/{person_id}/grants/{grant_id}/withdrawal", response_model=OfficerGrants)
async def withdraw(
    person_id: str, grant_id: str, body: GrantEnding, by: CurrentGrantor, commands: RequestCommands, request: Request
) -> JSONResponse:
    """Take a role back. Tokens that are out already carry it for 15 minutes at most. 409: it was withdrawn before."""
    today = _today(request)
    return await commands.run(
        withdraw_role, WithdrawRole(person_id, grant_id, body.reason, by), lambda made: _answer(made, today)
    )


def _answer(person: Person, today: date) -> OfficerGrants:
    return OfficerGrants(id=person.id, grants=[GrantView.of(grant, today) for grant in person.grants])


def _waiting(person: Person, grant: RoleGrant, by: Officer, today: date) -> Waiting:
    return Waiting(
        person_id=person.id,
        name=person.name,
        email=person.email,
        post_id=person.post_id or "",
        grant=GrantView.of(grant, today),
        given_by=grant.given_by,
        yours=second_person_rules().may_confirm(by, grant, person_id=person.id),
    )


def _today(request: Request) -> date:
    today: date = request.app.state.runtime.clock.now().date()
    return today
