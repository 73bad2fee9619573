"""A fee over time: one that is never paid, one whose answers change on request, and a day with more payments than are shown."""

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from cli.tariff_change import _write_down
from services.applications.catalogue import the_catalogue
from services.applications.domain.fee_account import Payment
from services.applications.fees.jobs import watch_all
from services.applications.fees.ledger import FeesAccount
from services.applications.fees.queries import MOST_OF_DAY
from services.applications.fees.schema import PAYMENTS
from services.applications.fees.term import WATCH_FEE, ended_at, told_at
from services.applications.schema import MAPPER
from shared.mongo.aggregates import Aggregates
from shared.mongo.audit import AUDIT
from shared.mongo.ledger import settled
from shared.mongo.transactions import UnitOfWork
from tests.integration.applications_client import Headers, act, aigerim, database_of, keyed, nurlan, paid
from tests.integration.test_fees import PART, WORDS, Till, signed, till, word
from tests.support.places import Place
from tests.support.serving import eventually
from tests.support.tokens import TestTokens

pytestmark = pytest.mark.places_again

__all__ = ["aigerim", "nurlan", "till"]


async def last_day_of(place: Place, case: str) -> date:
    async with database_of(place) as db:
        row = await db.applications.find_one({"_id": case})
    assert row is not None
    return date.fromisoformat(row["pay_by"])


async def as_it_was_before(case: str, uow: UnitOfWork) -> None:
    """Handed in long ago, by a release that knew of no last day."""
    stored = Aggregates(uow, "applications", MAPPER)
    application = await stored.get(case)
    application.pay_by, application.submitted_at = None, uow.at - timedelta(days=200)
    application.version += 1
    await stored.save(application)


async def test_a_case_of_which_nothing_is_paid_is_closed_told_beforehand_and_what_comes_after_it_is_given_back(
    till: Till, aigerim: Headers, nurlan: Headers, place: Place
) -> None:
    case = await till.handed_in(aigerim)
    checkout = parse_qs(urlsplit(await till.address(aigerim, case)).query)["checkout"][0]
    pay_by, post = await last_day_of(place, case), the_catalogue().post("yek")
    await till.look(case, told_at(pay_by, post))
    await till.look(case, ended_at(pay_by, post) - timedelta(seconds=1))
    assert await till.status(aigerim, case) == "fee_due"
    await till.look(case, ended_at(pay_by, post))
    assert await till.status(aigerim, case) == "expired"
    async with database_of(place) as db:
        told = await db.journal.find({"application_id": case}).sort("sequence", 1).to_list()
        assert [kind for row in told for kind in row["event_types"]] == [
            "application.submitted.v1", "application.fee_runs_out.v1", "application.expired.v1",
        ]  # fmt: skip
        assert [verdict.faults for verdict in await settled(db.client, FeesAccount(db))] == [()]
    late = word(checkout)
    assert (await till.api.post(WORDS, content=late, headers=signed(late))).status_code == 200
    assert [(one["state"], one["surplus_because"]) for one in await till.kept(place, case)] == [("surplus", "case-closed")]
    given = await act(till.api, nurlan, case, "fee/returns", {"payment_id": "provider:pay_0001"})
    assert given.status_code == 200, given.text


async def test_a_case_is_not_closed_while_money_for_it_is_at_the_post_or_on_its_way(
    till: Till, aigerim: Headers, nurlan: Headers, place: Place
) -> None:
    case = await till.handed_in(aigerim)
    pay_by, post = await last_day_of(place, case), the_catalogue().post("yek")
    await till.look(case, told_at(pay_by, post))
    checkout = parse_qs(urlsplit(await till.address(aigerim, case)).query)["checkout"][0]
    end = ended_at(pay_by, post)
    async with database_of(place) as db:
        await db.checkouts.update_one({"_id": checkout}, {"$set": {"opened_at": end - timedelta(hours=1)}})
        await till.look(case, end)
        assert await till.status(aigerim, case) == "fee_due"
        assert await db.jobs.count_documents({"kind": WATCH_FEE, "due_at": end + timedelta(days=1)}) == 1
    less = word(checkout, amount=1)
    assert (await till.api.post(WORDS, content=less, headers=signed(less))).status_code == 200
    await till.look(case, end + timedelta(days=9))
    assert await till.status(aigerim, case) == "fee_due"
    assert (await act(till.api, nurlan, case, "fee/returns", {"payment_id": "provider:pay_0001"})).status_code == 200
    await till.look(case, end + timedelta(days=10))
    assert await till.status(aigerim, case) == "expired"


@pytest.mark.parametrize(
    ("first", "then", "owed", "over"), [("1960-04-23", "1990-04-23", 80_000, 0), ("1990-04-23", "1960-04-23", 0, 80_000)]
)
async def test_an_answer_that_the_tariff_reads_and_that_is_changed_on_request_changes_what_is_owed(
    till: Till, aigerim: Headers, nurlan: Headers, place: Place, first: str, then: str, owed: int, over: int
) -> None:
    case = await till.handed_in(aigerim, birth_date=first)
    await paid(till.api, aigerim, nurlan, case)
    assert (await act(till.api, nurlan, case, "claim")).status_code == 200
    marked = {"marks": [{"pointer": "/answers/birth_date", "note": "does-not-agree"}]}
    assert (await act(till.api, nurlan, case, "papers-request", marked)).status_code == 200
    path = f"/api/applications/{case}"
    assert (
        await till.api.put(f"{path}/asked-answers", json={"answers": {"birth_date": then}}, headers=aigerim)
    ).status_code == 200
    assert (await till.api.post(f"{path}/resubmission", headers=keyed(aigerim))).status_code == 200
    shown = (await till.api.get(f"/api/officer/applications/{case}/fee", headers=nurlan)).json()
    assert sum(part["amount"]["amount_minor"] for part in shown["parts"] if part["state"] == "open") == owed
    assert [one["amount_minor"] for one in shown["overpaid"]] == ([over] if over else [])
    desk = (await till.api.get(f"/api/officer/applications/{case}/desk", headers=nurlan)).json()
    assert ("unpaid" in [each["code"] for each in desk["missing"]]) == bool(owed)
    assert ("return_overpaid" in shown["may"], bool(shown["return_reasons"])) == (bool(over), bool(over))
    amount = {"amount_minor": over or 1, "currency": shown["parts"][0]["amount"]["currency"]}
    for wrong, refused in (({"reason": "because"}, 422), ({"reason": "less-is-owed", "amount_minor": (over or 2) - 1}, 409)):
        assert (await act(till.api, nurlan, case, "fee/overpaid/return", amount | wrong)).status_code == refused
    if over:
        for expected in (200, 409):
            noted = await act(till.api, nurlan, case, "fee/overpaid/return", amount | {"reason": "less-is-owed"})
            assert noted.status_code == expected, noted.text
        assert (await till.fee(aigerim, case))["overpaid"] == []
    async with database_of(place) as db:
        assert [verdict.faults for verdict in await settled(db.client, FeesAccount(db))] == [()]
        written = await db[AUDIT].find({"act": "fee:return_overpaid"}).to_list()
        assert [(row["reason"], row["about"]["case"]) for row in written] == ([("less-is-owed", case)] if over else [])
    await paid(till.api, aigerim, nurlan, case)
    assert (await till.fee(aigerim, case))["state"] == "paid"


async def test_what_waits_for_its_fee_since_before_there_was_a_last_day_is_told_of_one_that_lies_ahead_and_closed_after_it(
    till: Till, aigerim: Headers, place: Place
) -> None:
    case, post = await till.handed_in(aigerim), the_catalogue().post("yek")
    transactions = till.app.state.runtime.transactions
    await transactions.run(as_it_was_before, case)
    async with database_of(place) as db:
        await db.jobs.delete_many({"kind": WATCH_FEE})
        for _ in range(2):
            await watch_all(db, transactions)

        async def told() -> bool:
            return await db.applications.count_documents({"_id": case, "pay_by": {"$gt": ""}}) == 1

        await eventually(told, every_s=0.2)
        journal = await db.journal.find({"application_id": case, "event_types": "application.fee_runs_out.v1"}).to_list()
        assert len(journal) == 1
    pay_by = await last_day_of(place, case)
    assert pay_by > datetime.now(UTC).date() + timedelta(days=10)
    assert await till.status(aigerim, case) == "fee_due"
    await till.look(case, ended_at(pay_by, post))
    assert await till.status(aigerim, case) == "expired"


async def test_a_day_of_cash_counts_what_it_does_not_show(till: Till, place: Place, tokens: TestTokens) -> None:
    moment, day = datetime.now(UTC), date(2026, 1, 5)
    one = Payment("0", "c", "p", "yek", PART, "receipt", 100, "RUB", day.isoformat(), day.isoformat(), moment)
    rows = [PAYMENTS.to_document(replace(one, id=str(number))) for number in range(MOST_OF_DAY + 3)]
    async with database_of(place) as db:
        await db.payments.insert_many(rows)
    head = tokens.officer("bakyt", "head")
    shown = (await till.api.get(f"/api/officer/cash?day={day}", headers=head)).json()
    assert [line["sum"]["amount_minor"] for line in shown["sums"]] == [100 * (MOST_OF_DAY + 3)]
    assert (len(shown["payments"]), shown["recorded"]) == (MOST_OF_DAY, MOST_OF_DAY + 3)


async def test_who_asks_from_the_command_line_whom_a_tariff_affects_stands_in_the_audit(
    till: Till, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with database_of(place) as db:
        monkeypatch.setenv("ESHIK_MONGO_URL", place.mongo_url)
        monkeypatch.setenv("ESHIK_DATABASE_PREFIX", place.database_prefix)
        service = the_catalogue().service("return-certificate")
        await asyncio.to_thread(_write_down, service, service)
        (entry,) = await db[AUDIT].find({"act": "tariff:ask-affected"}).to_list()
    assert (entry["who"]["kind"], entry["about"]["service"]) == ("operator", "return-certificate")
