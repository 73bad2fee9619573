"""What officers do with a case: each act is a form of its own; those that cannot be undone are confirmed on their own page."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Form
from fastapi.responses import Response

from services.portal.apis import ApiProblem
from services.portal.forms import ON_THE_PAGE, TO_LANGUAGE, Faults
from services.portal.pages.officer_case import COMPARED, LOOKS, AtDesk, Desk, Typed, all_answers, draw_case, odd_keys
from services.portal.rendering import see_other
from shared.texts import N_

router = APIRouter(prefix="/officer/applications/{application_id}")
Key = Annotated[str, Form(max_length=64)]
Sent = Annotated[str, Form(max_length=64)]
OVERTAKEN = (  # 403 of somebody whose page is old, or of whom the API alone knows: the case itself tells more
    "not-the-claimer",
    "must-be-another-officer",
    "must-be-unrelated-officer",
    "proposer-must-be-replaced",
    "second-factor-needed",
)
CHOOSE_A_REASON = N_("Choose the reason for the refusal.")
CHOOSE_A_NOTE = N_("Choose what the other officer should look at.")
PROPOSED_ANEW = N_("The proposal is another one now. Look at it before you decide.")
CHOOSE_A_PLACE = N_("Choose who decides.")
TYPE_A_NUMBER = N_("Type the number that is printed on the blank.")


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked before an act that cannot be undone. agrees_with: the outcome that must have been proposed."""

    heading: str
    button: str
    path: str  # where yes is sent
    may: str  # the act as the API names it
    agrees_with: str = ""


APPROVE = Question(N_("Approve this application?"), N_("Approve"), "/approve", "decide", "approve")
REFUSE = Question(N_("Refuse this application?"), N_("Refuse"), "/refuse", "decide", "refuse")
USE_BLANK = Question(N_("Is this the number on the blank?"), N_("Record the number and issue"), "/blank", "record_blank")
IDENTITY = Question(
    N_("Have you compared the citizen with the passport?"), N_("Record the check and issue"), "/identity-check", "identity_check"
)
HANDOVER = Question(N_("Have you given the document to the citizen?"), N_("Record that it was given"), "/handover", "handover")
IF_APPROVED = {  # by what the service leads to
    "digital_document": N_(
        "The document will be issued and signed, and the citizen told by SMS and e-mail. This cannot be undone."
    ),
    "print_on_blank": N_(
        "The citizen will be told that the document is being prepared, and an officer records the number of a blank. "
        "This cannot be undone."
    ),
    "prepared_for_visit": N_(
        "The citizen will be asked to come with the passport. The document is issued once the identity is checked. "
        "This cannot be undone."
    ),
    "made_elsewhere": N_(
        "The citizen will be told that the application is approved. Another body makes what was applied for, and an officer "
        "records its arrival. This cannot be undone."
    ),
}
IF_REFUSED = N_(
    "The application will be closed, and the citizen told by SMS and e-mail that it is refused. This cannot be undone."
)
IF_ISSUED = N_("The document will be issued and signed, and the citizen told by SMS and e-mail. This cannot be undone.")

IF_HANDED_OVER = N_("The case is closed with this. This cannot be undone.")


@router.post("/claim")
async def claim(desk: AtDesk, key: Key = "") -> Response:
    return await act_on(desk, "claim", {}, key, done="claimed")


@router.post("/release")
async def release(desk: AtDesk, key: Key = "") -> Response:
    return await act_on(desk, "release", {}, key, done="released")


@router.post("/proposal")
async def propose(desk: AtDesk, outcome: Sent = "", reason: Sent = "", key: Key = "") -> Response:
    if outcome == "refuse" and not reason:
        return await _again(desk, "reason", CHOOSE_A_REASON)
    body = {"outcome": outcome} | ({"reason": reason} if outcome == "refuse" else {})
    return await act_on(desk, "proposal", body, key, done="proposed", names={"/reason": "reason"}, typed={"reason": reason})


@router.get("/approve")
async def ask_approve(desk: AtDesk) -> Response:
    return await _ask(desk, APPROVE)


@router.post("/approve")
async def approve(desk: AtDesk, key: Key = "") -> Response:
    return await act_on(desk, "decision", {"outcome": "approve"}, key, done="approved")


@router.get("/refuse")
async def ask_refuse(desk: AtDesk) -> Response:
    return await _ask(desk, REFUSE)


@router.post("/refuse")
async def refuse(desk: AtDesk, reason: Sent = "", key: Key = "") -> Response:
    """reason: the one that was proposed when the officer was asked; where it is another one by now, the API says so."""
    return await act_on(desk, "decision", {"outcome": "refuse", "reason": reason}, key, done="refused")


@router.post("/send-back")
async def send_back(desk: AtDesk, note: Sent = "", key: Key = "") -> Response:
    if not note:
        return await _again(desk, "note", CHOOSE_A_NOTE)
    body, names = {"outcome": "send_back", "reason": note}, {"/reason": "note"}
    return await act_on(desk, "decision", body, key, done="sent-back", names=names, typed={"note": note})


@router.post("/referral")
async def refer(desk: AtDesk, to: Sent = "", key: Key = "") -> Response:
    """to: a post, or the ministry, whose officers may decide as well."""
    if not to:
        return await _again(desk, "to", CHOOSE_A_PLACE)
    return await act_on(desk, "referral", {"to": to}, key, done="referred", names={"/to": "to"}, typed={"to": to})


@router.post("/blank")
async def blank(desk: AtDesk, blank_number: Sent = "", sure: Sent = "", key: Key = "", then: Sent = "") -> Response:
    """First shown once more, to be compared: the number stands in no address, so both steps are a POST."""
    number = " ".join(blank_number.split())[:32]
    if then == TO_LANGUAGE:
        return await draw_case(desk, typed=Typed({"blank_number": number}))
    if not number:
        return await _again(desk, "blank_number", TYPE_A_NUMBER)
    if not sure:
        return await _ask(desk, USE_BLANK, {"blank_number": number, "sure": "yes"})
    names, typed = {"/blank_number": "blank_number"}, {"blank_number": number}
    return await act_on(desk, "blank", {"blank_number": number}, key, done="blank-recorded", names=names, typed=typed)


@router.get("/identity-check")
async def ask_identity(desk: AtDesk) -> Response:
    return await _ask(desk, IDENTITY)


@router.post("/identity-check")
async def identity_check(desk: AtDesk, key: Key = "") -> Response:
    return await act_on(desk, "identity-check", {}, key, done="identity-checked")


@router.get("/handover")
async def ask_handover(desk: AtDesk) -> Response:
    return await _ask(desk, HANDOVER)


@router.post("/handover")
async def handover(desk: AtDesk, key: Key = "") -> Response:
    return await act_on(desk, "handover", {}, key, done="handed-over")


@router.get("/claim")
@router.get("/release")
@router.get("/proposal")
@router.get("/send-back")
@router.get("/referral")
@router.get("/blank")
async def back_to_the_case(desk: AtDesk) -> Response:
    """Where the language is changed while an answer to one of the forms is shown."""
    return see_other(desk.address())


async def act_on(
    desk: Desk,
    path: str,
    body: Mapping[str, Any],
    key: str,
    *,
    done: str,
    names: Mapping[str, str] | None = None,
    typed: dict[str, str] | None = None,
) -> Response:
    """names: the field of the page for a field of the API. Where another officer was quicker, the case as it stands now."""
    try:
        await desk.api.post("applications", f"{desk.api_path}/{path}", body, key=key)
    except ApiProblem as problem:
        if problem.status not in ON_THE_PAGE and problem.code not in OVERTAKEN:
            raise
        faults = Faults.of_problem(problem, names or {})
        desk.api.after_own_act()
        return desk.after_act(await draw_case(desk, typed=Typed(typed or {}, faults, problem.status)))
    return desk.after_act(see_other(desk.address(done=done)))


async def _again(desk: Desk, name: str, text: str, *, status: int = 422) -> Response:
    faults = Faults()
    faults.add(name, desk.pages.say(desk.request, text))
    return await draw_case(desk, typed=Typed({}, faults, status))


async def _ask(desk: Desk, question: Question, fields: Mapping[str, str] | None = None) -> Response:
    """Nothing is decided here; where it is no longer theirs to decide, the case shows why."""
    case = await desk.case()
    if question.may not in case["may"]:
        return see_other(desk.address())
    proposal = case["proposal"] if question.agrees_with else None
    if proposal and proposal["outcome"] != question.agrees_with:
        return await _again(desk, "acts", PROPOSED_ANEW, status=409)
    service = await desk.api.service(case["service"]["id"], of_case=True)
    compared = [each for each in case["answers"] if each["key"] in COMPARED]
    consequence = {APPROVE: IF_APPROVED[service["outcome"]], REFUSE: IF_REFUSED, HANDOVER: IF_HANDED_OVER}.get(
        question, IF_ISSUED
    )
    return desk.pages.render(
        desk.request,
        "officer/confirm.html",
        desk=desk,
        case=case,
        question=question,
        consequence=consequence,
        fields=fields or _of_the(proposal),
        proposal=proposal,
        post=await desk.post(),
        answers=all_answers(case, service) if question is APPROVE else compared,
        odd=odd_keys(case),
        **LOOKS,
    )


def _of_the(proposal: Mapping[str, Any] | None) -> dict[str, str]:
    """What is sent along with yes: the reason as it was read."""
    return {"reason": proposal["reason"]["code"]} if proposal and proposal["reason"] else {}
