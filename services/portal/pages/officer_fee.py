"""A case's fee for officers: what is owed, receipts, rules of the tariff, too much given back, what was given back twice."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Form
from fastapi.responses import Response

from services.portal.apis import ApiProblem
from services.portal.days import PARTS, day_of
from services.portal.forms import TO_LANGUAGE, Faults
from services.portal.pages.citizen_fee import PART_LOOKS
from services.portal.pages.officer_case import LOOKS, AtDesk, Desk
from services.portal.rendering import see_other
from shared.texts import N_

router = APIRouter(prefix="/officer/applications/{application_id}/fee")
Sent = Annotated[str, Form(max_length=120)]
TYPE_A_RECEIPT = N_("Type the number of the receipt.")
TYPE_A_DAY = N_("Type the day on the receipt.")
ON_THE_PAGE = (403, 404, 409, 422)


@router.get("")
async def fee(desk: AtDesk) -> Response:
    return await _draw(desk, {}, Faults())


@router.get("/receipt")
@router.get("/rule")
@router.get("/return")
@router.get("/settled")
@router.get("/void")
@router.get("/overpaid")
async def back_to_the_fee(desk: AtDesk) -> Response:
    """Where the language is changed while an answer to one of the forms is shown."""
    return see_other(desk.address("/fee"))


@router.post("/receipt")
async def receipt(
    desk: AtDesk,
    part: Sent = "",
    number: Sent = "",
    day: Annotated[str, Form(alias="paid_on-day", max_length=4)] = "",
    month: Annotated[str, Form(alias="paid_on-month", max_length=4)] = "",
    year: Annotated[str, Form(alias="paid_on-year", max_length=6)] = "",
    key: Sent = "",
    then: Sent = "",
) -> Response:
    """For all of the part: what is owed is shown beside, and is what is entered."""
    faults = Faults()
    typed = {"part": part, "number": number} | dict(zip((f"paid_on-{one}" for one in PARTS), (day, month, year), strict=True))
    if then == TO_LANGUAGE:
        return await _draw(desk, typed, faults)
    if not number.strip():
        faults.add("number", desk.pages.say(desk.request, TYPE_A_RECEIPT))
    paid_on = day_of(desk.request, desk.pages, typed, "paid_on", faults)
    if paid_on is None and not faults.of("paid_on"):
        faults.add("paid_on", desk.pages.say(desk.request, TYPE_A_DAY), target="paid_on-day")
    if faults or paid_on is None:
        return await _draw(desk, typed, faults, status=422)
    return await _send(desk, "receipts", await _entered(desk, part, number, paid_on), key, typed)


@router.post("/rule")
async def rule(desk: AtDesk, chosen: Sent = "", why: Sent = "", key: Sent = "") -> Response:
    """chosen: reduction:hardship, as the form has it. why: of a reduction."""
    kind, _, code = chosen.partition(":")
    body = {"kind": kind, "code": code, "reason": why or None}
    return await _send(desk, "adjustments", body, key, {"chosen": chosen, "why": why})


@router.post("/return")
async def given_back(desk: AtDesk, payment: Sent = "", key: Sent = "") -> Response:
    return await _send(desk, "returns", {"payment_id": payment}, key, {})


@router.post("/void")
async def void(desk: AtDesk, payment: Sent = "", because: Sent = "", key: Sent = "") -> Response:
    body = {"payment_id": payment, "reason": because}
    return await _send(desk, "receipts/void", body, key, {"payment": payment, "because": because})


@router.post("/settled")
async def settled(desk: AtDesk, payment: Sent = "", key: Sent = "") -> Response:
    return await _send(desk, "settlements", {"payment_id": payment}, key, {})


@router.post("/overpaid")
async def overpaid_given_back(desk: AtDesk, amount: Sent = "", currency: Sent = "", back: Sent = "", key: Sent = "") -> Response:
    """amount: in the smallest coin, as the page showed it. back: why."""
    body = {"amount_minor": int(amount) if amount.isdecimal() else 0, "currency": currency, "reason": back}
    return await _send(desk, "overpaid/return", body, key, {"currency": currency, "back": back})


async def _entered(desk: Desk, part: str, number: str, paid_on: date) -> dict[str, Any]:
    owed = await desk.api.get("applications", f"{desk.api_path}/fee")
    amount = next((one["amount"] for one in owed["parts"] if one["id"] == part), {"amount_minor": 1, "currency": "USD"})
    money = {"amount_minor": amount["amount_minor"], "currency": amount["currency"]}
    return {"part": part, "number": number, "paid_on": paid_on.isoformat(), **money}


async def _send(desk: Desk, noun: str, body: dict[str, Any], key: str, typed: dict[str, str]) -> Response:
    try:
        await desk.api.post("applications", f"{desk.api_path}/fee/{noun}", body, key=key)
    except ApiProblem as problem:
        if problem.status not in ON_THE_PAGE:
            raise
        desk.api.after_own_act()
        why = {"overpaid/return": "back", "receipts/void": "because"}.get(noun, "why")
        faults = Faults.of_problem(problem, {"/number": "number", "/paid_on": "paid_on", "/kind": "chosen", "/reason": why})
        return await _draw(desk, typed, faults, status=problem.status)
    return desk.after_act(see_other(desk.address("/fee", done="fee")))


async def _draw(desk: Desk, typed: dict[str, str], faults: Faults, *, status: int = 200) -> Response:
    case = await desk.case()
    fee = await desk.api.get("applications", f"{desk.api_path}/fee")
    return desk.pages.render(
        desk.request,
        "fees/officer.html",
        status,
        desk=desk,
        case=case,
        fee=fee,
        zone=(await desk.post())["time_zone"],
        part_looks=PART_LOOKS,
        typed=typed,
        faults=faults,
        done=desk.request.query_params.get("done") == "fee",
        **LOOKS,
    )
