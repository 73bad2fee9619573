"""The head of a post declares a receipt void that an officer entered: what it had settled is owed again."""

from dataclasses import dataclass, replace

from services.applications.catalogue.casework import casework, choice
from services.applications.domain import authority
from services.applications.domain.application import Application
from services.applications.domain.errors import InvalidReason
from services.applications.domain.fee_errors import NotVoidable
from services.applications.domain.journal import officer
from services.applications.fees.repository import Fees, Payments
from services.applications.repository import Applications
from services.applications.use_cases.fees.take_back import take_back
from shared.actors import Officer
from shared.mongo.transactions import UnitOfWork


@dataclass(frozen=True, slots=True)
class VoidReceipt:
    """reason: a code of catalogue/casework.toml."""

    application_id: str
    payment_id: str
    reason: str
    by: Officer


async def void_receipt(command: VoidReceipt, uow: UnitOfWork) -> Application:
    """Its number stays taken. Raises ApplicationNotFound, RoleNotAllowed, MustBeUnrelated, InvalidReason, NotVoidable."""
    applications, fees, payments = Applications(uow), Fees(uow), Payments(uow)
    application, relations = await applications.case_for(command.by, command.application_id)
    role = authority.to_void_receipt(application, command.by, relations)
    if choice(casework().voids, command.reason) is None:
        raise InvalidReason("/reason")
    payment = await payments.find({"_id": command.payment_id, "case_id": application.id})
    if payment is None or payment.by != "receipt" or payment.state != "counted":
        raise NotVoidable
    fee = await fees.of_case(application.id)
    if fee.given_back_of(payment) or not fee.give_back(payment):
        raise NotVoidable
    await payments.save(replace(payment, state="reversed", voided_by=command.by.id, version=payment.version + 1))
    about = {"case": application.id, "person": application.citizen_id, "part": payment.part}
    uow.audit("fee:void_receipt", about=about, reason=command.reason, role=role, post=application.post_id)
    return await take_back(payment, fee, by=officer(command.by, role), uow=uow)
