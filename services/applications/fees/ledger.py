"""What must hold among fees: what is owed is paid, waived or open, and the stored facts give the stored amounts.

Each payment that counts has settled its part, and each part that is paid has its payment.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from services.applications.domain.fee_account import Fee, Payment
from services.applications.domain.fees import assess
from services.applications.fees.repository import tariff_of
from services.applications.fees.schema import FEES, PAYMENTS
from shared.ledger import Fault, Side, Verdict
from shared.mongo.database import Db, Document, Session
from shared.mongo.ledger import ALL, Span, those

NONE: Document = {"review": "none", "issue": "none"}


@dataclass(slots=True)
class Owing:
    """One case: what it knows of its fee (None: there is no such case), its fee, and its payments by their id."""

    known: Document | None = None
    fee: Fee | None = None
    payments: dict[str, Payment] = field(default_factory=dict)


class FeesAccount:
    def __init__(self, db: Db, span: Span = ALL) -> None:
        self._db, self._span = db, span

    async def gather(self, session: Session | None, again: Mapping[str, Owing] | None) -> dict[str, Owing]:
        keys = None if again is None else list(again)
        found: dict[str, Owing] = defaultdict(Owing)
        async for row in self._db.fees.find(those(keys, span=self._span), session=session):
            found[row["_id"]].fee = FEES.from_document(row)
        async for row in self._db.payments.find(those(keys, "case_id", self._span), session=session):
            found[row["case_id"]].payments[row["_id"]] = PAYMENTS.from_document(row)
        async for row in self._db.applications.find(those(keys, span=self._span), {"fee": 1}, session=session):
            known = row.get("fee", NONE)
            if known != NONE or row["_id"] in found:
                found[row["_id"]].known = known
        return dict(found)

    def judge(self, evidence: Mapping[str, Owing]) -> list[Verdict]:
        states = Counter(part.state for one in evidence.values() if one.fee for part in one.fee.parts)
        owed = Side("parts of the fees that were worked out", {"owed": states.total()})
        right = Side("the state of each", {"paid": states["paid"], "waived": states["waived"], "open": states["open"]})
        faults = [Fault(key, key, what) for key, one in sorted(evidence.items()) if (what := _wrong(one))]
        return [Verdict("fees", owed, right, tuple(faults))]


def _wrong(one: Owing) -> str | None:
    if one.known is None:  # another rule asks for the cases themselves
        return None
    if one.fee is None:
        return "lost: the case knows of a fee, and it is not there"
    if one.known != {"review": one.fee.state.review, "issue": one.fee.state.issue}:
        return "the case and its fee do not say the same of what is owed"
    tariff, now = tariff_of(one.fee), (one.fee.facts, one.fee.lines)
    if any(assess(tariff, facts) != lines for facts, lines in (now, *((each.facts, each.lines) for each in one.fee.earlier))):
        return "worked out anew from its facts, it is another amount"
    return sums_fault(one.fee) or payments_fault(one.fee, one.payments)


def sums_fault(fee: Fee) -> str | None:
    """Of the lines and of the parts, by currency. More than is owed was paid only where what is owed became less."""
    if fee.overpaid and not fee.earlier:
        return "its parts are not what its lines add up to"
    sums: Counter[str] = Counter()
    for line in fee.lines:
        sums[line.charged_currency] += line.charged_minor
    for part in fee.parts:
        sums[part.currency] -= part.kept_minor
    for over in fee.overpaid:
        sums[over.currency] += over.amount_minor
    return "its parts are not what its lines add up to" if any(sums.values()) else None


def payments_fault(fee: Fee, payments: Mapping[str, Payment]) -> str | None:
    settled = {part.payment: part for part in fee.parts if part.state == "paid"}
    counted = {key: payment for key, payment in payments.items() if payment.state == "counted"}
    if lost := sorted(str(key) for key in settled.keys() - counted.keys()):
        return f"lost: it was paid by {lost[0]}, which is not there or does not count"
    if idle := sorted(counted.keys() - settled.keys()):
        return f"{idle[0]} counts, and settles nothing"
    for key, part in settled.items():
        paid = counted[str(key)]
        if (paid.amount_minor, paid.currency) != (part.amount_minor, part.currency):
            return f"{key} is of another amount than what it settled"
    return None
