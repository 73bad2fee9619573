"""The currency of a place and the rate of a day, from the data file; what a case keeps of them."""

import json
from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from services.applications.catalogue import the_catalogue
from services.applications.domain.exchange import Exchange

DAY = date(2026, 11, 23)
SOURCED = {"source": "a test", "source_date": "2026-11-22", "certainty": "D", "valid_from": "2026-01-01"}
MONEY = [{"code": "USD", "digits": 2}, {"code": "RUB", "digits": 2}]


def exchange(**given: Any) -> Exchange:
    return Exchange.model_validate_json(json.dumps({"currencies": MONEY} | given))


def rate(value: str, **more: str) -> dict[str, str]:
    return SOURCED | {"base": "USD", "quote": "RUB", "value": value} | more


def test_the_rate_that_was_set_last_before_the_day_counts() -> None:
    found = exchange(rates=[rate("80"), rate("85.5", valid_from="2026-11-23"), rate("99", valid_from="2026-11-24")])
    assert [one.value for one in found.rates_into("RUB", DAY)] == ["85.5"]
    assert [one.value for one in found.rates_into("RUB", date(2026, 11, 22))] == ["80"]
    assert found.rates_into("RUB", date(2025, 1, 1)) == ()


def test_what_a_case_keeps_of_a_rate_says_who_set_it_when_and_that_it_is_illustrative() -> None:
    (kept,) = exchange(rates=[rate("80")]).rates_into("RUB", DAY)
    assert (kept.source, kept.source_date, kept.illustrative) == ("a test", "2026-11-22", True)


@pytest.mark.parametrize("wrong", [{"rates": [rate("0.00")]}, {"rates": [rate("80", quote="XXX")]}, {"rates": [rate("1e3")]}])
def test_a_rate_of_nothing_or_into_an_unknown_currency_stops_the_start(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        exchange(**wrong)


def test_every_country_with_a_currency_of_its_own_has_a_rate_of_the_tariffs_today() -> None:
    money = the_catalogue().exchange
    for host in money.hosts:
        assert {one.base for one in money.rates_into(host.currency, DAY)} >= {"USD"}, host.country
