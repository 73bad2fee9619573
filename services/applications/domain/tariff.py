"""What a service costs, as data: components, surcharges, reductions. What one case owes is worked out from it in fees.py."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from services.applications.domain.sourced import Condition, Definition, Msgid, Slug, Sourced

Gate = Literal["review", "issue"]
PaidWhere = Literal["post_or_online", "bank_in_kyrgyzstan"]
Payee = Literal["mission", "state_budget"]
Applicant = Literal["citizen", "foreigner", "legal_person"]


class FeeComponent(Sourced):
    """One amount, to one payee. gate: it must be paid before the case is reviewed, or before its paper is issued."""

    code: Slug
    label: Msgid
    amount_minor: Annotated[int, Field(ge=0)]  # cents, tyiyn
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    payee: Payee = "mission"
    paid_where: PaidWhere = "post_or_online"
    gate: Gate = "review"
    each: Msgid | None = None  # "for each document": multiplied by the number that the field answers
    times_field: str | None = None  # of 1 to 99 in digits; anything else counts as 1
    # after an exchange into the host currency. none: what is less than the smallest coin is left away
    rounding: Literal["none", "up_to_whole", "half_even"] = "half_even"
    needed: tuple[Condition, ...] = ()


class Surcharge(Sourced):
    """percent is added to the components of the mission. Decree 839, p. 3 and 4; whether it applies to citizens is open, so each
    is switched on by service and by class of applicant. conditions: worked out from the answers, as where somebody asks for it
    to be urgent; without any, an officer says so (work out of hours, on a holiday). Of several the highest counts."""

    code: Literal["urgent", "out_of_hours", "weekend_or_holiday"]
    percent: Annotated[int, Field(gt=0, le=1000)]
    switched_on: bool = False
    classes: tuple[Applicant, ...] = ("foreigner", "legal_person")
    conditions: tuple[Condition, ...] = ()


class Reduction(Sourced):
    """percent 100: exempt. conditions: worked out from the answers; without any an officer grants it, and it is the reason.
    Of several that apply to a component the highest counts."""

    code: Slug
    label: Msgid
    percent: Annotated[int, Field(gt=0, le=100)]
    components: tuple[Slug, ...] = ()  # empty: all that are paid to the mission
    conditions: tuple[Condition, ...] = ()
    granted_by_officer: bool = False  # although it has conditions: an officer may grant it where they do not hold


class Tariff(Definition):
    """What is paid is not returned once the service is done, or where it is refused: the rule read at the ministry."""

    components: tuple[FeeComponent, ...] = ()
    surcharges: tuple[Surcharge, ...] = ()
    reductions: tuple[Reduction, ...] = ()

    def component(self, code: str) -> FeeComponent | None:
        return next((component for component in self.components if component.code == code), None)

    def reduction(self, code: str) -> Reduction | None:
        return next((reduction for reduction in self.reductions if reduction.code == code), None)

    def surcharge(self, code: str) -> Surcharge | None:
        return next((surcharge for surcharge in self.surcharges if surcharge.code == code), None)

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        for what, codes in (
            ("components", [one.code for one in self.components]),
            ("surcharges", [one.code for one in self.surcharges]),
            ("reductions", [one.code for one in self.reductions]),
        ):
            if len(set(codes)) != len(codes):
                raise ValueError(f"{what} have the same code twice: for another day, make a new version")
        return self
