"""What one case owes: worked out from its tariff and from facts that are stored, so that it can be worked out again for ever.

The facts say which rules held and not why: no answer and no date of birth stands in them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from typing import Literal

from services.applications.domain.tariff import Applicant, FeeComponent, Gate, PaidWhere, Payee, Tariff

Standing = Literal["none", "due", "paid", "waived"]
_MOST_TIMES = 99


@dataclass(frozen=True, slots=True)
class FeeState:
    """What a case knows of its fee. A case without any says none at both gates."""

    review: Standing = "none"
    issue: Standing = "none"

    @property
    def state(self) -> Standing:
        at_gates = (self.review, self.issue)
        return next((one for one in ("due", "paid", "waived") if one in at_gates), "none")

    def blocks(self, gate: Gate) -> bool:
        """What is owed before the review is owed before the issue too, as where a payment was taken back meanwhile."""
        return self.review == "due" or (gate == "issue" and self.issue == "due")


NO_FEE = FeeState()


@dataclass(frozen=True, slots=True)
class Rate:
    """What one unit of a currency was counted as in another, on which day, and who said so. value: a decimal number."""

    base: str
    quote: str
    value: str
    base_digits: int  # after the point: 2 of cents, 0 of won
    quote_digits: int
    source: str
    source_date: str
    illustrative: bool


@dataclass(frozen=True, slots=True)
class FeeFacts:
    """All that an assessment is worked out from, besides the tariff. needed, surcharges, reductions: codes of what held."""

    service_id: str
    service_version: int
    day: str  # ISO date, at the post
    applicant: Applicant
    host: str | None  # the currency of the place, where it differs from the tariff's
    rates: tuple[Rate, ...]
    needed: tuple[str, ...]
    times: dict[str, int] = field(default_factory=dict)
    surcharges: tuple[str, ...] = ()
    reductions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FeeLine:
    """One component as it is owed. amount: in the tariff's currency; charged: in that in which it is paid."""

    code: str
    payee: Payee
    paid_where: PaidWhere
    gate: Gate
    times: int
    amount_minor: int
    currency: str
    charged_minor: int
    charged_currency: str
    surcharge: str | None = None
    surcharge_percent: int = 0
    reduction: str | None = None
    reduction_percent: int = 0


@dataclass(frozen=True, slots=True)
class Money:
    amount_minor: int
    currency: str


def facts_of(
    tariff: Tariff,
    *,
    service_id: str,
    service_version: int,
    answers: Mapping[str, str],
    day: date,
    host: str | None = None,
    rates: tuple[Rate, ...] = (),
    applicant: Applicant = "citizen",
) -> FeeFacts:
    """Which rules hold for these answers on this day. rates: of that day into the host's currency."""
    given = dict(answers)
    needed = [c for c in tariff.components if c.applies_on(day) and all(one.holds(given, day) for one in c.needed)]
    surcharges = [
        one.code
        for one in tariff.surcharges
        if one.switched_on
        and one.conditions
        and one.applies_on(day)
        and applicant in one.classes
        and all(condition.holds(given, day) for condition in one.conditions)
    ]
    reductions = [
        one.code
        for one in tariff.reductions
        if one.conditions and one.applies_on(day) and all(condition.holds(given, day) for condition in one.conditions)
    ]
    return FeeFacts(
        service_id=service_id,
        service_version=service_version,
        day=day.isoformat(),
        applicant=applicant,
        host=host,
        rates=tuple(rate for rate in rates if rate.base in {one.currency for one in needed}),
        needed=tuple(component.code for component in needed),
        times={c.code: times for c in needed if (times := _times(c, given)) != 1},
        surcharges=tuple(surcharges),
        reductions=tuple(reductions),
    )


def assess(tariff: Tariff, facts: FeeFacts) -> tuple[FeeLine, ...]:
    """tariff: of the very version that the facts name. The same facts give the same lines, whatever the day."""
    return tuple(_line(component, tariff, facts) for component in tariff.components if component.code in facts.needed)


def adjusted(facts: FeeFacts, *, surcharges: tuple[str, ...] = (), reductions: tuple[str, ...] = ()) -> FeeFacts:
    """With what an officer adds to what was worked out."""
    return replace(
        facts,
        surcharges=_with(facts.surcharges, surcharges),
        reductions=_with(facts.reductions, reductions),
    )


def exchanged(amount: Fraction, currency: str, facts: FeeFacts, rounding: str) -> Money:
    """amount: in the smallest coin of the currency. Into the host's where there is a rate; else it stays."""
    rate = next((one for one in facts.rates if one.base == currency and one.quote == facts.host), None)
    if rate is None:
        return Money(_whole(amount, "half_even", 0), currency)
    value = amount * Fraction(Decimal(rate.value)) * Fraction(10) ** (rate.quote_digits - rate.base_digits)
    return Money(_whole(value, rounding, rate.quote_digits), rate.quote)


def _line(component: FeeComponent, tariff: Tariff, facts: FeeFacts) -> FeeLine:
    times = facts.times.get(component.code, 1)
    surcharge, more = _surcharge(component, tariff, facts)
    reduction, less = _reduction(component, tariff, facts)
    amount = Fraction(component.amount_minor * times * (100 + more) * (100 - less), 10_000)
    at_home = component.paid_where == "bank_in_kyrgyzstan"
    rounded = Money(_whole(amount, "half_even", 0), component.currency)
    charged = rounded if at_home else exchanged(amount, component.currency, facts, component.rounding)
    return FeeLine(
        code=component.code,
        payee=component.payee,
        paid_where=component.paid_where,
        gate=component.gate,
        times=times,
        amount_minor=rounded.amount_minor,
        currency=component.currency,
        charged_minor=charged.amount_minor,
        charged_currency=charged.currency,
        surcharge=surcharge,
        surcharge_percent=more,
        reduction=reduction,
        reduction_percent=less,
    )


def _surcharge(component: FeeComponent, tariff: Tariff, facts: FeeFacts) -> tuple[str | None, int]:
    if component.payee != "mission":
        return None, 0
    found = [(one.percent, one.code) for one in tariff.surcharges if one.code in facts.surcharges]
    return (max(found)[1], max(found)[0]) if found else (None, 0)


def _reduction(component: FeeComponent, tariff: Tariff, facts: FeeFacts) -> tuple[str | None, int]:
    found = [
        (one.percent, one.code)
        for one in tariff.reductions
        if one.code in facts.reductions and (component.code in one.components if one.components else component.payee == "mission")
    ]
    return (max(found)[1], max(found)[0]) if found else (None, 0)


def _times(component: FeeComponent, answers: Mapping[str, str]) -> int:
    written = answers.get(component.times_field or "", "")
    number = int(written) if written.isascii() and written.isdigit() and len(written) <= 2 else 1
    return min(max(number, 1), _MOST_TIMES)


def _with(known: tuple[str, ...], more: tuple[str, ...]) -> tuple[str, ...]:
    return (*known, *(code for code in more if code not in known))


def _whole(amount: Fraction, rounding: str, digits: int) -> int:
    """To the smallest coin; up_to_whole: to whole units."""
    unit = 10**digits if rounding == "up_to_whole" else 1
    how = {"up_to_whole": ROUND_CEILING, "none": ROUND_FLOOR}.get(rounding, ROUND_HALF_EVEN)
    return _rounded(amount / unit, how) * unit


def _rounded(amount: Fraction, how: str) -> int:
    """Exact, however long the fraction: a Decimal quotient would have been rounded once before."""
    down, left = divmod(amount.numerator, amount.denominator)
    if not left or how == ROUND_FLOOR:
        return down
    if how == ROUND_CEILING:
        return down + 1
    twice = 2 * left - amount.denominator
    return down + (twice > 0 or (twice == 0 and down % 2 == 1))
