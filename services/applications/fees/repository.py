"""Fees, payments and checkouts, inside a transaction."""

from datetime import date, datetime

from pymongo.errors import DuplicateKeyError

from services.applications.catalogue import the_catalogue
from services.applications.domain.application import Application
from services.applications.domain.fee_account import Checkout, Fee, Payment
from services.applications.domain.fee_errors import NoFeeOwed, ReceiptAlreadyUsed
from services.applications.domain.fees import FeeFacts, facts_of
from services.applications.domain.form import applying_answers, today
from services.applications.domain.service_definition import ServiceDefinition
from services.applications.domain.tariff import Tariff
from services.applications.fees.schema import CHECKOUTS, FEES, PAYMENTS
from shared.errors import ConcurrentUpdate
from shared.mongo.aggregates import Aggregates
from shared.mongo.transactions import UnitOfWork


class Fees(Aggregates[Fee]):
    def __init__(self, uow: UnitOfWork) -> None:
        super().__init__(uow, "fees", FEES)

    async def of_case(self, case_id: str) -> Fee:
        """Raises NoFeeOwed."""
        fee = await self.find({"_id": case_id})
        if fee is None:
            raise NoFeeOwed
        return fee


class Payments(Aggregates[Payment]):
    def __init__(self, uow: UnitOfWork) -> None:
        super().__init__(uow, "payments", PAYMENTS)

    async def add_receipt(self, payment: Payment) -> None:
        """Raises ReceiptAlreadyUsed where any case ever had this receipt."""
        try:
            await self.add(payment)
        except DuplicateKeyError:
            raise ReceiptAlreadyUsed from None

    async def add_word(self, payment: Payment) -> None:
        """Raises ConcurrentUpdate where another word about the same payment was faster: the provider says it again."""
        try:
            await self.add(payment)
        except DuplicateKeyError:
            raise ConcurrentUpdate from None


class Checkouts(Aggregates[Checkout]):
    def __init__(self, uow: UnitOfWork) -> None:
        super().__init__(uow, "checkouts", CHECKOUTS)


def facts_anew(fee: Fee, definition: ServiceDefinition, answers: dict[str, str]) -> FeeFacts:
    """By other answers, and by the day and the rates of when the case was handed in."""
    facts, day = fee.facts, date.fromisoformat(fee.facts.day)
    known = {rate.base for rate in facts.rates}
    others = [rate for rate in the_catalogue().exchange.rates_into(facts.host, day) if rate.base not in known]
    return facts_of(
        tariff_of(fee),
        service_id=facts.service_id,
        service_version=facts.service_version,
        answers=applying_answers(definition, answers, day),
        day=day,
        host=facts.host,
        rates=(*facts.rates, *others),
        applicant=facts.applicant,
    )


def tariff_of(fee: Fee) -> Tariff:
    """Of the very version that the fee was worked out from."""
    found = the_catalogue().version(fee.facts.service_id, fee.facts.service_version).tariff
    return found or Tariff()


def facts_now(application: Application, definition: ServiceDefinition, answers: dict[str, str], *, at: datetime) -> FeeFacts:
    """What this version takes into account today, at the post of the application."""
    catalogue = the_catalogue()
    post = catalogue.post(application.post_id)
    day = today(post, at)
    host = catalogue.exchange.host(post.country, day)
    return facts_of(
        definition.tariff or Tariff(),
        service_id=definition.id,
        service_version=definition.version,
        answers=answers,
        day=day,
        host=host,
        rates=catalogue.exchange.rates_into(host, day),
    )
