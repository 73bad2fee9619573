"""A payment that had settled a part of a fee is gone: its case is not paid any more, and its citizen is told."""

from datetime import date

from services.applications.catalogue import the_catalogue
from services.applications.domain.application import Application
from services.applications.domain.fee_account import Fee, Payment
from services.applications.domain.fees import Money
from services.applications.domain.journal import ActorRef
from services.applications.fees.repository import Fees
from services.applications.fees.term import last_day, told_late
from services.applications.repository import Applications
from shared.mongo.transactions import UnitOfWork


async def take_back(payment: Payment, fee: Fee, *, by: ActorRef, uow: UnitOfWork) -> Application:
    """fee: as it is without that payment. Who is told of it has as many days left as who is told that the last one comes."""
    # what looks at the case each day, while something of it is paid, goes on to look
    applications = Applications(uow)
    await Fees(uow).save(fee)
    application = await applications.get(fee.id)
    post = the_catalogue().post(application.post_id)
    until = date.fromisoformat(application.pay_by) if application.pay_by else last_day(post, application.submitted_at or uow.at)
    taken = Money(payment.amount_minor, payment.currency)
    act = application.take_back_payment(fee.state, taken, pay_by=told_late(until, post, uow.at), by=by, at=uow.at)
    await applications.save(application, act)
    return application
