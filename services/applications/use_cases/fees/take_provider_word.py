"""What the provider says of a payment: it may come twice, late, out of order, or from the list of the day after."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Literal
from zoneinfo import ZoneInfo

from services.applications.catalogue import the_catalogue
from services.applications.domain.fee_account import Checkout, Fee, Payment
from services.applications.domain.fee_errors import NoSuchCheckout
from services.applications.domain.form import today
from services.applications.domain.journal import service
from services.applications.domain.transitions import NOT_PAID_FOR
from services.applications.fees.repository import Checkouts, Fees, Payments
from services.applications.repository import Applications
from services.applications.use_cases.fees.take_back import take_back
from shared.mongo.transactions import UnitOfWork

Heard = Literal["taken", "known"]
PROVIDER = "payments"


@dataclass(frozen=True, slots=True)
class ProviderWord:
    """sequence: grows with each change of the payment at the provider, and each word says all of its state."""

    payment: str
    checkout: str
    state: Literal["succeeded", "failed", "refunded"]
    amount_minor: int
    currency: str
    sequence: int
    paid_at: datetime


async def take_provider_word(word: ProviderWord, uow: UnitOfWork) -> Heard:
    """known: nothing changed, because this or a later word was heard before. Raises NoSuchCheckout, ConcurrentUpdate."""
    checkout = await Checkouts(uow).find({"_id": word.checkout})
    if checkout is None:
        raise NoSuchCheckout
    known = await Payments(uow).find({"_id": payment_id(word.payment)})
    if known is not None and word.sequence <= known.sequence:
        return "known"
    if word.state == "failed" and known is None:  # nothing was paid, and the citizen may try again
        return "known"
    await (_changed(known, word, uow) if known else _new(checkout, word, uow))
    return "taken"


def payment_id(number: str) -> str:
    return f"provider:{number}"


async def _new(checkout: Checkout, word: ProviderWord, uow: UnitOfWork) -> None:
    application = await Applications(uow).get(checkout.case_id)
    post = the_catalogue().post(application.post_id)  # where it is now: a post may have closed meanwhile
    made = Payment(
        id=payment_id(word.payment),
        case_id=checkout.case_id,
        citizen_id=checkout.citizen_id,
        post_id=application.post_id,
        part=checkout.part,
        by="provider",
        amount_minor=word.amount_minor,
        currency=word.currency,
        paid_on=word.paid_at.astimezone(ZoneInfo(post.time_zone)).date().isoformat(),
        day=today(post, uow.at).isoformat(),
        at=uow.at,
        sequence=word.sequence,
        provider_day=word.paid_at.astimezone(UTC).date().isoformat(),
    )
    if word.state == "refunded":  # before we heard that it was paid: it never counted
        await Payments(uow).add_word(replace(made, state="reversed"))
        return
    fee = await Fees(uow).of_case(checkout.case_id)
    if application.status in NOT_PAID_FOR:
        await Payments(uow).add_word(replace(made, state="surplus", surplus_because="case-closed"))
        return
    kept = fee.take(made)
    await Payments(uow).add_word(kept)
    if kept.state == "counted":
        await _tell_case(fee, uow)


async def _changed(known: Payment, word: ProviderWord, uow: UnitOfWork) -> None:
    """A later word about a payment that is known: taken back, after all failed, or, out of a mistake of the provider's, there
    again. One that says again that it was paid changes nothing of what it settled; one taken back after the post gave it back
    is a difference that somebody settles."""
    fee = await Fees(uow).of_case(known.case_id)
    changed, payments = replace(known, sequence=word.sequence, version=known.version + 1), Payments(uow)
    if word.state != "succeeded" and known.state != "reversed":
        changed = replace(changed, state="reversed", surplus_because=None, twice_minor=fee.given_back_of(known))
        await payments.save(changed)
        if fee.give_back(known):
            await take_back(changed, fee, by=service(PROVIDER), uow=uow)
        return
    if word.state == "succeeded" and known.state == "reversed":
        changed = await _there_again(changed, fee, uow)
    await payments.save(changed)
    if changed.state == "counted" and known.state == "reversed":
        await _tell_case(fee, uow)


async def _there_again(payment: Payment, fee: Fee, uow: UnitOfWork) -> Payment:
    if (await Applications(uow).get(payment.case_id)).status in NOT_PAID_FOR:
        return replace(payment, state="surplus", surplus_because="case-closed")
    if payment.returned_at is not None:  # it was given back at the post, and does not count
        return replace(payment, state="surplus", surplus_because="already-paid", twice_minor=0)
    return fee.take(payment)


async def _tell_case(fee: Fee, uow: UnitOfWork) -> None:
    applications = Applications(uow)
    await Fees(uow).save(fee)
    application = await applications.get(fee.id)
    await applications.save(application, application.note_fee(fee.state, by=service(PROVIDER), at=uow.at))
