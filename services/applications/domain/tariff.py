"""What a service costs, as data: components, surcharges, reductions. What one case owes is worked out from it in fees.py."""

from typing import Annotated, Literal

from pydantic import Field

from services.applications.domain.sourced import Condition, Definition, Msgid, Slug, Sourced

Gate = Literal["review", "issue"]


class FeeComponent(Sourced):
    """One amount, to one payee. gate: it must be paid before the case is reviewed, or before its paper is issued."""

    code: Slug
    label: Msgid
    amount_minor: Annotated[int, Field(ge=0)]  # cents, tyiyn
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    payee: Literal["mission", "state_budget"] = "mission"
    paid_where: Literal["post_or_online", "bank_in_kyrgyzstan"] = "post_or_online"
    gate: Gate = "review"
    each: Msgid | None = None  # "for each document": multiplied by the number that the field answers
    times_field: str | None = None
    rounding: Literal["none", "up_to_whole", "half_even"] = "half_even"  # after an exchange into the host currency
    needed: tuple[Condition, ...] = ()


class Surcharge(Sourced):
    """percent is added to the components of the mission. Decree 839, p. 3 and 4; whether it applies to citizens is open, so each
    is switched on by service and by class of applicant."""

    code: Literal["urgent", "out_of_hours", "weekend_or_holiday"]
    percent: Annotated[int, Field(gt=0, le=1000)]
    switched_on: bool = False
    classes: tuple[Literal["citizen", "foreigner", "legal_person"], ...] = ("foreigner", "legal_person")


class Reduction(Sourced):
    """percent 100: exempt. by_condition: worked out from the answers; else an officer grants it with a reason."""

    code: Slug
    label: Msgid
    percent: Annotated[int, Field(gt=0, le=100)]
    components: tuple[Slug, ...] = ()  # empty: all that are paid to the mission
    conditions: tuple[Condition, ...] = ()
    granted_by_officer: bool = False


class Tariff(Definition):
    """refundable: False by the rule read at the ministry: not returned once the service is done, or where it is refused."""

    components: tuple[FeeComponent, ...] = ()
    surcharges: tuple[Surcharge, ...] = ()
    reductions: tuple[Reduction, ...] = ()
