"""A payment that the provider takes back: who is told, what stops, and what was given back twice by it."""

from collections import Counter
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from services.applications.fees.jobs import RECONCILE, fee_job_kinds
from services.applications.fees.ledger import FeesAccount
from shared.jobs.job import Job
from shared.mongo.audit import AUDIT
from shared.mongo.ledger import settled
from tests.integration.applications_client import Headers, act, aigerim, database_of, gulnara, keyed, nurlan, paid, submitted
from tests.integration.test_fees import PART, WORDS, Till, signed, till, word
from tests.support.places import Place
from tests.support.serving import eventually
from tests.support.tokens import TestTokens
from tests.unit.applications.cases import POWER

pytestmark = pytest.mark.places_again

__all__ = ["aigerim", "gulnara", "nurlan", "till"]


async def checkout_of(till: Till, who: Headers, case: str, part: str = PART) -> str:
    answer = await till.api.post(f"/api/applications/{case}/fee/checkout", json={"part": part}, headers=keyed(who))
    assert answer.status_code == 200, answer.text
    return str(parse_qs(urlsplit(answer.json()["address"]).query)["checkout"][0])


async def heard(till: Till, body: bytes) -> None:
    assert (await till.api.post(WORDS, content=body, headers=signed(body))).json() == {"heard": "taken"}


async def told(place: Place, case: str) -> Counter[str]:
    async with database_of(place) as db:
        rows = await db.journal.find({"application_id": case}).to_list()
    return Counter(kind for row in rows for kind in row["event_types"])


async def shown_to(till: Till, officer: Headers, case: str) -> dict[str, Any]:
    """In the list of those that wait for an officer, and on its own page."""
    listed = (await till.api.get("/api/officer/applications?status=submitted", headers=officer)).json()["applications"]
    (row,) = (one for one in listed if one["id"] == case)
    page = (await till.api.get(f"/api/officer/applications/{case}", headers=officer)).json()
    desk = (await till.api.get(f"/api/officer/applications/{case}/desk", headers=officer)).json()
    unpaid = "unpaid" in [each["code"] for each in desk["missing"]]
    return {"row": bool(row["payment_taken_back_at"]), "case": bool(page["payment_taken_back_at"]), "desk": unpaid}


async def test_of_a_payment_that_is_taken_back_the_citizen_is_told_once_and_the_case_is_not_paid_until_it_is_paid_anew(
    till: Till, aigerim: Headers, nurlan: Headers, place: Place
) -> None:
    case = await till.handed_in(aigerim)
    checkout = await checkout_of(till, aigerim, case)
    await heard(till, word(checkout))
    assert await shown_to(till, nurlan, case) == {"row": False, "case": False, "desk": False}
    await heard(till, word(checkout, sequence=2, state="refunded"))
    await heard(till, word(checkout, sequence=3, state="refunded"))  # the provider says it again
    assert (await told(place, case))["application.payment_taken_back.v1"] == 1
    assert await shown_to(till, nurlan, case) == {"row": True, "case": True, "desk": True}
    mine = (await till.api.get(f"/api/applications/{case}", headers=aigerim)).json()
    assert (mine["fee"], bool(mine["payment_taken_back_at"])) == ("due", True)
    async with database_of(place) as db:
        assert [verdict.faults for verdict in await settled(db.client, FeesAccount(db))] == [()]
    await paid(till.api, aigerim, nurlan, case)
    assert await shown_to(till, nurlan, case) == {"row": False, "case": False, "desk": False}
    assert (await till.api.get(f"/api/applications/{case}", headers=aigerim)).json()["payment_taken_back_at"] is None


async def test_of_a_payment_that_is_taken_back_after_the_approval_no_document_is_made_before_it_is_paid_anew(
    till: Till, aigerim: Headers, nurlan: Headers, gulnara: Headers, tokens: TestTokens
) -> None:
    case = await submitted(till.api, aigerim, POWER)
    checkout = await checkout_of(till, aigerim, case, "issue-post-rub")
    await heard(till, word(checkout))
    assert (await act(till.api, nurlan, case, "claim")).status_code == 200
    assert (await act(till.api, nurlan, case, "proposal", {"outcome": "approve"})).status_code == 200
    assert (await act(till.api, gulnara, case, "decision", {"outcome": "approve"})).status_code == 200
    await heard(till, word(checkout, sequence=2, state="refunded"))
    refused = await act(till.api, nurlan, case, "identity-check")
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/fee-not-paid")
    await heard(till, word(checkout, sequence=3))  # there again
    assert (await act(till.api, nurlan, case, "identity-check")).json()["status"] == "approved"
    await heard(till, word(checkout, sequence=4, state="refunded"))  # before the document is made
    path, documents = f"/api/internal/applications/{case}/dossier", tokens.service("documents", "dossier:read")
    waits = await till.api.get(path, headers=documents)
    assert (waits.status_code, waits.json()["type"]) == (409, "/problems/fee-not-paid")
    page = (await till.api.get(f"/api/applications/{case}", headers=aigerim | {"Accept-Language": "en"})).json()
    assert page["what_next"] == "Pay the fee. Until it is paid, no document is made or handed over."
    await paid(till.api, aigerim, nurlan, case)
    assert (await till.api.get(path, headers=documents)).status_code == 200


async def test_a_receipt_that_the_head_declares_void_is_owed_again_its_citizen_is_told_and_its_number_is_taken(
    till: Till, aigerim: Headers, nurlan: Headers, place: Place, tokens: TestTokens
) -> None:
    case, head = await till.handed_in(aigerim), tokens.officer("bakyt", "head")
    await paid(till.api, aigerim, nurlan, case)
    (kept,) = await till.kept(place, case)
    void = {"payment_id": kept["_id"], "reason": "not-genuine"}
    shown = (await till.api.get(f"/api/officer/applications/{case}/fee", headers=head)).json()
    assert ("void" in shown["may"], "not-genuine" in [each["id"] for each in shown["void_reasons"]]) == (True, True)
    assert (await act(till.api, nurlan, case, "fee/receipts/void", void)).status_code == 403
    wrong = await act(till.api, head, case, "fee/receipts/void", void | {"reason": "because"})
    assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (422, "/reason")
    for expected in (200, 409):
        assert (await act(till.api, head, case, "fee/receipts/void", void)).status_code == expected
    assert (await told(place, case))["application.payment_taken_back.v1"] == 1
    assert (await till.fee(aigerim, case))["state"] == "due"
    number = kept["_id"].rpartition(":")[2]
    again = {"part": PART, "number": number, "amount_minor": 160_000, "currency": "RUB", "paid_on": kept["paid_on"]}
    assert (await act(till.api, nurlan, case, "fee/receipts", again)).json()["type"] == "/problems/receipt-already-used"
    async with database_of(place) as db:
        (entry,) = await db[AUDIT].find({"act": "fee:void_receipt"}).to_list()
        assert (entry["reason"], entry["about"]["case"]) == ("not-genuine", case)
        assert [verdict.faults for verdict in await settled(db.client, FeesAccount(db))] == [()]


async def until_kept(till: Till, place: Place, case: str, states: list[str]) -> None:
    async def there() -> bool:
        return sorted(one["state"] for one in await till.kept(place, case)) == states

    await eventually(there)


async def compare_today(till: Till) -> None:
    runtime, day = till.app.state.runtime, datetime.now(UTC).date().isoformat()
    kind = fee_job_kinds(lambda: runtime.database.db, till.app.state.payments)[RECONCILE]
    finish = await kind.run(Job(f"{RECONCILE}:{day}", RECONCILE, day, {"day": day}, 0, 1, datetime.now(UTC), "c", None, None))
    assert finish is not None
    await runtime.transactions.run(finish.use_case, finish.command)


async def test_what_the_provider_takes_back_after_the_post_gave_it_back_is_a_difference_of_the_day_until_somebody_settles_it(
    till: Till, aigerim: Headers, nurlan: Headers, place: Place, tokens: TestTokens
) -> None:
    case, head = await till.handed_in(aigerim), tokens.officer("bakyt", "head")
    address = await till.address(aigerim, case)
    for states in (["counted"], ["counted", "surplus"]):  # the same page, paid twice
        await till.pay(address)
        await until_kept(till, place, case, states)
    (number,) = [one["_id"].removeprefix("provider:") for one in await till.kept(place, case) if one["state"] == "surplus"]
    much = {"payment_id": f"provider:{number}"}
    assert (await act(till.api, nurlan, case, "fee/settlements", much)).status_code == 409
    assert (await act(till.api, nurlan, case, "fee/returns", much)).status_code == 200
    assert (await till.provider.post(f"/payments/{number}/refund")).status_code == 200
    await until_kept(till, place, case, ["counted", "reversed"])
    await compare_today(till)

    async def differences() -> tuple[bool, list[tuple[str, int]], list[tuple[str, int]]]:
        (day,) = (await till.api.get("/api/officer/payments/reconciliations", headers=head)).json()["days"]
        cash = (await till.api.get("/api/officer/cash", headers=head)).json()
        of_day = [(one["payment_id"], one["amount"]["amount_minor"]) for one in day["twice"]]
        at_post = [(one["id"], one["given_back_twice"]["amount_minor"]) for one in cash["twice"]]
        return day["agrees"], of_day, at_post

    both = [(much["payment_id"], 160_000)]
    assert await differences() == (False, both, both)
    fee = (await till.api.get(f"/api/officer/applications/{case}/fee", headers=nurlan | {"Accept-Language": "en"})).json()
    (twice,) = (one for one in fee["payments"] if one["id"] == much["payment_id"])
    assert ("settle" in fee["may"], twice["state_text"]) == (True, "Given back twice: at the post, and by the payment provider")
    assert fee["state"] == "paid", "the other payment still counts"
    for expected in (200, 409):
        assert (await act(till.api, nurlan, case, "fee/settlements", much)).status_code == expected
    assert await differences() == (True, [], [])
    async with database_of(place) as db:
        (entry,) = await db[AUDIT].find({"act": "fee:settle_difference"}).to_list()
        assert entry["about"]["case"] == case
        assert [verdict.faults for verdict in await settled(db.client, FeesAccount(db))] == [()]


async def test_what_was_given_back_of_a_payment_as_less_was_owed_is_a_difference_once_the_provider_takes_back_all_of_it(
    till: Till, aigerim: Headers, nurlan: Headers, place: Place
) -> None:
    case = await till.handed_in(aigerim, birth_date="1990-04-23")
    await heard(till, word(checkout := await checkout_of(till, aigerim, case)))
    assert (await act(till.api, nurlan, case, "claim")).status_code == 200
    marked = {"marks": [{"pointer": "/answers/birth_date", "note": "does-not-agree"}]}
    assert (await act(till.api, nurlan, case, "papers-request", marked)).status_code == 200
    path, older = f"/api/applications/{case}", {"answers": {"birth_date": "1960-04-23"}}
    assert (await till.api.put(f"{path}/asked-answers", json=older, headers=aigerim)).status_code == 200
    assert (await till.api.post(f"{path}/resubmission", headers=keyed(aigerim))).status_code == 200
    half = {"amount_minor": 80_000, "currency": "RUB", "reason": "less-is-owed"}
    assert (await act(till.api, nurlan, case, "fee/overpaid/return", half)).status_code == 200
    await heard(till, word(checkout, sequence=2, state="refunded"))
    (kept,) = await till.kept(place, case)
    assert (kept["state"], kept["twice_minor"]) == ("reversed", 80_000)
    owed = await till.fee(aigerim, case)
    assert [(part["state"], part["amount"]["amount_minor"]) for part in owed["parts"]] == [("open", 80_000)]
    async with database_of(place) as db:
        assert [verdict.faults for verdict in await settled(db.client, FeesAccount(db))] == [()]
