"""An officer applies a rule of the tariff that no answer decides: a reduction for a reason, a surcharge for when it was done."""

from dataclasses import dataclass
from typing import Literal

from services.applications.catalogue.casework import casework, choice
from services.applications.domain import authority
from services.applications.domain.application import Application
from services.applications.domain.errors import InvalidReason
from services.applications.domain.fee_account import Adjustment
from services.applications.domain.journal import officer
from services.applications.fees.repository import Fees, tariff_of
from services.applications.repository import Applications
from shared.actors import Officer
from shared.mongo.transactions import UnitOfWork


@dataclass(frozen=True, slots=True)
class AdjustFee:
    application_id: str
    kind: Literal["reduction", "surcharge"]
    code: str
    by: Officer
    reason: str | None = None


async def adjust_fee(command: AdjustFee, uow: UnitOfWork) -> Application:
    """Raises ApplicationNotFound, RoleNotAllowed, MustBeUnrelated, CaseClosed, InvalidReason where a reduction has none,
    NoFeeOwed, NotInTariff, AlreadyGranted, AlreadyPaid."""
    applications, fees = Applications(uow), Fees(uow)
    application, relations = await applications.case_for(command.by, command.application_id)
    role = authority.to_adjust_fee(application, command.by, relations)
    reason = command.reason if command.kind == "reduction" else None
    if command.kind == "reduction" and choice(casework().waivers, reason) is None:
        raise InvalidReason("/reason")
    fee = await fees.of_case(application.id)
    fee.adjust(Adjustment(command.kind, command.code, command.by.id, role, uow.at, reason), tariff=tariff_of(fee))
    await fees.save(fee)
    about = {"case": application.id, "person": application.citizen_id, "rule": command.code}
    uow.audit(f"fee:grant_{command.kind}", about=about, reason=reason, role=role, post=application.post_id)
    await applications.save(application, application.note_fee(fee.state, by=officer(command.by, role), at=uow.at))
    return application
