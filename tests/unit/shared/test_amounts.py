"""Amounts of money in three languages."""

import tomllib
from pathlib import Path

import pytest
from babel.numbers import get_currency_precision

from shared.amounts import UNITS, amount_text
from shared.texts import Texts

TEXTS = Texts.load()
EXCHANGE = Path(__file__).parents[3] / "services" / "applications" / "catalogue" / "exchange.toml"


def written(amount_minor: int, currency: str, language: str) -> str:
    return amount_text(amount_minor, currency, language, TEXTS).replace("\u00a0", " ")


@pytest.mark.parametrize(("language", "text"), [("ky", "1 600 сом"), ("ru", "1 600 сом"), ("en", "1,600 KGS")])
def test_an_amount_is_written_with_the_word_by_which_people_know_the_currency(language: str, text: str) -> None:
    assert written(160_000, "KGS", language) == text


def test_cents_are_written_where_there_are_any_and_as_many_as_the_currency_has() -> None:
    assert (written(1050, "USD", "ru"), written(1050, "KRW", "en")) == ("10,50 долл. США", "1,050 KRW")


def test_a_currency_without_a_word_is_written_by_its_code() -> None:
    assert written(1050, "JPY", "ky") == "1 050 JPY"


def test_an_amount_breaks_over_no_line() -> None:
    assert " " not in amount_text(160_000, "USD", "ru", TEXTS)


def test_each_currency_of_the_catalogue_has_its_word_and_as_many_digits_here_as_there() -> None:
    for currency in tomllib.loads(EXCHANGE.read_text(encoding="utf-8"))["currencies"]:
        assert currency["code"] in UNITS
        assert currency["digits"] == get_currency_precision(currency["code"])
