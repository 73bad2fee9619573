"""A fee from the submission to its payment, with the service and the simulated provider on real ports."""

import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from fastapi import FastAPI
from pydantic import SecretStr

from deploy.local.sinks import payments
from services.applications.app import create_app
from services.applications.catalogue import the_catalogue
from services.applications.config import Settings
from services.applications.domain.tariff import Tariff
from services.applications.fees import provider as ours
from services.applications.fees.jobs import MOST_AT_ONCE, RECONCILE, compared, fee_job_kinds
from services.applications.fees.ledger import FeesAccount
from services.applications.fees.provider import Word
from services.applications.fees.queries import who_is_affected
from services.applications.use_cases.fees.watch_fee import WatchFee, look_at_fee
from shared.clock import SystemClock
from shared.jobs.job import Job
from shared.mongo.ledger import settled
from shared.mongo.transactions import Transactions
from shared.web.tokens import TokenVerifier
from tests.integration.applications_client import PNG, Headers, act, aigerim, database_of, gulnara, keyed, nurlan, start
from tests.support.keeping import Still
from tests.support.places import Place
from tests.support.running import on_a_port
from tests.support.serving import eventually
from tests.support.tokens import TestTokens
from tests.unit.applications.cases import HOLDER

pytestmark = pytest.mark.places_again

__all__ = ["aigerim", "gulnara", "nurlan"]
WORDS = "/api/payments/words"
SERVICE, PART = "no-conviction-certificate", "review-post-rub"
SECRET = b"between the two of us"
ANSWERS = HOLDER | {
    "for_whom": "self",
    "birth_place": "Ош шаары",
    "had_other_names": "no",
    "document_number": "AC1234567",
    "last_home_address": "Ош шаары",
    "purpose": "work",
    "apostille": "no",
    "delivery": "at_post",
    "country_of_stay": "RU",
    "address_abroad": "Екатеринбург, көчө Мира 1",
}


@dataclass
class Till:
    """The service, the provider, and what a citizen does between them."""

    app: FastAPI
    api: httpx.AsyncClient
    provider: httpx.AsyncClient
    payments: Path

    async def handed_in(self, who: Headers, **answers: str) -> str:
        started = await start(self.api, who, SERVICE)
        path = f"/api/applications/{started['id']}"
        assert (await self.api.put(f"{path}/answers", json={"answers": ANSWERS | answers}, headers=who)).status_code == 200
        picture = {"Content-Type": "image/png"}
        assert (await self.api.put(f"{path}/papers/identity", content=PNG, headers=who | picture)).status_code == 200
        answer = await self.api.post(f"{path}/submission", headers=keyed(who))
        assert (answer.status_code, answer.json()["status"]) == (200, "fee_due"), answer.text
        return str(started["id"])

    async def fee(self, who: Headers, case: str) -> dict[str, Any]:
        answer = await self.api.get(f"/api/applications/{case}/fee", headers=who)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def address(self, who: Headers, case: str) -> str:
        answer = await self.api.post(f"/api/applications/{case}/fee/checkout", json={"part": PART}, headers=keyed(who))
        assert answer.status_code == 200, answer.text
        return str(answer.json()["address"])

    async def pay(self, address: str, how: str = "succeeded") -> None:
        paid = await self.provider.post(address, data={"how": how})
        assert paid.status_code == 303, paid.text

    async def tell(self, words: str) -> None:
        assert (await self.provider.put("/behaviour", json={"words": words})).status_code == 200

    async def status(self, who: Headers, case: str) -> str:
        return str((await self.api.get(f"/api/applications/{case}", headers=who)).json()["status"])

    async def look(self, case: str, moment: datetime) -> None:
        """At its fee, as the job does at that moment."""
        await Transactions(self.app.state.runtime.database, Still(moment)).run(look_at_fee, WatchFee(case))

    async def until(self, who: Headers, case: str, status: str) -> None:
        async def there() -> bool:
            return await self.status(who, case) == status

        await eventually(there)

    async def kept(self, place: Place, case: str) -> list[dict[str, Any]]:
        async with database_of(place) as db:
            return list(await db.payments.find({"case_id": case}).to_list())


@asynccontextmanager
async def opened(place: Place, tokens: TestTokens, folder: Path) -> AsyncIterator[Till]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    more = {"payment_url": f"http://127.0.0.1:{port}", "payment_secret": SecretStr(SECRET.decode())}
    app = create_app(Settings.beside(place.settings()).model_copy(update=more))
    app.state.verifier = TokenVerifier("applications", tokens.keys, app.state.runtime.clock)
    file = folder / "payments.json"
    async with on_a_port(app) as api:
        provider = payments.create_app(file, SECRET, f"{api.base_url}/api/payments/words", SystemClock())
        async with on_a_port(provider, port=port) as asked:
            yield Till(app, api, asked, file)


@pytest.fixture
async def till(place: Place, tokens: TestTokens, tmp_path: Path) -> AsyncIterator[Till]:
    async with opened(place, tokens, tmp_path) as found:
        yield found


def signed(body: bytes, *, at: float | None = None) -> dict[str, str]:
    moment = str(int(at or datetime.now(UTC).timestamp()))
    return {ours.HEADER: f"t={moment},v1={ours.sign(SECRET, ours.word_text(moment, body))}", "Content-Type": "application/json"}


def word(checkout: str, *, number: str = "pay_0001", sequence: int = 1, state: str = "succeeded", amount: int = 160_000) -> bytes:
    paid_at = datetime.now(UTC).isoformat()
    told = {"payment": number, "checkout": checkout, "state": state, "amount_minor": amount, "currency": "RUB"}
    return json.dumps(told | {"sequence": sequence, "paid_at": paid_at}).encode()


async def test_a_case_waits_for_its_fee_and_goes_to_the_post_once_however_often_the_provider_says_it_is_paid(
    till: Till, aigerim: Headers, nurlan: Headers, place: Place
) -> None:
    case = await till.handed_in(aigerim)
    owed = await till.fee(aigerim, case)
    assert (owed["state"], [part["amount"]["text"] for part in owed["parts"]]) == ("due", ["1\u00a0600\u00a0рубль"])
    assert owed["illustrative"] is True  # the amount is our own default, and so is the rate
    assert (await act(till.api, nurlan, case, "claim")).status_code == 409

    await till.tell("twice")
    address = await till.address(aigerim, case)
    await till.pay(address, "failed")
    await till.pay(address)
    await till.until(aigerim, case, "submitted")
    await till.pay(address)  # the same page, paid once more

    async def heard() -> bool:
        return len(await till.kept(place, case)) == 2

    await eventually(heard)
    kept = await till.kept(place, case)
    assert sorted(one["state"] for one in kept) == ["counted", "surplus"]
    assert (await till.fee(aigerim, case))["state"] == "paid"
    assert (await act(till.api, nurlan, case, "claim")).status_code == 200


async def test_a_refund_that_is_told_before_its_payment_leaves_the_fee_open(till: Till, aigerim: Headers, place: Place) -> None:
    case = await till.handed_in(aigerim)
    await till.tell("backwards")
    await till.pay(await till.address(aigerim, case))
    (number,) = json.loads(till.payments.read_text())
    assert (await till.provider.post(f"/payments/{number}/refund")).status_code == 200
    await till.tell("normal")

    async def heard() -> bool:
        return [one["sequence"] for one in await till.kept(place, case)] == [2]

    await eventually(heard)
    assert [one["state"] for one in await till.kept(place, case)] == ["reversed"]
    assert (await till.fee(aigerim, case))["parts"][0]["state"] == "open"
    assert await till.status(aigerim, case) == "fee_due"


async def test_a_word_that_is_not_the_providers_or_too_old_or_of_no_checkout_changes_nothing(
    till: Till, aigerim: Headers, place: Place
) -> None:
    case = await till.handed_in(aigerim)
    checkout = httpx.URL(await till.address(aigerim, case)).params["checkout"]
    body, path = word(checkout), WORDS
    forged = await till.api.post(path, content=body.replace(b"160000", b"160001"), headers=signed(body))
    stale = await till.api.post(path, content=body, headers=signed(body, at=datetime.now(UTC).timestamp() - 301))
    bare = await till.api.post(path, content=body)
    assert [forged.status_code, stale.status_code, bare.status_code] == [401, 401, 401]
    unknown = word("none-of-ours")
    assert (await till.api.post(path, content=unknown, headers=signed(unknown))).status_code == 404
    assert await till.kept(place, case) == []

    short = word(checkout, number="pay_0002", amount=159_999)
    assert (await till.api.post(path, content=short, headers=signed(short))).json() == {"heard": "taken"}
    assert await till.status(aigerim, case) == "fee_due"
    assert (await till.api.post(path, content=body, headers=signed(body))).json() == {"heard": "taken"}
    assert (await till.api.post(path, content=body, headers=signed(body))).json() == {"heard": "known"}
    assert await till.status(aigerim, case) == "submitted"


async def test_an_officer_enters_a_receipt_for_exactly_what_is_owed_and_each_receipt_counts_once(
    till: Till, aigerim: Headers, nurlan: Headers, tokens: TestTokens
) -> None:
    first, second = [await till.handed_in(aigerim) for _ in range(2)]
    today = datetime.now(UTC).date().isoformat()
    given = {"part": PART, "number": "а-17/ 2", "amount_minor": 160_000, "currency": "RUB", "paid_on": today}
    wrong = await act(till.api, nurlan, first, "fee/receipts", given | {"amount_minor": 1600})
    assert (wrong.status_code, [one["pointer"] for one in wrong.json()["errors"]]) == (422, ["/amount_minor"])
    assert (await act(till.api, nurlan, first, "fee/receipts", given)).json()["status"] == "submitted"
    again = await act(till.api, nurlan, second, "fee/receipts", given | {"number": "А-17/2"})
    assert (again.status_code, again.json()["type"]) == (409, "/problems/receipt-already-used")
    assert await till.status(aigerim, second) == "fee_due"

    head = tokens.officer("bakyt", "head")
    day = (await till.api.get("/api/officer/cash", headers=head)).json()
    assert [(one["by"], one["sum"]["amount_minor"]) for one in day["sums"]] == [("receipt", 160_000)]
    assert [one["application_id"] for one in day["payments"]] == [first]
    assert (await till.api.get("/api/officer/cash", headers=nurlan)).status_code == 403


async def test_a_hardship_that_a_deciding_officer_grants_waives_the_fee_and_the_facts_work_it_out_again(
    till: Till, aigerim: Headers, nurlan: Headers, gulnara: Headers
) -> None:
    case = await till.handed_in(aigerim)
    rule = {"kind": "reduction", "code": "hardship", "reason": "no-means"}
    assert (await act(till.api, nurlan, case, "fee/adjustments", rule)).status_code == 403
    shown = (await till.api.get(f"/api/officer/applications/{case}/fee", headers=gulnara)).json()
    assert [one["code"] for one in shown["rules"]] == ["hardship"]
    assert "no-means" in [each["id"] for each in shown["reasons"]]
    for no_reason in (None, "because"):
        wrong = await act(till.api, gulnara, case, "fee/adjustments", rule | {"reason": no_reason})
        assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (422, "/reason")
    assert (await act(till.api, gulnara, case, "fee/adjustments", rule)).json()["status"] == "submitted"
    waived = await till.fee(aigerim, case)
    assert (waived["state"], waived["lines"][0]["charged"]["amount_minor"]) == ("waived", 0)
    refused = await till.api.post(f"/api/applications/{case}/fee/checkout", json={"part": PART}, headers=keyed(aigerim))
    assert refused.json()["type"] == "/problems/nothing-owed"


async def test_a_word_that_was_lost_is_heard_from_the_list_of_the_day(till: Till, aigerim: Headers, place: Place) -> None:
    case = await till.handed_in(aigerim)
    await till.tell("lost")
    await till.pay(await till.address(aigerim, case))
    runtime, day = till.app.state.runtime, datetime.now(UTC).date().isoformat()
    kind = fee_job_kinds(lambda: runtime.database.db, till.app.state.payments)[RECONCILE]
    job = Job(f"{RECONCILE}:{day}", RECONCILE, day, {"day": day}, 0, 1, datetime.now(UTC), "c", None, None)
    for _ in range(2):  # the second finds nothing more
        finish = await kind.run(job)
        assert finish is not None
        await runtime.transactions.run(finish.use_case, finish.command)
    assert await till.status(aigerim, case) == "submitted"
    async with database_of(place) as db:
        (row,) = await db.reconciliations.find().to_list()
        assert (row["listed"], len(row["repaired"]), row["unknown"], row["unlisted"]) == (1, 1, [], [])

        (holds,) = await settled(db.client, FeesAccount(db))
        assert (holds.faults, dict(holds.right.counts)) == ((), {"paid": 1, "waived": 0, "open": 0})
        await db.payments.update_one({"case_id": case}, {"$set": {"amount_minor": 1}})
        (broken,) = await settled(db.client, FeesAccount(db))
        assert [fault.id for fault in broken.faults] == [case]


async def test_a_later_word_that_it_is_paid_changes_nothing_and_one_that_it_failed_takes_it_back(
    till: Till, aigerim: Headers, place: Place
) -> None:
    case = await till.handed_in(aigerim)
    checkout = parse_qs(urlsplit(await till.address(aigerim, case)).query)["checkout"][0]
    for sequence in (1, 2):
        body = word(checkout, sequence=sequence)
        assert (await till.api.post(WORDS, content=body, headers=signed(body))).json() == {"heard": "taken"}
        assert [one["state"] for one in await till.kept(place, case)] == ["counted"]
        assert (await till.fee(aigerim, case))["state"] == "paid"
    body = word(checkout, sequence=3, state="failed")
    assert (await till.api.post(WORDS, content=body, headers=signed(body))).json() == {"heard": "taken"}
    assert [one["state"] for one in await till.kept(place, case)] == ["reversed"]
    assert (await till.fee(aigerim, case))["state"] == "due"
    at_the_post = (await till.api.get(f"/api/applications/{case}", headers=aigerim | {"Accept-Language": "en"})).json()
    assert at_the_post["status"] == "submitted"
    assert at_the_post["what_next"].startswith("Pay the fee: without it the document is not made.")


async def test_payments_of_others_in_the_list_of_a_day_are_named_and_hold_up_nothing(
    till: Till, aigerim: Headers, place: Place
) -> None:
    case = await till.handed_in(aigerim)
    checkout = parse_qs(urlsplit(await till.address(aigerim, case)).query)["checkout"][0]
    others = [Word.model_validate_json(word("not-of-ours", number=f"other_{number}")) for number in range(MOST_AT_ONCE + 1)]
    mine = Word.model_validate_json(word(checkout))
    async with database_of(place) as db:
        found = await compared(db, datetime.now(UTC).date(), [*others, mine])
    assert ([one.payment for one in found.news], len(found.unknown), found.left) == ([mine.payment], MOST_AT_ONCE + 1, 0)


async def test_a_change_of_a_tariff_names_the_drafts_that_follow_it_and_what_was_handed_in_and_keeps_the_old(
    till: Till, aigerim: Headers, place: Place
) -> None:
    handed_in = await till.handed_in(aigerim)
    draft = (await start(till.api, aigerim, SERVICE))["id"]
    before = the_catalogue().service(SERVICE)
    assert before.tariff is not None
    dearer = before.tariff.components[0].model_copy(update={"amount_minor": 2500})
    after = before.model_copy(update={"version": 2, "tariff": Tariff(components=(dearer,))})
    async with database_of(place) as db:
        found = await who_is_affected(db, before, after, datetime.now(UTC))
        unchanged = await who_is_affected(db, before, before, datetime.now(UTC))
    seen = {one.application_id: (one.follows, one.owes["RUB"], one.would_owe["RUB"]) for one in found.affected}
    assert seen == {handed_in: (False, 160_000, 200_000), draft: (True, 160_000, 200_000)}
    assert (unchanged.checked, unchanged.affected) == (2, [])
