"""In which currency a fee is paid in a country, and at what rate a tariff's currency is counted there, as data with a source."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Self

from pydantic import Field, model_validator

from services.applications.domain.fees import Rate
from services.applications.domain.sourced import Definition, Sourced

Code = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]


class Currency(Definition):
    """digits: after the point, so 2 of cents and 0 of won (ISO 4217)."""

    code: Code
    digits: Annotated[int, Field(ge=0, le=3)]


class HostCurrency(Sourced):
    """What is taken at the posts of a country. Elsewhere a fee is paid in the currency of the tariff."""

    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
    currency: Code


class ExchangeRate(Sourced):
    """One unit of base is value units of quote. The source names who set the rate, the source_date its day."""

    base: Code
    quote: Code
    value: Annotated[str, Field(pattern=r"^\d{1,9}(\.\d{1,9})?$")]


class Exchange(Definition):
    currencies: tuple[Currency, ...] = ()
    hosts: tuple[HostCurrency, ...] = ()
    rates: tuple[ExchangeRate, ...] = ()

    def host(self, country: str, day: date) -> str | None:
        """The currency that is taken there, where there is one of its own."""
        return next((one.currency for one in self.hosts if one.country == country and one.applies_on(day)), None)

    def rates_into(self, currency: str | None, day: date) -> tuple[Rate, ...]:
        """The newest of each base that applies on the day, as it is kept with a case."""
        fitting = [one for one in self.rates if one.quote == currency and one.applies_on(day)]
        newest = {one.base: one for one in sorted(fitting, key=lambda one: one.valid_from)}
        return tuple(self._kept(one) for one in newest.values())

    def digits(self, currency: str) -> int:
        return next((one.digits for one in self.currencies if one.code == currency), 2)

    def _kept(self, rate: ExchangeRate) -> Rate:
        return Rate(
            base=rate.base,
            quote=rate.quote,
            value=rate.value,
            base_digits=self.digits(rate.base),
            quote_digits=self.digits(rate.quote),
            source=rate.source,
            source_date=rate.source_date.isoformat(),
            illustrative=rate.illustrative,
        )

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        known = {one.code for one in self.currencies}
        used = {one.currency for one in self.hosts} | {one.base for one in self.rates} | {one.quote for one in self.rates}
        if unknown := sorted(used - known):
            raise ValueError(f"{', '.join(unknown)}: not among the currencies")
        if any(Decimal(one.value) == 0 or one.base == one.quote for one in self.rates):
            raise ValueError("a rate of nothing, or into the same currency")
        return self
