"""The queue of a post at work: what is next, what lies on whose desk, giving a case to an officer."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from random import SystemRandom
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from services.applications.api import schemas
from services.applications.api.cosigners import cosigners_seen
from services.applications.api.filling_schemas import CosignerSeen
from services.applications.api.named import named_post
from services.applications.api.receipts import Receipt
from services.applications.api.schemas import Id
from services.applications.api.status_words import TO_OFFICER
from services.applications.api.wording import Worded, Wording
from services.applications.catalogue import the_catalogue
from services.applications.catalogue.skills import skill_name
from services.applications.domain import form
from services.applications.domain.application import Application
from services.applications.domain.errors import AlreadyClaimed, MustBeUnrelated, NotClaimable, UnknownPost
from services.applications.domain.looking import is_at_work, role_of
from services.applications.domain.queue_acts import to_assign, to_take
from services.applications.domain.queue_errors import LacksSkill, MayNotAssign
from services.applications.domain.turn import Missing, not_ready
from services.applications.fillings import filling_of
from services.applications.queries import case_for
from services.applications.queue.claims import claim_of
from services.applications.queue.desks import Desk, Load, desks_of, known_skills, load_of, loads_of
from services.applications.queue.queries import Duplicate, likely_duplicates, next_cases, spread
from services.applications.use_cases.claim_application import ClaimApplication, claim_application
from services.applications.use_cases.queue.assign_application import AssignApplication, assign_application
from services.applications.use_cases.queue.set_desk import SetDesk, set_desk
from services.applications.use_cases.queue.take_next import TakeNothing, take_nothing
from shared.actors import Officer
from shared.errors import ConcurrentUpdate, DomainError, SecondFactorNeeded
from shared.texts import N_
from shared.web.auth import CurrentOfficer
from shared.web.commands import RepeatableCommands, RequestCommands, RequestQueries
from shared.web.description import also
from shared.web.looks import RequestLooks

router = APIRouter(prefix="/api/officer", tags=["officer"])
Skill = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{1,63}$")]
PostId = Annotated[str, Field(max_length=8)]
ROUNDS = 4  # of reading what is next, where all of a window was taken meanwhile
_CHANCE = SystemRandom()
_MISSING: dict[Missing, str] = {
    "incomplete": N_("Something is still awaited, or it is decided."),
    "unpaid": N_("The fee is not paid."),
    "unconfirmed": N_("Answers were changed, and somebody else must confirm them as they are now."),
    "warnings": N_("Something in the answers is to be compared with the papers."),
}
_WHY = {
    "same-service": N_("The same person asks for the same service."),
    "same-pin": N_("The same PIN stands in it."),
}


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class NextAsked(_In):
    post_id: PostId | None = Field(None, description="One of your posts; without it, all of them")


class Assignment(_In):
    officer_id: Id = Field(description="An officer on the list of the post")
    despite_skills: bool = Field(False, description="Also where they are not marked with what the service asks for")


class DeskSkills(_In):
    post_id: PostId | None = Field(None, description="A post whose head you are; yours, where nothing is said")
    skills: Annotated[list[Skill], Field(max_length=40)] = Field(description="Of the list of known skills")


class MissingView(BaseModel):
    code: Literal["incomplete", "unpaid", "unconfirmed", "warnings"]
    text: str


class DuplicateView(BaseModel):
    id: str
    reference: str
    service: schemas.Named
    post: schemas.Named
    status: str
    status_text: str
    why: Literal["same-service", "same-pin"]
    why_text: str


class CaseDesk(BaseModel):
    """What an officer should know of a case besides the case."""

    urgent: bool
    ready_to_decide: bool = Field(description="Complete, paid, and nothing in it to compare")
    missing: list[MissingView] = Field(description="Why it is not")
    taken_until: datetime | None = Field(description="When it goes back to all, unless somebody works on it; working puts it off")
    duplicates: list[DuplicateView] = Field(description="Other open cases that may be the same request")
    cosigners: list[CosignerSeen] = Field(description="Others who confirm it, by the answers of now")
    colleagues: list[str] = Field(description="To whom you may give it: ids of officers, the one who has it left out")
    without_skill: list[str] = Field(description="Of these, who are not marked with what the service asks for")


class DeskView(BaseModel):
    post_id: str
    officer_id: str
    skills: list[str]
    claimed: int = Field(description="Cases that they have and that are not decided")
    overdue: int = Field(description="Of these")


class SkillView(BaseModel):
    code: str
    text: str
    held: int = Field(description="By so many officers on the list. 0: what asks for it is given to anybody of the post")


class Desks(BaseModel):
    desks: list[DeskView]
    skills: list[str] = Field(description="All that a service asks for")
    known: list[SkillView] = Field(description="The same, in words, and how many of the post are marked with it")


@router.post("/next-application", response_model=schemas.OfficerReceipt)
async def take_next(
    body: NextAsked, request: Request, by: CurrentOfficer, commands: RequestCommands, queries: RequestQueries, receipt: Receipt
) -> JSONResponse:
    """Take the application whose turn it is: urgent ones first, then what is due first. Of many who ask at once each gets
    another one. 403: needs the role intake or deciding. 409: none waits that you may take."""
    to_take(by)
    with _asking(request) as asking:
        for _ in range(ROUNDS):
            cases = await queries.run(next_cases, by, body.post_id, commands.at)
            for case in spread(cases, asking, _CHANCE.random()):
                try:
                    return await commands.run(claim_application, ClaimApplication(case, by), receipt)
                except (AlreadyClaimed, NotClaimable, MustBeUnrelated, ConcurrentUpdate):
                    continue  # another was first, or this one is not for them
            if not cases:
                break
    return await commands.run(take_nothing, TakeNothing(), receipt)


@contextmanager
def _asking(request: Request) -> Iterator[int]:
    """How many ask in this moment, of this process."""
    state = request.app.state
    state.asking_for_next = getattr(state, "asking_for_next", 0) + 1
    try:
        yield state.asking_for_next
    finally:
        state.asking_for_next -= 1


@router.post("/applications/{application_id}/assignment", response_model=schemas.OfficerReceipt)
async def assignment(
    application_id: str, body: Assignment, by: CurrentOfficer, commands: RequestCommands, receipt: Receipt, say: Worded
) -> JSONResponse:
    """Give it to an officer of the post, whoever has it. 403: only the head, with a second factor; the officer knows the
    citizen. 404: no such application, or the officer is not on the list of the post. 409: decided, proposed or not handed
    in; or they lack a skill and you do not confirm it."""
    command = AssignApplication(application_id, body.officer_id, by, body.despite_skills)
    try:
        return await commands.run(assign_application, command, receipt)
    except LacksSkill as error:
        raise LacksSkill(skills=", ".join(skill_name(each, say.language) for each in error.lacking)) from None


@router.get("/applications/{application_id}/desk")
async def desk(application_id: str, by: CurrentOfficer, queries: RequestQueries, say: Worded, looks: RequestLooks) -> CaseDesk:
    """Whether it can be decided as it is, until when it is whose, and what may be the same request. 428: as for the case."""
    application, relations = await queries.run(case_for, by, application_id)
    about = {"case": application.id, "person": application.citizen_id, "post": application.post_id}
    at_work, role = is_at_work(application, by, relations), role_of(by, application.post_id)
    await looks("application:view", about=about, at_work=at_work, role=role)
    claim = await queries.run(claim_of, application)
    missing = not_ready(application)
    listed = await queries.run(desks_of, {application.post_id}) if _may_assign(application, by) else []
    colleagues = [each for each in listed if each.officer_id != application.claimed_by]
    return CaseDesk(
        urgent=application.turn.urgent,
        ready_to_decide=not missing,
        missing=[MissingView(code=code, text=say(_MISSING[code])) for code in missing],
        taken_until=claim.until if claim else None,
        cosigners=cosigners_seen(application, await queries.run(filling_of, application), say),
        duplicates=[_duplicate(each, say) for each in await queries.run(likely_duplicates, by, application)],
        colleagues=[each.officer_id for each in colleagues],
        without_skill=[each.officer_id for each in colleagues if each.lacks(application)],
    )


def _may_assign(application: Application, by: Officer) -> bool:
    try:
        to_assign(application, by)
    except DomainError:
        return False
    return True


def _duplicate(found: Duplicate, say: Wording) -> DuplicateView:
    catalogue = the_catalogue()
    return DuplicateView(
        id=found.id,
        reference=found.reference,
        service=schemas.Named(id=found.service_id, name=say(catalogue.service(found.service_id).title)),
        post=named_post(found.post_id, say),
        status=found.status.value,
        status_text=say(TO_OFFICER.status[found.status]),
        why=found.why,
        why_text=say(_WHY[found.why]),
    )


@router.get("/desks", responses=also(404))
async def desks(
    by: CurrentOfficer,
    queries: RequestQueries,
    say: Worded,
    post_id: Annotated[str | None, Query(max_length=8, description="A post whose head you are; without it, yours")] = None,
) -> Desks:
    """The officers on the list of the post, what they are able to do, and how much each has. 403: only its head."""
    post = _headed(by, post_id)
    return _desks(await queries.run(loads_of, post, _today(post, say)), say)


@router.put("/desks/{officer_id}", responses=also(404))
async def put_desk(
    officer_id: Id, body: DeskSkills, by: CurrentOfficer, commands: RepeatableCommands, queries: RequestQueries, say: Worded
) -> DeskView:
    """Put an officer on the list of the post, with what they are able to do: they are given cases that need it. 403: only its
    head, with a second factor. 409: no service asks for such a skill."""
    wanted = Desk(body.post_id or by.post_id, officer_id, tuple(body.skills))
    made = await commands.run_repeatable(set_desk, SetDesk(wanted, by))
    return _desk(await queries.run(load_of, made, _today(made.post_id, say)))


def _headed(by: Officer, wanted: str | None) -> str:
    """Raises MayNotAssign, SecondFactorNeeded, UnknownPost."""
    post = wanted or by.post_id
    if "head" not in by.roles:
        raise MayNotAssign
    if "head" not in by.roles_at(post) or post not in the_catalogue().posts:
        raise UnknownPost
    if not by.second_factor:
        raise SecondFactorNeeded
    return post


def _desks(loads: Sequence[Load], say: Wording) -> Desks:
    skills, held = known_skills(), Counter(skill for each in loads for skill in each.desk.skills)
    known = [SkillView(code=each, text=skill_name(each, say.language), held=held[each]) for each in skills]
    return Desks(desks=[_desk(each) for each in loads], skills=skills, known=known)


def _desk(load: Load) -> DeskView:
    desk = load.desk
    skills = sorted(set(desk.skills))
    return DeskView(post_id=desk.post_id, officer_id=desk.officer_id, skills=skills, claimed=load.claimed, overdue=load.overdue)


def _today(post_id: str, say: Wording) -> str:
    return form.today(the_catalogue().post(post_id), say.now).isoformat()
