"""What goes in and out of the routes of fees and payments."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from services.applications.api.schemas import In, Named, SourcedView

Part = Annotated[str, Field(pattern=r"^(review|issue)-(post|bank)-[a-z]{3}(-[1-9][0-9]?)?$")]
MinorUnits = Annotated[int, Field(ge=1, le=10**12, description="In the smallest coin: cents, kopecks, tyiyn")]


class PartChosen(In):
    part: Part


class Receipt(In):
    part: Part
    number: Annotated[str, Field(min_length=1, max_length=60)] = Field(description="As on the receipt; each counts once")
    amount_minor: MinorUnits
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    paid_on: date = Field(description="The day on the receipt")


class Adjusting(In):
    kind: Literal["reduction", "surcharge"]
    code: Annotated[str, Field(max_length=64)] = Field(description="Of a rule of the tariff that an officer may apply")
    reason: Annotated[str, Field(max_length=64)] | None = Field(None, description="Of a reduction, which needs one: `reasons`")


class PaymentChosen(In):
    payment_id: Annotated[str, Field(max_length=120)]


class Voiding(In):
    payment_id: Annotated[str, Field(max_length=120)] = Field(description="Of a receipt that counts")
    reason: Annotated[str, Field(max_length=64)] = Field(description="Of `void_reasons`")


class Overpaid(In):
    amount_minor: MinorUnits = Field(description="All that was paid beyond what is owed in this currency")
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    reason: Annotated[str, Field(max_length=64)] = Field(description="Of `return_reasons`")


class MoneyView(BaseModel):
    amount_minor: int
    currency: str
    text: str = Field(description="As a person reads it")


class FeeLineView(BaseModel):
    """One component. rule: its amount as the tariff gives it, with its source; charged: what is owed after all rules."""

    code: str
    label: str
    rule: SourcedView
    times: int
    each: str | None
    surcharge: SourcedView | None
    reduction: SourcedView | None
    charged: MoneyView
    payee_text: str
    paid_where: Literal["post_or_online", "bank_in_kyrgyzstan"]
    paid_where_text: str
    gate: Literal["review", "issue"]


class FeePartView(BaseModel):
    """What is paid at once, at one place, before one step of the case."""

    id: str
    gate: Literal["review", "issue"]
    gate_text: str
    paid_where: Literal["post_or_online", "bank_in_kyrgyzstan"]
    paid_where_text: str
    amount: MoneyView
    state: Literal["open", "paid", "waived"]
    state_text: str
    settled_at: datetime | None
    online: bool = Field(description="It can be paid online now")


class RateView(BaseModel):
    text: str = Field(description="As 1 USD = 80.00 RUB")
    source: str
    source_date: date
    illustrative: bool


class PaymentView(BaseModel):
    id: str
    part: str
    by: Literal["receipt", "provider"]
    by_text: str
    amount: MoneyView
    paid_on: date
    recorded_at: datetime
    state: Literal["counted", "surplus", "reversed"]
    state_text: str
    returned_at: datetime | None
    given_back_twice: MoneyView | None = Field(
        description="The provider took the payment back after the post had given so much of it back"
    )
    settled_at: datetime | None = Field(description="When that was settled with the citizen, as an officer noted")


class FeeView(BaseModel):
    """state none: nothing is owed for this service. assessed_at: None: not handed in yet, so this is what it would be today."""

    state: Literal["none", "due", "paid", "waived"]
    state_text: str
    assessed_at: datetime | None
    lines: list[FeeLineView]
    parts: list[FeePartView]
    totals: list[MoneyView] = Field(description="By currency")
    rates: list[RateView]
    payments: list[PaymentView]
    overpaid: list[MoneyView] = Field(
        description="Paid beyond what is owed, as answers were changed on request since, and not given back"
    )
    illustrative: bool = Field(description="An amount, a rule or a rate is our own default and no law")
    rule_text: str = Field(description="When it is paid, and that it is not returned")


class RuleView(BaseModel):
    kind: Literal["reduction", "surcharge"]
    code: str
    label: str
    percent: int
    source: str
    illustrative: bool


class GrantView(BaseModel):
    label: str
    reason: str | None
    at: datetime


class GivenBackView(BaseModel):
    amount: MoneyView
    reason: str | None
    at: datetime


class OfficerFeeView(FeeView):
    may: list[Literal["receipt", "adjust", "return_overpaid", "settle", "void"]]
    rules: list[RuleView] = Field(description="Which an officer may apply, and are not yet")
    reasons: list[Named] = Field(description="Why a reduction can be granted")
    granted: list[GrantView] = Field(description="By officers, so far")
    return_reasons: list[Named] = Field(description="Why what was paid beyond what is owed was given back")
    void_reasons: list[Named] = Field(description="Why a receipt that was entered can be declared void")
    returned: list[GivenBackView] = Field(description="Of what was paid beyond what is owed, so far")


class CheckoutView(BaseModel):
    address: str = Field(description="Where the citizen pays. It comes back to the page of the fee")


class CashLine(BaseModel):
    by: Literal["receipt", "provider"]
    by_text: str
    sum: MoneyView


class CashPayment(PaymentView):
    application_id: str
    reference: str
    post: Named


class CashDayView(BaseModel):
    day: date
    sums: list[CashLine] = Field(description="Of what was counted, by way and currency")
    payments: list[CashPayment] = Field(description="The first of the day")
    recorded: int = Field(description="How many there were on that day; sums are of all of them")
    surplus: list[CashPayment] = Field(description="Paid too much, whenever, and not given back yet; who waits for longest first")
    more_surplus: bool
    twice: list[CashPayment] = Field(
        description="Given back at the post and taken back by the provider, and not settled yet; who waits for longest first"
    )


class GivenTwiceView(BaseModel):
    payment_id: str
    amount: MoneyView


class ReconciliationView(BaseModel):
    """One day of the provider. repaired: its words that had not reached us; unknown: it lists them, and we began no such payment;
    unlisted: we know them as paid, and it does not list them. twice: of its payments of that day, what was given back at a post
    and then taken back by it, and is not settled yet."""

    day: date
    ran_at: datetime
    listed: int
    repaired: list[str]
    unknown: list[str]
    unlisted: list[str]
    twice: list[GivenTwiceView]
    agrees: bool


class ReconciliationsView(BaseModel):
    days: list[ReconciliationView]


class AffectedCase(BaseModel):
    application_id: str
    reference: str
    status_text: str
    owes: list[MoneyView]
    would_owe: list[MoneyView]
    follows: bool = Field(description="A draft: it will owe the new amount. What was handed in keeps the old one")


class TariffChangeView(BaseModel):
    service: Named
    before: int
    after: int
    checked: int
    more: bool = Field(description="There are more open cases than were looked at")
    drafts: int = Field(description="That will owe another amount")
    kept: int = Field(description="Handed in: they keep the old amount, and would owe another one")
    affected: list[AffectedCase]
