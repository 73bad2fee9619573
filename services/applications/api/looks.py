"""Who opened a case, and objecting to it; the proof of the submission; and the objections, which heads answer."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import JSONResponse

from services.applications.api import look_schemas
from services.applications.api.named import named_post
from services.applications.api.wording import LOOKED_AT, Worded, Wording
from services.applications.domain.errors import NotUnderCheckpoint
from services.applications.objections import READERS, Answer, Look, State, looks_at, may_answer, objected_to, objections_for
from services.applications.queries import application_for, submission_entry
from services.applications.use_cases.answer_objection import AnswerObjection, answer_objection
from services.applications.use_cases.object_to_look import ObjectToLook, object_to_look
from shared.actors import Officer
from shared.audit.reasons import text_of
from shared.mongo.audit_proofs import proof_of
from shared.texts import N_
from shared.web.auth import CurrentCitizen, officer_with
from shared.web.commands import RequestCommands, RequestQueries
from shared.web.description import also

router = APIRouter(prefix="/api", tags=["audit"])
Before = Annotated[int | None, Query(ge=1, le=2**53, description="`next` of the page before")]
Limit = Annotated[int, Query(ge=1, le=100)]
ANSWERED: Mapping[Answer, str] = {
    "justified": N_("The look was part of the officer's work."),
    "not-justified": N_("There was no need for this look. The officer was told so."),
    "passed-on": N_("It was passed on to those who look into officers' conduct."),
}
Overseer = Annotated[Officer, Depends(officer_with(*READERS, strong=True))]
ObjectionId = Annotated[str, Path(pattern=r"^[A-Za-z0-9-]{1,64}\.[0-9]{1,15}$")]


@router.get("/applications/{application_id}/looks")
async def looks(
    application_id: str, by: CurrentCitizen, queries: RequestQueries, say: Worded, before: Before = None, limit: Limit = 50
) -> look_schemas.LooksView:
    """Who looked at your application, newest first: when, in which role and of which post, and why."""
    application = await queries.run(application_for, by, application_id)
    found = await queries.run(looks_at, application, before=before, limit=limit + 1)
    objected = await queries.run(objected_to, application_id)
    shown = [_view(look, objected, say) for look in found[:limit]]
    return look_schemas.LooksView(looks=shown, next=str(found[limit - 1].number) if len(found) > limit else None)


@router.post("/applications/{application_id}/objections", status_code=201, response_model=look_schemas.Made)
async def object_to(
    application_id: str, body: look_schemas.Objection, by: CurrentCitizen, commands: RequestCommands
) -> JSONResponse:
    """Object to an officer's look: the head of the post finds it in a list, and it is an entry of the audit."""
    command = ObjectToLook(application_id, body.look_id, by)
    return await commands.run(object_to_look, command, lambda made: look_schemas.Made(id=made), status=201)


@router.get("/applications/{application_id}/proof", responses=also(409))
async def proof(application_id: str, by: CurrentCitizen, queries: RequestQueries, request: Request) -> dict[str, Any]:
    """That your submission is in the audit: an inclusion proof under the newest checkpoint, which anybody can check without us
    (./eshik audit verify FILE --receipt RECEIPT). 409: no checkpoint holds it yet."""
    application = await queries.run(application_for, by, application_id)
    entry_id = await queries.run(submission_entry, application)
    found = await queries.run(proof_of, request.app.state.runtime.name, entry_id)
    if found is None:
        raise NotUnderCheckpoint
    return found


@router.get("/officer/objections")
async def objections(
    by: Overseer,
    queries: RequestQueries,
    say: Worded,
    state: Annotated[State | None, Query(description="Both without it")] = None,
) -> look_schemas.ObjectionsView:
    """What citizens objected to at your post, newest first, at most 200; at all posts for the ministry and for auditors."""
    rows = await queries.run(objections_for, by, state)
    return look_schemas.ObjectionsView(
        objections=[_objection(row, by, say) for row in rows],
        answers=[look_schemas.AnswerView(code=code, text=say(text)) for code, text in ANSWERED.items()],
    )


@router.post("/officer/objections/{objection_id}/answer", response_model=look_schemas.ObjectionView)
async def answer(
    objection_id: ObjectionId, body: look_schemas.ObjectionAnswer, by: Overseer, commands: RequestCommands, say: Worded
) -> JSONResponse:
    """Say what came of it; the citizen reads it beside the look. 403: for heads of the post and the ministry, and never about a
    look of one's own. 409: it was answered before."""
    command = AnswerObjection(objection_id, body.answer, by)
    return await commands.run(answer_objection, command, lambda made: _objection(made, by, say))


def _objection(row: dict[str, Any], by: Officer, say: Wording) -> look_schemas.ObjectionView:
    said: Answer | None = row.get("answer")
    return look_schemas.ObjectionView(
        **{name: row[name] for name in ("application_id", "reference", "post_id", "look_id", "looked_at", "officer_id")},
        id=row["_id"],
        objected_at=row["at"],
        reason=text_of(row["reason"], say.language),
        state="answered" if said else "open",
        answer=look_schemas.AnswerView(code=said, text=say(ANSWERED[said])) if said else None,
        answered_at=row.get("answered_at"),
        may_answer=said is None and may_answer(row, by),
    )


def _view(look: Look, objected: dict[str, dict[str, Any]], say: Wording) -> look_schemas.LookView:
    post, objection = look.who.get("post"), objected.get(look.id, {})
    said: Answer | None = objection.get("answer")
    return look_schemas.LookView(
        id=look.id,
        at=look.at,
        by=look.who["kind"],
        role=look.who.get("role"),
        post=named_post(post, say) if post else None,
        what=say(LOOKED_AT.get(look.act, LOOKED_AT["application:view"])),
        reason=text_of(look.reason, say.language),
        objected=look.id in objected,
        answer=say(ANSWERED[said]) if said else None,
        answered_at=objection.get("answered_at"),
    )
