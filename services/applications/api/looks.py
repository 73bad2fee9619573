"""Who opened a case, and objecting to it; the proof of the submission; and the objections, for the head of the post."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import JSONResponse

from services.applications.api import look_schemas, schemas
from services.applications.api.views import post_name
from services.applications.api.wording import LOOKED_AT, Worded, Wording
from services.applications.domain.errors import NotUnderCheckpoint
from services.applications.objections import Look, looks_at, objected_to, objections_for
from services.applications.queries import application_for, submission_entry
from services.applications.use_cases.object_to_look import ObjectToLook, object_to_look
from shared.actors import Officer
from shared.audit.reasons import text_of
from shared.mongo.audit_proofs import proof_of
from shared.web.auth import CurrentCitizen, officer_with
from shared.web.commands import RequestCommands, RequestQueries

router = APIRouter(prefix="/api", tags=["audit"])
Before = Annotated[int | None, Query(ge=1, description="`next` of the page before")]
Limit = Annotated[int, Query(ge=1, le=100)]
Head = Annotated[Officer, Depends(officer_with("head", "ministry"))]


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


@router.get("/applications/{application_id}/proof")
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
async def objections(by: Head, queries: RequestQueries, say: Worded) -> look_schemas.ObjectionsView:
    """What citizens objected to at your post, newest first; at all posts for the ministry."""
    rows = await queries.run(objections_for, by)
    views = [
        look_schemas.ObjectionView(
            **{name: row[name] for name in ("application_id", "reference", "look_id", "looked_at", "officer_id")},
            id=row["_id"],
            objected_at=row["at"],
            reason=text_of(row["reason"], say.language),
        )
        for row in rows
    ]
    return look_schemas.ObjectionsView(objections=views)


def _view(look: Look, objected: set[str], say: Wording) -> look_schemas.LookView:
    post = look.who.get("post")
    return look_schemas.LookView(
        id=look.id,
        at=look.at,
        by=look.who["kind"],
        role=look.who.get("role"),
        post=schemas.Named(id=post, name=post_name(post, say)) if post else None,
        what=say(LOOKED_AT.get(look.act, LOOKED_AT["application:view"])),
        reason=text_of(look.reason, say.language),
        objected=look.id in objected,
    )
