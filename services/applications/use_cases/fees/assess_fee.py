"""As an application is handed in, what it owes is worked out and kept: from then on it stays, whatever the tariff becomes."""

from services.applications.catalogue import the_catalogue
from services.applications.domain.application import Application
from services.applications.domain.fee_account import Fee
from services.applications.domain.service_definition import ServiceDefinition
from services.applications.fees.repository import Fees, facts_now
from shared.actors import Citizen
from shared.mongo.transactions import UnitOfWork


def assessed(application: Application, definition: ServiceDefinition, by: Citizen, uow: UnitOfWork) -> Fee | None:
    """Of the answers as they are handed in. None: this version of the service has no tariff. Raises as handing it in does."""
    if definition.tariff is None:
        return None
    catalogue = the_catalogue()
    post, formats = catalogue.post(application.post_id), catalogue.formats
    answers = application.must_be_submittable(by=by, definition=definition, post=post, formats=formats, at=uow.at)
    facts = facts_now(application, definition, answers, at=uow.at)
    whose = {"citizen_id": application.citizen_id, "post_id": application.post_id}
    return Fee.of_case(application.id, **whose, facts=facts, tariff=definition.tariff, at=uow.at)


async def keep_fee(fee: Fee | None, uow: UnitOfWork) -> None:
    """In the transaction that hands the case in."""
    if fee is not None:
        await Fees(uow).add(fee)
