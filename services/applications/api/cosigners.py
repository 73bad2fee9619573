"""Somebody else confirms an application: the applicant gives them a code, and they say yes or no from their own account."""

import secrets
from collections.abc import Mapping

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from services.applications.api import filling_schemas, views
from services.applications.api.wording import Worded, Wording
from services.applications.domain.application import Application
from services.applications.domain.filling import INVITATION_LASTS, Filling
from services.applications.domain.filling_acts import Confirming, CosignerState, can_invite, to_confirm
from services.applications.domain.filling_errors import NoSuchInvitation
from services.applications.domain.service_definition import ServiceDefinition
from services.applications.fillings import filling_of, hash_of, invitation_for
from services.applications.queries import application_for
from services.applications.use_cases.answer_invitation import AnswerInvitation, answer_invitation
from services.applications.use_cases.invite_cosigner import InviteCosigner, invite_cosigner
from shared.texts import N_
from shared.web.auth import CurrentCitizen
from shared.web.commands import RepeatableCommands, RequestCommands, RequestQueries
from shared.web.description import also
from shared.web.looks import RequestLooks

router = APIRouter(prefix="/api", tags=["citizen"])
_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # without what is read as something else
_GROUPS, _IN_A_GROUP = 4, 4  # 78 bits
_STATE: Mapping[CosignerState, str] = {
    "to_invite": N_("Not asked yet."),
    "invited": N_("Asked, and has not answered."),
    "run_out": N_("Asked, and did not answer in time."),
    "confirmed": N_("Confirmed what is answered now."),
    "changed": N_("Confirmed, and then answers were changed: what is answered now is not confirmed."),
    "declined": N_("Said no."),
}


def _new_code() -> str:
    return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(_IN_A_GROUP)) for _ in range(_GROUPS))


@router.get("/applications/{application_id}/cosigners")
async def cosigners(application_id: str, by: CurrentCitizen, queries: RequestQueries, say: Worded) -> filling_schemas.Cosigners:
    """Who else must confirm this application before it can be handed in, or approved, by what is answered now."""
    application = await queries.run(application_for, by, application_id)
    return _cosigners(application, await queries.run(filling_of, application), say)


@router.post("/applications/{application_id}/cosigners/{cosigner}/invitation", status_code=201, responses=also(409))
async def invitation(
    application_id: str, cosigner: str, by: CurrentCitizen, commands: RepeatableCommands
) -> filling_schemas.Invitation:
    """A code for the other person; an earlier one is worth nothing after. 409: they have confirmed, or nothing can be
    changed and nobody waits for it."""
    command = InviteCosigner(application_id, cosigner, _new_code(), by)
    await commands.run_repeatable(invite_cosigner, command)
    return filling_schemas.Invitation(code=command.secret, expires_at=commands.at + INVITATION_LASTS)


@router.post("/cosignatures/openings", responses=also(404))
async def opening(
    body: filling_schemas.InvitationCode, by: CurrentCitizen, queries: RequestQueries, say: Worded, looks: RequestLooks
) -> filling_schemas.ToConfirm:
    """What one is asked to confirm; how the applicant is reached is not in it. The applicant sees that it was looked at. 404: a
    code that is none."""
    secret = hash_of(body.code)
    application, filling = await queries.run(invitation_for, secret)
    shown = _to_confirm(application, filling, secret, by.id, say)
    about = {"case": application.id, "person": application.citizen_id, "post": application.post_id}
    await looks("application:view_to_confirm", about=about, reason="asked-to-confirm")
    return shown


@router.post("/cosignatures", response_model=filling_schemas.Confirmed, responses=also(404))
async def cosignature(body: filling_schemas.Confirmation, by: CurrentCitizen, commands: RequestCommands) -> JSONResponse:
    """Say yes or no. 409: the answers were changed since they were shown, or nothing can be changed any more."""
    command = AnswerInvitation(body.code, body.decision, body.version, by)
    said = filling_schemas.Confirmed(decision=body.decision)
    return await commands.run(answer_invitation, command, lambda _: said)


def cosigners_seen(application: Application, filling: Filling, say: Wording) -> list[filling_schemas.CosignerSeen]:
    """What an officer sees of who must confirm it."""
    return [
        filling_schemas.CosignerSeen(
            **_cosigner(each, say).model_dump(), state_text=say(_STATE[each.state]), assurance=each.assurance
        )
        for each in _wanted(application, filling, say)
    ]


def _cosigner(found: Confirming, say: Wording) -> filling_schemas.CosignerView:
    return filling_schemas.CosignerView(
        code=found.cosigner.code,
        label=say(found.cosigner.label),
        name=found.name,
        state=found.state,
        invited_at=found.invited_at,
        answered_at=found.answered_at,
    )


def _cosigners(application: Application, filling: Filling, say: Wording) -> filling_schemas.Cosigners:
    wanted = _wanted(application, filling, say)
    shown = [_cosigner(each, say) for each in wanted]
    complete = all(each.state == "confirmed" for each in wanted)
    return filling_schemas.Cosigners(cosigners=shown, complete=complete, can_be_asked=can_invite(application))


def _is_contact(definition: ServiceDefinition, key: str) -> bool:
    """Where and how the applicant is reached: nothing that another person confirms, or need know."""
    found = definition.field(key)
    return found is not None and (found.type == "phone" or found.contact)


def _wanted(application: Application, filling: Filling, say: Wording) -> list[Confirming]:
    definition = views.definition_of(application)
    return to_confirm(application, filling, definition, views.today_at_post(application, say), say.now)


def _to_confirm(application: Application, filling: Filling, secret: str, by: str, say: Wording) -> filling_schemas.ToConfirm:
    """Raises NoSuchInvitation, MayNotConfirmOwn, ConfirmedAsAnother."""
    found = filling.invited_by(secret, by=by, at=say.now)
    wanted = next((each for each in _wanted(application, filling, say) if each.cosigner.code == found.cosigner), None)
    if wanted is None or wanted.state in ("to_invite", "run_out"):  # as answered now, nobody need confirm it as that
        raise NoSuchInvitation
    row, definition = views.row_view(application, say), views.definition_of(application)
    return filling_schemas.ToConfirm(
        application_id=application.id,
        reference=application.reference,
        service=row.service,
        post=row.post,
        as_what=say(wanted.cosigner.label),
        name=wanted.name,
        answers=[each for each in views.answer_views(application, definition, say) if not _is_contact(definition, each.key)],
        version=application.version,
        state=wanted.state,
    )
