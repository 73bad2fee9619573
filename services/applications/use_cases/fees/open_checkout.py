"""A citizen goes to the provider to pay a part of the fee: what the provider is told is kept first."""

from dataclasses import dataclass

from services.applications.domain.fee_account import Checkout
from services.applications.domain.fee_errors import CaseClosed, NotPaidOnline, ProviderAway
from services.applications.domain.transitions import NOT_PAID_FOR
from services.applications.fees.repository import Checkouts, Fees
from services.applications.repository import Applications
from shared.actors import Citizen
from shared.mongo.transactions import UnitOfWork


@dataclass(frozen=True, slots=True)
class OpenCheckout:
    checkout_id: str
    application_id: str
    part: str
    by: Citizen
    offered: bool  # a provider is there


async def open_checkout(command: OpenCheckout, uow: UnitOfWork) -> Checkout:
    """Raises ApplicationNotFound, NoFeeOwed, NoSuchPart, NothingOwed, NotPaidOnline, CaseClosed, ProviderAway."""
    application = await Applications(uow).get_for(command.by, command.application_id)
    if not command.offered:
        raise ProviderAway
    fee = await Fees(uow).of_case(application.id)
    part = fee.open_part(command.part)
    if part.paid_where != "post_or_online":
        raise NotPaidOnline
    if application.status in NOT_PAID_FOR:
        raise CaseClosed
    checkout = Checkout(
        command.checkout_id,
        application.id,
        application.citizen_id,
        application.post_id,
        part.id,
        part.amount_minor,
        part.currency,
        uow.at,
    )
    await Checkouts(uow).add(checkout)
    return checkout
