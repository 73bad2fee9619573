"""The provider's list of a day against what we know: what was not heard is heard now, what does not agree is written down."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from services.applications.domain.fee_errors import NoSuchCheckout
from services.applications.fees.schema import RECONCILED
from services.applications.use_cases.fees.take_provider_word import ProviderWord, take_provider_word
from shared.jobs.job import NewJob
from shared.mongo.transactions import UnitOfWork

RECONCILE: Final = "reconcile-payments"


@dataclass(frozen=True, slots=True)
class Reconcile:
    """listed: how many the provider lists; news: of those that we knew otherwise or not; unlisted: ids of ours of that day that
    the provider does not know; unknown: payments of no checkout of ours; left: news beyond these, for another round, which this
    one schedules."""

    day: date
    listed: int
    news: Sequence[ProviderWord]
    unlisted: Sequence[str]
    unknown: Sequence[str] = ()
    left: int = 0
    round: int = 1


async def reconcile(command: Reconcile, uow: UnitOfWork) -> None:
    repaired, unknown = [], list(command.unknown)
    for word in command.news:
        try:
            if await take_provider_word(word, uow) == "taken":
                repaired.append(word.payment)
        except NoSuchCheckout:
            unknown.append(word.payment)
    key = {"_id": command.day.isoformat()}
    rows = uow.db[RECONCILED]
    before = await rows.find_one(key, session=uow.session) or {}
    row = key | {
        "ran_at": uow.at,
        "listed": command.listed,
        "repaired": [*before.get("repaired", []), *repaired],
        "unknown": unknown,
        "unlisted": [*command.unlisted],
        "left": command.left,
    }
    await rows.replace_one(key, row, upsert=True, session=uow.session)
    if command.left:
        following: dict[str, str | int] = {"day": command.day.isoformat(), "round": command.round + 1}
        uow.schedule(NewJob(RECONCILE, f"{command.day.isoformat()}:{command.round + 1}", uow.at, following))
