"""Fees and payments as people read them: every amount with its source, in the currency in which it is paid."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal

from babel.numbers import format_decimal

from services.applications.api import fee_schemas as schemas
from services.applications.api import wording
from services.applications.api.named import Named, named_post
from services.applications.api.schemas import SourcedView
from services.applications.api.status_words import TO_OFFICER
from services.applications.api.wording import Wording
from services.applications.catalogue.casework import Choice, casework, choice
from services.applications.domain.fee_account import Adjustment, Fee, FeePart, Payment, Returned
from services.applications.domain.fees import FeeLine, FeeState, Money, Rate, Standing
from services.applications.domain.sourced import Sourced
from services.applications.domain.status import Status
from services.applications.domain.tariff import Tariff
from services.applications.domain.transitions import NOT_PAID_FOR
from services.applications.fees.queries import CashDay, FeeOfCase, TariffChange
from shared.amounts import amount_text
from shared.mongo.database import Document
from shared.texts import N_

STATE: Mapping[Standing, str] = {
    "none": N_("Nothing is owed."),
    "due": N_("A fee is to be paid."),
    "paid": N_("Paid."),
    "waived": N_("Nothing is owed: the fee was waived."),
}
WOULD_BE = N_("This is what it would cost today, by your answers so far.")
PAID_BEFORE = N_("A consular fee is paid before the service. It is not returned, also where the application is refused.")
PART_STATE = {"open": N_("To be paid"), "paid": N_("Paid"), "waived": N_("Nothing to pay")}
GATE = {"review": N_("Before an officer looks at it"), "issue": N_("Before the document is issued")}
WHERE = {
    "post_or_online": N_("Online, or at the post"),
    "bank_in_kyrgyzstan": N_("At a bank in Kyrgyzstan; bring the receipt to the post"),
}
PAYEE = {"mission": N_("The consular post"), "state_budget": N_("The state budget of the Kyrgyz Republic")}
BY = {"receipt": N_("By a receipt that an officer entered"), "provider": N_("Online")}
PAYMENT_STATE = {
    "counted": N_("Counted"),
    "surplus": N_("Paid too much: to be given back"),
    "reversed": N_("Taken back by the payment provider"),
}
RETURNED = N_("Paid too much, and given back")
RETURNED_TWICE = N_("Given back twice: at the post, and by the payment provider")
VOIDED = N_("Declared void by the head of the post")
SETTLED = N_("Given back twice, and settled since")
SURCHARGE = {
    "urgent": N_("Within three working days: {percent} percent more"),
    "out_of_hours": N_("Outside of working hours: {percent} percent more"),
    "weekend_or_holiday": N_("On a weekend or holiday: {percent} percent more"),
}
LESS = N_("{label}: {percent} percent less")


def fee_view(found: FeeOfCase, say: Wording, *, online: bool) -> schemas.FeeView:
    """online: somebody can pay online here. Of a case without a fee too: then it says so."""
    fee, tariff = found.fee, found.definition.tariff or Tariff()
    state = fee.state if fee else FeeState()
    draft = found.application.status is Status.DRAFT
    still_paid = found.application.status not in NOT_PAID_FOR
    lines = [_line(line, tariff, say) for line in found.lines]
    rates = [_rate(rate, say) for rate in fee.facts.rates] if fee else []
    sourced = [one.illustrative for line in lines for one in (line.rule, line.surcharge, line.reduction) if one]
    return schemas.FeeView(
        state=state.state,
        state_text=say(WOULD_BE if draft and lines else STATE[_standing(state, found.lines)]),
        assessed_at=fee.assessed_at if fee else None,
        lines=lines,
        parts=[_part(part, say, online=online and still_paid) for part in fee.parts] if fee else [],
        totals=_totals(found.lines, say),
        rates=rates,
        payments=[_payment(one, say) for one in found.payments],
        overpaid=[money(each, say) for each in fee.overpaid] if fee else [],
        illustrative=any((*sourced, *(one.illustrative for one in rates))),
        rule_text=say(PAID_BEFORE),
    )


def _standing(state: FeeState, lines: Iterable[FeeLine]) -> Standing:
    """What costs nothing by itself was not waived."""
    return "none" if state.state == "waived" and not any(line.reduction for line in lines) else state.state


def officer_fee_view(found: FeeOfCase, say: Wording, *, may: list[str]) -> schemas.OfficerFeeView:
    view = fee_view(found, say, online=False)
    tariff = found.definition.tariff or Tariff()
    rules = _rules(found.fee, tariff, say) if found.fee and "adjust" in may else []
    granted = [_grant(each, tariff, say) for each in found.fee.adjustments] if found.fee else []
    returned = [_given_back(each, say) for each in found.fee.returned] if found.fee else []
    more = {"may": may, "rules": rules, "granted": granted, "returned": returned}
    more |= {"reasons": _choices(casework().waivers, say) if rules else []}
    more |= {"void_reasons": _choices(casework().voids, say) if "void" in may else []}
    more |= {"return_reasons": _choices(casework().returns, say) if "return_overpaid" in may else []}
    return schemas.OfficerFeeView.model_validate(view.model_dump() | more)


def _choices(choices: Iterable[Choice], say: Wording) -> list[Named]:
    return [Named(id=each.code, name=each.name(say.language)) for each in choices]


def _given_back(made: Returned, say: Wording) -> schemas.GivenBackView:
    why = choice(casework().returns, made.reason)
    return schemas.GivenBackView(amount=money(made.amount, say), reason=why.name(say.language) if why else None, at=made.at)


def _grant(made: Adjustment, tariff: Tariff, say: Wording) -> schemas.GrantView:
    """One that its version of the tariff names: an adjustment is made by no other."""
    reduction, surcharge = tariff.reduction(made.code), tariff.surcharge(made.code)
    percent = surcharge.percent if surcharge else 0
    label = say(reduction.label) if reduction else say(SURCHARGE.get(made.code, made.code), percent=percent)
    why = choice(casework().waivers, made.reason)
    return schemas.GrantView(label=label, reason=why.name(say.language) if why else None, at=made.at)


def money(amount: Money, say: Wording) -> schemas.MoneyView:
    text = amount_text(amount.amount_minor, amount.currency, say.language, say.texts)
    return schemas.MoneyView(amount_minor=amount.amount_minor, currency=amount.currency, text=text)


def cash_view(found: CashDay, day: date, references: Mapping[str, str], say: Wording) -> schemas.CashDayView:
    def line(payment: Payment) -> schemas.CashPayment:
        of_case = {"application_id": payment.case_id, "reference": references.get(payment.case_id, "")}
        post = named_post(payment.post_id, say)
        return schemas.CashPayment(**_payment(payment, say).model_dump(), **of_case, post=post)

    sums = [
        schemas.CashLine.model_validate({"by": by, "by_text": say(BY[by]), "sum": money(total, say)})
        for (by, _), total in found.sums.items()
    ]
    return schemas.CashDayView(
        day=day,
        sums=sums,
        payments=[line(one) for one in found.payments],
        recorded=found.recorded,
        surplus=[line(one) for one in found.surplus],
        more_surplus=found.more_surplus,
        twice=[line(one) for one in found.twice],
    )


def reconciliation_view(row: Document, twice: Iterable[Payment], say: Wording) -> schemas.ReconciliationView:
    """twice: of the payments of that day, those that were given back twice and are not settled."""
    differences = [
        schemas.GivenTwiceView(payment_id=one.id, amount=money(Money(one.twice_minor, one.currency), say)) for one in twice
    ]
    agrees = not (row["unknown"] or row["unlisted"] or row["left"] or differences)
    return schemas.ReconciliationView(
        day=date.fromisoformat(row["_id"]),
        ran_at=row["ran_at"],
        listed=row["listed"],
        repaired=row["repaired"],
        unknown=row["unknown"],
        unlisted=row["unlisted"],
        twice=differences,
        agrees=agrees,
    )


def change_view(found: TariffChange, service: Named, before: int, after: int, say: Wording) -> schemas.TariffChangeView:
    def sums(owed: Mapping[str, int]) -> list[schemas.MoneyView]:
        return [money(Money(amount, currency), say) for currency, amount in sorted(owed.items())]

    return schemas.TariffChangeView(
        service=service,
        before=before,
        after=after,
        checked=found.checked,
        more=found.more,
        drafts=sum(one.follows for one in found.affected),
        kept=sum(not one.follows for one in found.affected),
        affected=[
            schemas.AffectedCase(
                application_id=one.application_id,
                reference=one.reference,
                status_text=say(TO_OFFICER.status[Status(one.status)]),
                owes=sums(one.owes),
                would_owe=sums(one.would_owe),
                follows=one.follows,
            )
            for one in found.affected
        ],
    )


def _line(line: FeeLine, tariff: Tariff, say: Wording) -> schemas.FeeLineView:
    rule = tariff.component(line.code)
    surcharge = tariff.surcharge(line.surcharge) if line.surcharge else None
    reduction = tariff.reduction(line.reduction) if line.reduction else None
    given = Money(rule.amount_minor, rule.currency) if rule else Money(line.amount_minor, line.currency)
    return schemas.FeeLineView(
        code=line.code,
        label=say(rule.label) if rule else line.code,
        rule=_sourced(rule or tariff.components[0], money(given, say).text, say),
        times=line.times,
        each=say(rule.each) if rule and rule.each else None,
        surcharge=_sourced(surcharge, say(SURCHARGE[surcharge.code], percent=surcharge.percent), say) if surcharge else None,
        reduction=_sourced(reduction, say(LESS, label=say(reduction.label), percent=reduction.percent), say)
        if reduction
        else None,
        charged=money(Money(line.charged_minor, line.charged_currency), say),
        payee_text=say(PAYEE[line.payee]),
        paid_where=line.paid_where,
        paid_where_text=say(WHERE[line.paid_where]),
        gate=line.gate,
    )


def _part(part: FeePart, say: Wording, *, online: bool) -> schemas.FeePartView:
    return schemas.FeePartView(
        id=part.id,
        gate=part.gate,
        gate_text=say(GATE[part.gate]),
        paid_where=part.paid_where,
        paid_where_text=say(WHERE[part.paid_where]),
        amount=money(Money(part.amount_minor, part.currency), say),
        state=part.state,
        state_text=say(PART_STATE[part.state]),
        settled_at=part.settled_at,
        online=online and part.state == "open" and part.paid_where == "post_or_online",
    )


def _payment(payment: Payment, say: Wording) -> schemas.PaymentView:
    return schemas.PaymentView(
        id=payment.id,
        part=payment.part,
        by=payment.by,
        by_text=say(BY[payment.by]),
        amount=money(Money(payment.amount_minor, payment.currency), say),
        paid_on=date.fromisoformat(payment.paid_on),
        recorded_at=payment.at,
        state=payment.state,
        state_text=say(_payment_state(payment)),
        returned_at=payment.returned_at,
        given_back_twice=money(Money(payment.twice_minor, payment.currency), say) if payment.twice_minor else None,
        settled_at=payment.settled_at,
    )


def _payment_state(payment: Payment) -> str:
    if payment.to_settle:
        return RETURNED_TWICE
    if payment.voided_by:
        return VOIDED
    if payment.settled_at:
        return SETTLED
    return RETURNED if payment.returned_at else PAYMENT_STATE[payment.state]


def _rate(rate: Rate, say: Wording) -> schemas.RateView:
    value = format_decimal(Decimal(rate.value), locale=say.language, decimal_quantization=False)
    return schemas.RateView(
        text=f"1 {rate.base} = {value} {rate.quote}",
        source=rate.source,
        source_date=date.fromisoformat(rate.source_date),
        illustrative=rate.illustrative,
    )


def _rules(fee: Fee, tariff: Tariff, say: Wording) -> list[schemas.RuleView]:
    day = date.fromisoformat(fee.facts.day)
    reductions = [
        schemas.RuleView(
            kind="reduction",
            code=one.code,
            label=say(one.label),
            percent=one.percent,
            source=one.source,
            illustrative=one.illustrative,
        )
        for one in tariff.reductions
        if (one.granted_by_officer or not one.conditions) and one.applies_on(day) and one.code not in fee.facts.reductions
    ]
    surcharges = [
        schemas.RuleView(
            kind="surcharge",
            code=one.code,
            label=say(SURCHARGE[one.code], percent=one.percent),
            percent=one.percent,
            source=one.source,
            illustrative=one.illustrative,
        )
        for one in tariff.surcharges
        if one.switched_on
        and not one.conditions
        and fee.facts.applicant in one.classes
        and one.applies_on(day)
        and one.code not in fee.facts.surcharges
    ]
    return reductions + surcharges


def _totals(lines: Iterable[FeeLine], say: Wording) -> list[schemas.MoneyView]:
    sums: dict[str, int] = {}
    for line in lines:
        sums[line.charged_currency] = sums.get(line.charged_currency, 0) + line.charged_minor
    return [money(Money(amount, currency), say) for currency, amount in sums.items()]


def _sourced(value: Sourced, text: str, say: Wording) -> SourcedView:
    remark = value.remark or (wording.ILLUSTRATIVE if value.illustrative else None)
    return SourcedView(
        text=text,
        source=value.source,
        source_date=value.source_date,
        certainty=value.certainty,
        illustrative=value.illustrative,
        valid_from=value.valid_from,
        valid_to=value.valid_to,
        remark=say(remark) if remark else None,
    )
