"""Reads of fees and payments: of one case, of a day at a post, and whom a change of a tariff concerns."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from services.applications.catalogue import the_catalogue
from services.applications.domain.application import Application
from services.applications.domain.fee_account import Fee, Payment
from services.applications.domain.fees import FeeLine, Money, assess
from services.applications.domain.service_definition import ServiceDefinition
from services.applications.domain.status import OPEN, Status
from services.applications.fees.repository import facts_now
from services.applications.fees.schema import FEES, PAYMENTS, RECONCILED
from services.applications.queries import application_for
from services.applications.schema import MAPPER
from services.applications.scopes import any_of
from shared.actors import Citizen, Officer
from shared.mongo.database import Db, Document

MOST_OF_DAY = 2_000
MOST_SURPLUS = 200
MOST_RECONCILED = 31
MOST_CHECKED = 5_000


@dataclass(frozen=True, slots=True)
class FeeOfCase:
    """fee: None where none was worked out yet: then lines says what it would be, by the answers so far."""

    application: Application
    definition: ServiceDefinition
    fee: Fee | None
    lines: tuple[FeeLine, ...]
    payments: tuple[Payment, ...]


@dataclass(frozen=True, slots=True)
class CashDay:
    """sums: of all that was counted on that day, by way and currency. payments: recorded on it, the first 2,000, of so many.
    surplus: paid too much there, whenever, and not given back yet, the first 200. twice: given back at the post and taken back by
    the provider, whenever, and not settled yet, as many."""

    sums: Mapping[tuple[str, str], Money]
    payments: tuple[Payment, ...]
    recorded: int
    surplus: tuple[Payment, ...]
    more_surplus: bool
    twice: tuple[Payment, ...]


@dataclass(frozen=True, slots=True)
class Affected:
    """One open case, and what a version of the tariff makes it owe. drafts: they follow the newest version."""

    application_id: str
    reference: str
    post_id: str
    status: str
    owes: Mapping[str, int]
    would_owe: Mapping[str, int]
    follows: bool


@dataclass(slots=True)
class TariffChange:
    """checked: how many open cases were looked at; more: there are more than that."""

    checked: int = 0
    more: bool = False
    affected: list[Affected] = field(default_factory=list)


async def fee_of_case(db: Db, actor: Citizen | Officer, application_id: str, at: datetime) -> FeeOfCase:
    """Raises ApplicationNotFound, also where the actor may not see it."""
    application = await application_for(db, actor, application_id)
    definition = the_catalogue().definition_of(application)
    row = await db.fees.find_one({"_id": application.id})
    fee = FEES.from_document(row) if row else None
    found = await db.payments.find({"case_id": application.id}).sort("at", 1).to_list()
    payments = tuple(PAYMENTS.from_document(one) for one in found)
    return FeeOfCase(application, definition, fee, fee.lines if fee else _estimate(application, definition, at), payments)


def _estimate(application: Application, definition: ServiceDefinition, at: datetime) -> tuple[FeeLine, ...]:
    if definition.tariff is None or application.status is not Status.DRAFT:
        return ()
    return assess(definition.tariff, facts_now(application, definition, application.answers, at=at))


async def cash_of_day(db: Db, posts: Iterable[str], day: date) -> CashDay:
    """posts: of posts_seen_by."""
    here = any_of(posts)
    shown: list[Payment] = []
    counted: Counter[tuple[str, str]] = Counter()
    recorded = 0
    async for row in db.payments.find({"post_id": here, "day": day.isoformat()}).sort("at", 1):
        recorded += 1
        if row["state"] == "counted":
            counted[row["by"], row["currency"]] += row["amount_minor"]
        if recorded <= MOST_OF_DAY:
            shown.append(PAYMENTS.from_document(row))
    sums = {key: Money(amount, key[1]) for key, amount in sorted(counted.items())}
    much: Document = {"state": "surplus", "post_id": here, "returned_at": None}
    surplus = [PAYMENTS.from_document(row) async for row in db.payments.find(much).sort("at", 1).limit(MOST_SURPLUS + 1)]
    twice = tuple(await _given_twice(db, {"post_id": here}))
    return CashDay(sums, tuple(shown), recorded, tuple(surplus[:MOST_SURPLUS]), len(surplus) > MOST_SURPLUS, twice)


async def reconciliations(db: Db) -> tuple[list[Document], dict[str, list[Payment]]]:
    """The newest first; and by day what of its payments was given back twice and is not settled."""
    rows = list(await db[RECONCILED].find().sort("_id", -1).limit(MOST_RECONCILED).to_list())
    twice: dict[str, list[Payment]] = {}
    for payment in await _given_twice(db, {"post_id": any_of(the_catalogue().posts)}):
        twice.setdefault(payment.provider_day or "", []).append(payment)
    return rows, twice


async def _given_twice(db: Db, where: Document) -> list[Payment]:
    """By the office before, and by the provider then: a difference that somebody settles. Who waits for longest first."""
    open_ones = where | {"state": "reversed", "settled_at": None, "twice_minor": {"$gt": 0}}
    return [PAYMENTS.from_document(row) async for row in db.payments.find(open_ones).sort("at", 1).limit(MOST_SURPLUS)]


async def references_of(db: Db, case_ids: Iterable[str]) -> dict[str, str]:
    rows = await db.applications.find({"_id": {"$in": sorted(set(case_ids))}}, {"reference": 1}).to_list()
    return {str(row["_id"]): str(row["reference"]) for row in rows}


async def who_is_affected(
    db: Db, before: ServiceDefinition, after: ServiceDefinition, at: datetime, *, post_id: str | None = None
) -> TariffChange:
    """Of a change from one version of a service to another: drafts will owe by the new one, what was handed in keeps the old.
    Only those are named whose amount differs. Each is worked out anew, from the answers of a draft or from the stored facts."""
    where: Document = {"post_id": post_id} if post_id else {"post_id": any_of(the_catalogue().posts)}
    where |= {"status": {"$in": [Status.DRAFT.value, *(status.value for status in OPEN)]}, "service_id": before.id}
    found = TariffChange()
    async for row in db.applications.find(where).limit(MOST_CHECKED + 1):
        if found.checked == MOST_CHECKED:
            found.more = True
            break
        found.checked += 1
        application = await MAPPER.read(db, row)
        follows = application.status is Status.DRAFT
        if not follows and application.service_version != before.version:
            continue
        owes, would_owe = (_sums(application, version, at) for version in (before, after))
        if owes != would_owe:
            of_it = (application.id, application.reference, application.post_id, application.status.value)
            found.affected.append(Affected(*of_it, owes, would_owe, follows))
    return found


def _sums(application: Application, definition: ServiceDefinition, at: datetime) -> dict[str, int]:
    """By currency. Of a draft as though it were handed in now."""
    moment = application.submitted_at or at
    found: dict[str, int] = {}
    if definition.tariff is not None:
        for line in assess(definition.tariff, facts_now(application, definition, application.answers, at=moment)):
            found[line.charged_currency] = found.get(line.charged_currency, 0) + line.charged_minor
    return found
