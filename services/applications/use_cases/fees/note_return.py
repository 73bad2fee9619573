"""An officer notes that what was paid too much was given back."""

from dataclasses import dataclass, replace

from services.applications.domain import authority
from services.applications.domain.fee_account import Payment
from services.applications.domain.fee_errors import NothingToReturn
from services.applications.fees.repository import Payments
from services.applications.repository import Applications
from shared.actors import Officer
from shared.mongo.transactions import UnitOfWork


@dataclass(frozen=True, slots=True)
class NoteReturn:
    application_id: str
    payment_id: str
    by: Officer


async def note_return(command: NoteReturn, uow: UnitOfWork) -> Payment:
    """Raises ApplicationNotFound, RoleNotAllowed, NothingToReturn."""
    application = await Applications(uow).get_for(command.by, command.application_id)
    role = authority.to_return_payment(application, command.by)
    payments = Payments(uow)
    payment = await payments.find({"_id": command.payment_id, "case_id": application.id})
    if payment is None or payment.state != "surplus" or payment.returned_at is not None:
        raise NothingToReturn
    noted = replace(payment, returned_at=uow.at, returned_by=command.by.id, version=payment.version + 1)
    await payments.save(noted)
    about = {"case": application.id, "person": application.citizen_id, "part": payment.part}
    uow.audit("fee:note_return", about=about, role=role, post=application.post_id)
    return noted
