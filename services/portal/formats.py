"""Dates, times, amounts and sizes as people of each language write them (Babel, CLDR)."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, format_timedelta, get_timezone_location
from babel.numbers import format_decimal
from babel.units import format_unit

from shared.retention.terms import Term
from shared.texts import N_

UNITS = ((1_000_000, N_("{size} MB")), (1_000, N_("{size} KB")))
BYTES = N_("{size} bytes")
KYRGYZ_UNITS = {"duration-day": "күн", "duration-month": "ай"}  # which CLDR lacks; no plural there
LOCALES = {"en": "en_GB"}  # 22 November 2026; the English of most readers abroad


def day(value: date | str | None, language: str) -> str:
    """In: a date or its ISO form (a time is cut off). Out: 22 November 2026, in the language; empty for nothing."""
    if not value:
        return ""
    return format_date(date.fromisoformat(value[:10]) if isinstance(value, str) else value, "long", locale=_locale(language))


def moment(value: datetime | str | None, language: str, zone: str = "UTC") -> str:
    """In: a time with its offset, or its ISO form; zone: IANA, usually the post's. Out: day, hour and minute there."""
    if not value:
        return ""
    local = _moment(value).astimezone(ZoneInfo(zone))
    return f"{format_date(local, 'long', locale=_locale(language))}, {format_datetime(local, 'HH:mm', locale=_locale(language))}"


def clock_time(value: datetime | str, language: str, zone: str = "UTC") -> str:
    return format_datetime(_moment(value).astimezone(ZoneInfo(zone)), "HH:mm", locale=_locale(language))


def city_of(zone: str, language: str) -> str:
    """In: a zone of IANA. Out: the city that it is named after, as people write it."""
    return get_timezone_location(zone, locale=_locale(language), return_city=True)


def duration(seconds: float, language: str) -> str:
    """Out: one unit that says enough: 5 minutes, 2 hours."""
    return format_timedelta(timedelta(seconds=seconds), threshold=1.5, locale=_locale(language))


def term(text: str, language: str) -> str:
    """In: a term of retention, as P90D or P5Y. Out: 90 days, 5 years."""
    of = Term.parse(text)
    years, months = divmod(of.months, 12)
    parts = {
        "duration-year": years + of.calendar_years,
        "duration-month": months,
        "duration-day": of.days,
        "duration-hour": of.exact.total_seconds() / 3_600,
    }
    return " ".join(_unit(count, unit, language) for unit, count in parts.items() if count)


def _unit(count: float, unit: str, language: str) -> str:
    if language == "ky" and unit in KYRGYZ_UNITS:
        return f"{number(count, language)} {KYRGYZ_UNITS[unit]}"
    return format_unit(count, unit, locale=_locale(language))


def number(value: float, language: str) -> str:
    return format_decimal(value, locale=_locale(language))


def file_size(size: int, language: str) -> tuple[str, dict[str, Any]]:
    """Out: a msgid and its params."""
    for unit, text in UNITS:
        if size >= unit:
            return text, {"size": format_decimal(round(size / unit, 1), locale=_locale(language))}
    return BYTES, {"size": format_decimal(size, locale=_locale(language))}


def _moment(value: datetime | str) -> datetime:
    return datetime.fromisoformat(value) if isinstance(value, str) else value


def _locale(language: str) -> str:
    return LOCALES.get(language, language)
