"""What is owed for one case, in parts that are paid each at once, and what was paid. Its id is the case's.

A part is what is paid at one place, in one currency, before one gate. A payment settles an open part, by exactly its amount;
any other payment is kept beside as too much, for the reconciliation.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import chain, count
from typing import Literal

from services.applications.domain import fee_errors as errors
from services.applications.domain.fees import FeeFacts, FeeLine, FeeState, Money, Standing, adjusted, assess
from services.applications.domain.tariff import Gate, PaidWhere, Tariff

PartState = Literal["open", "paid", "waived"]
PaidBy = Literal["receipt", "provider"]
PaymentState = Literal["counted", "surplus", "reversed"]
SurplusReason = Literal["already-paid", "amount-differs", "nothing-owed", "case-closed"]


@dataclass(frozen=True, slots=True)
class FeePart:
    id: str  # review-post-usd
    gate: Gate
    paid_where: PaidWhere
    amount_minor: int
    currency: str
    state: PartState = "open"
    payment: str | None = None
    settled_at: datetime | None = None
    returned_minor: int = 0  # of what was paid, given back since, as less is owed by now

    @property
    def kept_minor(self) -> int:
        return self.amount_minor - self.returned_minor


@dataclass(frozen=True, slots=True)
class Returned:
    """What an officer noted as given back, of what was paid beyond what is owed. reason: a code of catalogue/casework.toml."""

    amount: Money
    reason: str
    by: str
    role: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Adjustment:
    """What an officer added to what was worked out: a reduction or a surcharge of the tariff. reason: of a reduction, a code of
    catalogue/casework.toml."""

    kind: Literal["reduction", "surcharge"]
    code: str
    by: str
    role: str
    at: datetime
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Earlier:
    """What was owed by the answers before its citizen changed them on request."""

    facts: FeeFacts
    lines: tuple[FeeLine, ...]
    until: datetime


@dataclass(slots=True)
class Fee:
    id: str
    citizen_id: str
    post_id: str
    facts: FeeFacts
    lines: tuple[FeeLine, ...]
    parts: tuple[FeePart, ...]
    assessed_at: datetime
    adjustments: tuple[Adjustment, ...] = ()
    earlier: tuple[Earlier, ...] = ()
    returned: tuple[Returned, ...] = ()
    version: int = 1

    @classmethod
    def of_case(cls, case_id: str, *, citizen_id: str, post_id: str, facts: FeeFacts, tariff: Tariff, at: datetime) -> "Fee":
        lines = assess(tariff, facts)
        return cls(case_id, citizen_id, post_id, facts, lines, _parts(lines, (), at), at)

    @property
    def state(self) -> FeeState:
        return FeeState(review=self._standing("review"), issue=self._standing("issue"))

    @property
    def overpaid(self) -> tuple[Money, ...]:
        """By currency: what was paid beyond what is owed now, because answers were changed since, and not given back."""
        over: Counter[str] = Counter()
        for (_, _, currency), amount in self._beyond().items():
            over[currency] += amount
        return tuple(Money(amount, currency) for currency, amount in sorted(over.items()) if amount)

    def _beyond(self) -> dict[tuple[Gate, PaidWhere, str], int]:
        left: Counter[tuple[Gate, PaidWhere, str]] = Counter()
        for part in self.parts:
            left[part.gate, part.paid_where, part.currency] += part.kept_minor if part.state == "paid" else 0
        for line in self.lines:
            left[line.gate, line.paid_where, line.charged_currency] -= line.charged_minor
        return {key: max(amount, 0) for key, amount in left.items()}

    def part(self, part_id: str) -> FeePart:
        """Raises NoSuchPart."""
        found = next((part for part in self.parts if part.id == part_id), None)
        if found is None:
            raise errors.NoSuchPart
        return found

    def open_part(self, part_id: str) -> FeePart:
        """Raises NoSuchPart, NothingOwed."""
        part = self.part(part_id)
        if part.state != "open":
            raise errors.NothingOwed
        return part

    def take(self, payment: "Payment") -> "Payment":
        """The payment as it is kept: counted, where it settles its part; else as too much, and nothing changes here."""
        part = next((part for part in self.parts if part.id == payment.part), None)
        if part is None or part.state == "waived":
            return replace(payment, state="surplus", surplus_because="nothing-owed")
        if part.payment == payment.id:  # it settled this part already
            return replace(payment, state="counted", surplus_because=None)
        if part.state == "paid":
            return replace(payment, state="surplus", surplus_because="already-paid")
        if (payment.amount_minor, payment.currency) != (part.amount_minor, part.currency):
            return replace(payment, state="surplus", surplus_because="amount-differs")
        self._put(replace(part, state="paid", payment=payment.id, settled_at=payment.at))
        return replace(payment, state="counted", surplus_because=None)

    def give_back(self, payment: "Payment") -> bool:
        """The provider took the payment back: what it had settled is owed again. False: it had settled nothing."""
        part = next((part for part in self.parts if part.payment == payment.id), None)
        if part is None:
            return False
        self._put(replace(part, state="open", payment=None, settled_at=None, returned_minor=0))
        if self.earlier:  # it may have been more than is owed now
            self.parts = _parts(self.lines, self.parts, payment.at)
        return True

    def given_back_of(self, payment: "Payment") -> int:
        """What the office gave back of this very payment: all of it as too much, or what was beyond what is owed by now."""
        if payment.state == "surplus":
            return payment.amount_minor if payment.returned_at else 0
        return sum(part.returned_minor for part in self.parts if part.payment == payment.id)

    def adjust(self, adjustment: Adjustment, *, tariff: Tariff) -> None:
        """Raises AlreadyPaid, as what was paid is not returned; NothingOwed, NotInTariff, AlreadyGranted."""
        kind, code = adjustment.kind, adjustment.code
        if any(part.state == "paid" for part in self.parts):
            raise errors.AlreadyPaid
        if self.state.state != "due":
            raise errors.NothingOwed
        _must_be_granted_by_officers(kind, code, tariff, self.facts)
        if code in (self.facts.reductions if kind == "reduction" else self.facts.surcharges):
            raise errors.AlreadyGranted
        more = {"reductions": (code,)} if kind == "reduction" else {"surcharges": (code,)}
        self.facts = adjusted(self.facts, **more)
        self.lines = assess(tariff, self.facts)
        self.parts = _parts(self.lines, self.parts, adjustment.at)
        self.adjustments = (*self.adjustments, adjustment)
        self.version += 1

    def reassess(self, facts: FeeFacts, *, tariff: Tariff, at: datetime) -> bool:
        """Answers were changed on request, so that other rules hold. What was paid stays paid, and what is owed beyond it is a
        further part. Officers' adjustments go on. False: the same rules hold."""
        granted = {kind: tuple(one.code for one in self.adjustments if one.kind == kind) for kind in ("surcharge", "reduction")}
        facts = adjusted(facts, surcharges=granted["surcharge"], reductions=granted["reduction"])
        if facts == self.facts:
            return False
        self.earlier = (*self.earlier, Earlier(self.facts, self.lines, at))
        self.facts, self.lines = facts, assess(tariff, facts)
        self.parts = _parts(self.lines, self.parts, at)
        self.version += 1
        return True

    def return_overpaid(self, returned: Returned) -> None:
        """All that was paid beyond what is owed in that currency was given back. Raises NothingOverpaid, where it is another
        amount too."""
        if returned.amount not in self.overpaid:
            raise errors.NothingOverpaid
        for key, beyond in self._beyond().items():
            left = beyond if key[2] == returned.amount.currency else 0
            for part in reversed(self.parts):
                if left and part.state == "paid" and (part.gate, part.paid_where, part.currency) == key:
                    back = min(left, part.kept_minor)
                    self._exchange(replace(part, returned_minor=part.returned_minor + back))
                    left -= back
        self.returned = (*self.returned, returned)
        self.version += 1

    def _exchange(self, changed: FeePart) -> None:
        self.parts = tuple(changed if part.id == changed.id else part for part in self.parts)

    def _put(self, changed: FeePart) -> None:
        self._exchange(changed)
        self.version += 1

    def _standing(self, gate: Gate) -> Standing:
        states = {part.state for part in self.parts if part.gate == gate}
        if "open" in states:
            return "due"
        return "paid" if "paid" in states else "waived" if states else "none"


@dataclass(slots=True)
class Payment:
    """A receipt that an officer entered, or a payment at the provider. Its id is the receipt's or the provider's number, so that
    each counts once. at: when we heard of it; day: that day at the post; paid_on: the day on the receipt."""

    id: str
    case_id: str
    citizen_id: str
    post_id: str
    part: str
    by: PaidBy
    amount_minor: int
    currency: str
    paid_on: str
    day: str
    at: datetime
    state: PaymentState = "counted"
    surplus_because: SurplusReason | None = None
    recorded_by: str | None = None  # the officer who entered the receipt
    sequence: int = 0  # of the provider's newest word about it
    provider_day: str | None = None  # in whose list it is: the day (UTC) on which it was paid there
    returned_at: datetime | None = None  # what was too much was given back, as an officer noted
    returned_by: str | None = None
    twice_minor: int = 0  # of what the provider took back, given back by the office before: it was given back twice
    voided_by: str | None = None  # the head who declared a receipt void
    settled_at: datetime | None = None  # that difference, as an officer noted
    settled_by: str | None = None
    version: int = 1

    @property
    def to_settle(self) -> bool:
        return self.state == "reversed" and self.twice_minor > 0 and self.settled_at is None


@dataclass(slots=True)
class Checkout:
    """That somebody went to the provider to pay a part. Its id is all that the provider is told besides the amount."""

    id: str
    case_id: str
    citizen_id: str
    post_id: str
    part: str
    amount_minor: int
    currency: str
    opened_at: datetime
    version: int = 1


def _parts(lines: Iterable[FeeLine], before: Sequence[FeePart], at: datetime) -> tuple[FeePart, ...]:
    """One for each gate, place and currency, in the order of the lines; what costs nothing is waived. What was paid before stays
    as it is, with a part beside it for what is owed beyond."""
    sums: dict[str, FeePart] = {}
    waived = {part.id: part.settled_at for part in before if part.state == "waived"}
    paid = [part for part in before if part.state == "paid"]
    for line in lines:
        key = _key(line.gate, line.paid_where, line.charged_currency)
        known = sums.get(key) or FeePart(key, line.gate, line.paid_where, 0, line.charged_currency)
        sums[key] = replace(known, amount_minor=known.amount_minor + line.charged_minor)
    parts = list(paid)
    for key, whole in sums.items():
        settled = [part for part in paid if _key(part.gate, part.paid_where, part.currency) == key]
        left = whole.amount_minor - sum(part.kept_minor for part in settled)
        if left > 0:
            parts.append(replace(whole, id=_free(key, settled), amount_minor=left))
        elif not settled:
            parts.append(replace(whole, state="waived", settled_at=waived.get(key) or at))
    return tuple(parts)


def _key(gate: Gate, paid_where: PaidWhere, currency: str) -> str:
    return f"{gate}-{'post' if paid_where == 'post_or_online' else 'bank'}-{currency.lower()}"


def _free(key: str, settled: Sequence[FeePart]) -> str:
    """review-post-usd, or review-post-usd-2 where there is one."""
    used = {part.id for part in settled}
    return next(each for each in chain([key], (f"{key}-{number}" for number in count(2))) if each not in used)


def _must_be_granted_by_officers(kind: str, code: str, tariff: Tariff, facts: FeeFacts) -> None:
    day = date.fromisoformat(facts.day)
    if kind == "reduction":
        reduction = tariff.reduction(code)
        left_to_officers = reduction is not None and (reduction.granted_by_officer or not reduction.conditions)
        fits = reduction is not None and left_to_officers and reduction.applies_on(day)
    else:
        surcharge = tariff.surcharge(code)
        switched = surcharge is not None and surcharge.switched_on and not surcharge.conditions
        fits = surcharge is not None and switched and facts.applicant in surcharge.classes and surcharge.applies_on(day)
    if not fits:
        raise errors.NotInTariff
