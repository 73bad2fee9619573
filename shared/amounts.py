"""Amounts of money as people of each language write them: one form everywhere, with the word by which they know the currency."""

from decimal import Decimal

from babel.numbers import format_decimal, get_currency_precision

from shared.texts import N_, Texts

UNITS = {
    "EUR": N_("EUR"),
    "KGS": N_("KGS"),
    "KRW": N_("KRW"),
    "KZT": N_("KZT"),
    "RUB": N_("RUB"),
    "TRY": N_("TRY"),
    "USD": N_("USD"),
}
SPACE = "\N{NO-BREAK SPACE}"  # an amount breaks over no line


def amount_text(amount_minor: int, currency: str, language: str, texts: Texts) -> str:
    """In: whole minor units (cents) and the currency's code (ISO 4217). Out: 1,600 RUB; cents only where there are any."""
    digits = get_currency_precision(currency)
    amount = Decimal(amount_minor).scaleb(-digits)
    places = digits if amount % 1 else 0
    number = format_decimal(amount, format=f"#,##0{'.' + '0' * places if places else ''}", locale=language)
    unit = texts.translate(UNITS[currency], language) if currency in UNITS else currency
    return f"{number}{SPACE}{unit.replace(' ', SPACE)}"
