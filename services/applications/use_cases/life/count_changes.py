"""What a citizen changed on request counts from the moment the post goes on: for the fee, for who must confirm it, in lists."""

from dataclasses import dataclass

from services.applications.catalogue import the_catalogue
from services.applications.domain import asking
from services.applications.domain.application import Application
from services.applications.domain.fee_account import Fee
from services.applications.domain.filling import Filling
from services.applications.domain.filling_acts import Confirming, is_unconfirmed
from services.applications.fees.repository import Fees, facts_anew, tariff_of
from services.applications.fillings import Fillings
from services.applications.unusual import note_unusual
from services.applications.use_cases.invite_cosigner import wanted_of
from shared.contracts.applications import Owed
from shared.mongo.transactions import UnitOfWork


@dataclass(frozen=True, slots=True)
class Changes:
    """wanted: who must confirm it, by the answers of now. owed: whether there is a further fee."""

    filling: Filling
    wanted: list[Confirming]
    owed: Owed

    def note(self, application: Application, uow: UnitOfWork) -> None:
        """After the act, before the case is saved: what nobody has compared of it yet."""
        note_unusual(application, self.filling.confirmed, uow.at)


async def count_changes(application: Application, uow: UnitOfWork) -> Changes:
    """Before the act by which the post goes on, and in its transaction. Where that act is refused, nothing of it is kept."""
    filling = await Fillings(uow).of(application)
    wanted = wanted_of(application, filling, uow)
    definition = the_catalogue().definition_of(application)
    fee = await _reassessed(application, uow)
    asking.take_changes(application, definition, fee=fee.state if fee else None, unconfirmed=is_unconfirmed(wanted))
    return Changes(filling, wanted, Owed.FEE if fee and fee.state.state == "due" else Owed.NOTHING)


async def _reassessed(application: Application, uow: UnitOfWork) -> Fee | None:
    """None: what was changed changes nothing of what is owed."""
    fees = Fees(uow)
    fee = await fees.find({"_id": application.id})
    if fee is None:
        return None
    definition = the_catalogue().definition_of(application)
    if not fee.reassess(facts_anew(fee, definition, application.answers), tariff=tariff_of(fee), at=uow.at):
        return None
    await fees.save(fee)
    return fee
