"""An officer notes that what was paid beyond what is owed, as answers were changed on request, was given back."""

from dataclasses import dataclass

from services.applications.catalogue.casework import casework, choice
from services.applications.domain import authority
from services.applications.domain.application import Application
from services.applications.domain.errors import InvalidReason
from services.applications.domain.fee_account import Returned
from services.applications.domain.fees import Money
from services.applications.domain.journal import officer
from services.applications.fees.repository import Fees
from services.applications.repository import Applications
from shared.actors import Officer
from shared.mongo.transactions import UnitOfWork


@dataclass(frozen=True, slots=True)
class ReturnOverpaid:
    """amount: all of it in that currency, as the officer saw it. reason: a code of catalogue/casework.toml."""

    application_id: str
    amount: Money
    reason: str
    by: Officer


async def return_overpaid(command: ReturnOverpaid, uow: UnitOfWork) -> Application:
    """Raises ApplicationNotFound, RoleNotAllowed, MustBeUnrelated, InvalidReason, NoFeeOwed, NothingOverpaid."""
    applications, fees = Applications(uow), Fees(uow)
    application, relations = await applications.case_for(command.by, command.application_id)
    role = authority.to_return_overpaid(application, command.by, relations)
    if choice(casework().returns, command.reason) is None:
        raise InvalidReason("/reason")
    fee = await fees.of_case(application.id)
    fee.return_overpaid(Returned(command.amount, command.reason, command.by.id, role, uow.at))
    await fees.save(fee)
    about = {"case": application.id, "person": application.citizen_id}
    uow.audit("fee:return_overpaid", about=about, reason=command.reason, role=role, post=application.post_id)
    await applications.save(application, application.note_fee(fee.state, by=officer(command.by, role), at=uow.at))
    return application
