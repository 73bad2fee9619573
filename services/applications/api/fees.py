"""Fees: what a citizen owes and how it is paid, receipts that officers enter, and a head's day of cash."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import JSONResponse

from services.applications.api import fee_schemas as schemas
from services.applications.api.fee_views import cash_view, change_view, fee_view, officer_fee_view, reconciliation_view
from services.applications.api.post import SeenPosts
from services.applications.api.receipts import Receipt
from services.applications.api.schemas import Named, OfficerReceipt
from services.applications.api.wording import Worded
from services.applications.catalogue import the_catalogue
from services.applications.domain import authority
from services.applications.domain.application import Application
from services.applications.domain.fee_account import Checkout, Fee, Payment
from services.applications.domain.fees import Money
from services.applications.domain.looking import is_at_work, role_of
from services.applications.domain.relations import Relations
from services.applications.fees.provider import Provider, must_be_there
from services.applications.fees.queries import cash_of_day, fee_of_case, reconciliations, references_of, who_is_affected
from services.applications.queries import case_for
from services.applications.use_cases.fees.adjust_fee import AdjustFee, adjust_fee
from services.applications.use_cases.fees.note_return import NoteReturn, note_return
from services.applications.use_cases.fees.open_checkout import OpenCheckout, open_checkout
from services.applications.use_cases.fees.record_receipt import RecordReceipt, record_receipt
from services.applications.use_cases.fees.return_overpaid import ReturnOverpaid, return_overpaid
from services.applications.use_cases.fees.settle_difference import SettleDifference, settle_difference
from services.applications.use_cases.fees.void_receipt import VoidReceipt, void_receipt
from shared.actors import Officer
from shared.errors import DomainError, NotAllowed
from shared.web.auth import CurrentCitizen, CurrentOfficer
from shared.web.commands import RequestCommands, RequestQueries
from shared.web.description import also
from shared.web.looks import RequestLooks
from shared.web.moments import Day

router = APIRouter(prefix="/api", tags=["fees"])
CASH = "cash-of-the-post"
Version = Annotated[int, Query(ge=1, le=10_000)]


@router.get("/applications/{application_id}/fee")
async def own(application_id: str, request: Request, by: CurrentCitizen, queries: RequestQueries, say: Worded) -> schemas.FeeView:
    """What it costs and what was paid. Of a draft: what it would cost today, by its answers so far."""
    found = await queries.run(fee_of_case, by, application_id, say.now)
    return fee_view(found, say, online=request.app.state.payments is not None)


@router.post("/applications/{application_id}/fee/checkout", response_model=schemas.CheckoutView)
async def checkout(
    application_id: str, body: schemas.PartChosen, request: Request, by: CurrentCitizen, commands: RequestCommands, say: Worded
) -> JSONResponse:
    """Where to pay a part online. 404: no such part. 409: nothing is owed for it, it is not paid online, or nobody can pay
    online here."""
    provider: Provider | None = request.app.state.payments
    command = OpenCheckout(commands.new_id(), application_id, body.part, by, offered=provider is not None)

    def told(made: Checkout) -> schemas.CheckoutView:
        return schemas.CheckoutView(address=must_be_there(provider).address(made, say.language))

    return await commands.run(open_checkout, command, told)


@router.get("/officer/applications/{application_id}/fee")
async def of_case(
    application_id: str, by: CurrentOfficer, queries: RequestQueries, say: Worded, looks: RequestLooks
) -> schemas.OfficerFeeView:
    """The same for an officer, with what they may do about it. 428: as for the application itself."""
    application, relations = await queries.run(case_for, by, application_id)
    about = {"case": application.id, "person": application.citizen_id, "post": application.post_id}
    at_work, role = is_at_work(application, by, relations), role_of(by, application.post_id)
    await looks("application:view_fee", about=about, at_work=at_work, role=role)
    found = await queries.run(fee_of_case, by, application_id, say.now)
    return officer_fee_view(found, say, may=_may(application, by, relations, found.fee, found.payments) if found.fee else [])


@router.post("/officer/applications/{application_id}/fee/receipts", response_model=OfficerReceipt)
async def receipt(
    application_id: str, body: schemas.Receipt, by: CurrentOfficer, commands: RequestCommands, receipt: Receipt
) -> JSONResponse:
    """Enter a receipt, for exactly what is owed. 409: nothing is owed, the case is closed, or the receipt was entered before."""
    given = body.part, body.number, body.amount_minor, body.currency, body.paid_on
    return await commands.run(record_receipt, RecordReceipt(application_id, *given, by), receipt)


@router.post("/officer/applications/{application_id}/fee/receipts/void", response_model=OfficerReceipt)
async def receipt_voided(
    application_id: str, body: schemas.Voiding, by: CurrentOfficer, commands: RequestCommands, receipt: Receipt
) -> JSONResponse:
    """Declare a receipt void that was entered: what it had settled is owed again, and the citizen is told. 403: only the head,
    with a second factor. 409: it does not count, or something of it was given back."""
    return await commands.run(void_receipt, VoidReceipt(application_id, body.payment_id, body.reason, by), receipt)


@router.post("/officer/applications/{application_id}/fee/adjustments", response_model=OfficerReceipt)
async def adjustment(
    application_id: str, body: schemas.Adjusting, by: CurrentOfficer, commands: RequestCommands, receipt: Receipt
) -> JSONResponse:
    """Apply a rule of the tariff that is left to officers, before anything is paid; a reduction for a reason. 403: deciding
    officers and the head."""
    return await commands.run(adjust_fee, AdjustFee(application_id, body.kind, body.code, by, body.reason), receipt)


@router.post("/officer/applications/{application_id}/fee/returns", response_model=schemas.PaymentChosen)
async def given_back(
    application_id: str, body: schemas.PaymentChosen, by: CurrentOfficer, commands: RequestCommands
) -> JSONResponse:
    """Note that what was paid too much was given back. 409: it was not too much, or was given back before."""
    command = NoteReturn(application_id, body.payment_id, by)
    return await commands.run(note_return, command, lambda made: schemas.PaymentChosen(payment_id=made.id))


@router.post("/officer/applications/{application_id}/fee/settlements", response_model=schemas.PaymentChosen)
async def settled(
    application_id: str, body: schemas.PaymentChosen, by: CurrentOfficer, commands: RequestCommands
) -> JSONResponse:
    """Note that a payment that was given back twice, at the post and by the provider, is settled with its citizen. 409: it was
    not, or is settled already."""
    command = SettleDifference(application_id, body.payment_id, by)
    return await commands.run(settle_difference, command, lambda made: schemas.PaymentChosen(payment_id=made.id))


@router.post("/officer/applications/{application_id}/fee/overpaid/return", response_model=OfficerReceipt)
async def overpaid_returned(
    application_id: str, body: schemas.Overpaid, by: CurrentOfficer, commands: RequestCommands, receipt: Receipt
) -> JSONResponse:
    """Note that what was paid beyond what is owed was given back, all of it in one currency, and why. 409: so much is not, or was
    given back before."""
    command = ReturnOverpaid(application_id, Money(body.amount_minor, body.currency), body.reason, by)
    return await commands.run(return_overpaid, command, receipt)


@router.get("/officer/cash", responses=also(404))
async def cash(
    by: CurrentOfficer,
    queries: RequestQueries,
    say: Worded,
    seen: SeenPosts,
    looks: RequestLooks,
    day: Annotated[Day | None, Query(description="Today, at the post, without it")] = None,
) -> schemas.CashDayView:
    """What was paid at your posts on a day, what was paid too much, and what was given back twice. 403: heads and the ministry.
    404: no post of yours."""
    posts, on = seen.posts & _posts_of(by), day or seen.today
    found = await queries.run(cash_of_day, posts, on)
    references = await queries.run(references_of, [one.case_id for one in (*found.payments, *found.surplus, *found.twice)])
    if references:
        await looks("post:view_cash", about={"posts": sorted(posts)}, reason=CASH)
    return cash_view(found, on, references, say)


@router.get("/officer/payments/reconciliations")
async def compared(by: CurrentOfficer, queries: RequestQueries, say: Worded) -> schemas.ReconciliationsView:
    """The last days as they were compared with the payment provider. 403: heads and the ministry."""
    _posts_of(by)
    rows, twice = await queries.run(reconciliations)
    return schemas.ReconciliationsView(days=[reconciliation_view(row, twice.get(row["_id"], []), say) for row in rows])


@router.get("/officer/tariff-changes/{service_id}", responses=also(404))
async def tariff_change(
    service_id: Annotated[str, Path(max_length=64)],
    by: CurrentOfficer,
    queries: RequestQueries,
    say: Worded,
    looks: RequestLooks,
    before: Version,
    after: Version,
) -> schemas.TariffChangeView:
    """Which open cases owe another amount by another version of a service. 403: the ministry only."""
    if not by.is_ministry:
        raise NotAllowed
    catalogue = the_catalogue()
    old, new = catalogue.version(service_id, before), catalogue.version(service_id, after)
    found = await queries.run(who_is_affected, old, new, say.now)
    if found.affected:
        await looks("post:view_tariff_change", about={"posts": sorted({one.post_id for one in found.affected})}, reason=CASH)
    return change_view(found, Named(id=new.id, name=say(new.title)), before, after, say)


def _posts_of(by: Officer) -> frozenset[str]:
    """Where they see the cash. Raises NotAllowed."""
    heads = frozenset(the_catalogue().posts) if by.is_ministry else by.posts_with({"head"})
    if not heads:
        raise NotAllowed
    return heads


def _may(application: Application, by: Officer, relations: Relations, fee: Fee, payments: Sequence[Payment]) -> list[str]:
    twice = any(one.to_settle for one in payments)
    receipts = any(one.by == "receipt" and one.state == "counted" for one in payments)
    due = {"receipt": authority.to_take_payment, "adjust": authority.to_adjust_fee} if fee.state.state == "due" else {}
    checks = due | ({"return_overpaid": authority.to_return_overpaid} if fee.overpaid else {})
    checks |= {"settle": authority.to_return_overpaid} if twice else {}
    checks |= {"void": authority.to_void_receipt} if receipts else {}
    allowed = []
    for act, check in checks.items():
        try:
            check(application, by, relations)
        except DomainError:
            continue
        allowed.append(act)
    return allowed
