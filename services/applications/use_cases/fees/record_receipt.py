"""An officer enters a receipt: of cash at the counter, of a terminal, or of the bank in Kyrgyzstan."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date

from services.applications.catalogue import the_catalogue
from services.applications.domain import authority
from services.applications.domain.application import Application
from services.applications.domain.fee_account import Payment
from services.applications.domain.fee_errors import AmountDiffers, PaidInFuture, ReceiptNumberUnusable
from services.applications.domain.form import today
from services.applications.domain.journal import officer
from services.applications.domain.relations import NONE_DECLARED
from services.applications.fees.repository import Fees, Payments
from services.applications.repository import Applications
from shared.actors import Officer
from shared.mongo.transactions import UnitOfWork

_NUMBER = re.compile(r"[A-ZА-ЯЁ0-9][A-ZА-ЯЁ0-9/.№-]{0,39}")


@dataclass(frozen=True, slots=True)
class RecordReceipt:
    """amount: in the smallest coin of the currency."""

    application_id: str
    part: str
    number: str
    amount_minor: int
    currency: str
    paid_on: date
    by: Officer


async def record_receipt(command: RecordReceipt, uow: UnitOfWork) -> Application:
    """Raises ApplicationNotFound, RoleNotAllowed, CaseClosed, NoFeeOwed, NoSuchPart, NothingOwed, AmountDiffers, PaidInFuture,
    ReceiptNumberUnusable, ReceiptAlreadyUsed."""
    applications, fees = Applications(uow), Fees(uow)
    application = await applications.get_for(command.by, command.application_id)
    role = authority.to_take_payment(application, command.by, NONE_DECLARED)
    fee = await fees.of_case(application.id)
    part = fee.open_part(command.part)
    day = today(the_catalogue().post(application.post_id), uow.at)
    if command.paid_on > day:
        raise PaidInFuture
    if (command.amount_minor, command.currency) != (part.amount_minor, part.currency):
        raise AmountDiffers
    payment = Payment(
        id=_receipt_id(command.number, application.post_id if part.paid_where == "post_or_online" else "bank"),
        case_id=application.id,
        citizen_id=application.citizen_id,
        post_id=application.post_id,
        part=part.id,
        by="receipt",
        amount_minor=command.amount_minor,
        currency=command.currency,
        paid_on=command.paid_on.isoformat(),
        day=day.isoformat(),
        at=uow.at,
        recorded_by=command.by.id,
    )
    await Payments(uow).add_receipt(fee.take(payment))
    await fees.save(fee)
    await applications.save(application, application.note_fee(fee.state, by=officer(command.by, role), at=uow.at))
    return application


def _receipt_id(number: str, issuer: str) -> str:
    """One spelling for all ways to write it, so that no receipt counts twice. Raises ReceiptNumberUnusable."""
    canonical = re.sub(r"\s+", "", unicodedata.normalize("NFC", number)).upper()
    if not _NUMBER.fullmatch(canonical):
        raise ReceiptNumberUnusable
    return f"receipt:{issuer}:{canonical}"
