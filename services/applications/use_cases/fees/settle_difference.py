"""An officer notes that a payment that was given back twice, by the office and by the provider, was settled."""

from dataclasses import dataclass, replace

from services.applications.domain import authority
from services.applications.domain.fee_account import Payment
from services.applications.domain.fee_errors import NothingToSettle
from services.applications.fees.repository import Payments
from services.applications.repository import Applications
from shared.actors import Officer
from shared.mongo.transactions import UnitOfWork


@dataclass(frozen=True, slots=True)
class SettleDifference:
    application_id: str
    payment_id: str
    by: Officer


async def settle_difference(command: SettleDifference, uow: UnitOfWork) -> Payment:
    """Raises ApplicationNotFound, RoleNotAllowed, MustBeUnrelated, NothingToSettle."""
    application, relations = await Applications(uow).case_for(command.by, command.application_id)
    role = authority.to_return_overpaid(application, command.by, relations)
    payments = Payments(uow)
    payment = await payments.find({"_id": command.payment_id, "case_id": application.id})
    if payment is None or not payment.to_settle:
        raise NothingToSettle
    noted = replace(payment, settled_at=uow.at, settled_by=command.by.id, version=payment.version + 1)
    await payments.save(noted)
    about = {"case": application.id, "person": application.citizen_id, "part": payment.part}
    uow.audit("fee:settle_difference", about=about, role=role, post=application.post_id)
    return noted
