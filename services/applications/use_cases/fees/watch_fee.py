"""The clock looks at a case whose fee was not paid: its citizen is told that the last day comes; then it is closed."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from services.applications.catalogue import the_catalogue
from services.applications.domain.application import Application
from services.applications.domain.status import Status
from services.applications.fees.repository import Fees
from services.applications.fees.term import AGAIN, ended_at, last_day, told_at, told_late, watch_fee
from services.applications.repository import Applications
from services.applications.use_cases.reserve_attachment import sweep_gone
from shared.errors import NotFound
from shared.mongo.transactions import UnitOfWork

ON_ITS_WAY = timedelta(days=2)  # who went to the provider may have paid: what it says is heard by the day after, or from its list


@dataclass(frozen=True, slots=True)
class WatchFee:
    application_id: str


@dataclass(frozen=True, slots=True)
class WatchOlder:
    """cases: what waits for its fee since before there was a last day: its id, its post, and when it was handed in."""

    cases: tuple[tuple[str, str, datetime], ...]


async def watch_older(command: WatchOlder, uow: UnitOfWork) -> None:
    """However often it is asked, one look each: it tells the citizen of a day that lies ahead, and sets it."""
    for case_id, post_id, handed_in in command.cases:
        post = the_catalogue().post(post_id)
        uow.schedule(watch_fee(case_id, told_at(last_day(post, handed_in), post)))


async def look_at_fee(command: WatchFee, uow: UnitOfWork) -> None:
    """Changes nothing where it was paid or ended otherwise. Never closes a case of which something was paid: it is looked at
    again the day after, for a payment may be taken back."""
    applications = Applications(uow)
    try:
        application = await applications.get(command.application_id)
    except NotFound:  # deleted by its rule
        return
    if application.status is not Status.FEE_DUE:
        return
    post = the_catalogue().post(application.post_id)
    handed_in = application.submitted_at or uow.at
    pay_by = date.fromisoformat(application.pay_by) if application.pay_by else last_day(post, handed_in)
    if uow.at < told_at(pay_by, post):  # it went on at another post, in another zone
        uow.schedule(watch_fee(application.id, told_at(pay_by, post)))
    elif await _is_paid_in_part(application, uow):
        uow.schedule(watch_fee(application.id, uow.at + AGAIN))
    elif application.told_to_pay_at is None:
        pay_by = told_late(pay_by, post, uow.at)
        until = ended_at(pay_by, post)
        await applications.save(application, application.remind_of_fee(pay_by=pay_by, until=until, at=uow.at))
        uow.schedule(watch_fee(application.id, until))
    elif uow.at < (until := ended_at(pay_by, post)):
        uow.schedule(watch_fee(application.id, until))
    else:
        before = application.attachments
        await applications.save(application, application.lapse(at=uow.at))
        sweep_gone(application, before, "expired", uow)


async def _is_paid_in_part(application: Application, uow: UnitOfWork) -> bool:
    """Also where money lies at the post that is to be given back, or may be on its way."""
    fee = await Fees(uow).of_case(application.id)
    if any(part.state == "paid" for part in fee.parts):
        return True
    kept = {"case_id": application.id, "state": {"$ne": "reversed"}, "returned_at": None}
    if await uow.db.payments.find_one(kept, {"_id": 1}, session=uow.session):
        return True
    gone = {"case_id": application.id, "opened_at": {"$gt": uow.at - ON_ITS_WAY}}
    return await uow.db.checkouts.find_one(gone, {"_id": 1}, session=uow.session) is not None
