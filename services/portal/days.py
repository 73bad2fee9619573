"""A day typed in three boxes."""

from collections.abc import Mapping
from datetime import date

from fastapi import Request

from services.portal.forms import SHORT_YEAR, Faults, year_is_short
from services.portal.rendering import Pages
from shared.texts import N_

PARTS = ("day", "month", "year")
NO_DAY = N_("There is no such day. Write it as 22 11 2026.")


def day_of(request: Request, pages: Pages, typed: Mapping[str, str], name: str, faults: Faults) -> date | None:
    """None where nothing is typed, or nothing that is a day."""
    day, month, year = (typed[f"{name}-{part}"] for part in PARTS)
    if not (day or month or year):
        return None
    try:
        if year_is_short(year):
            faults.add(name, pages.say(request, SHORT_YEAR), target=f"{name}-year")
            return None
        return date(int(year), int(month), int(day))
    except ValueError:
        faults.add(name, pages.say(request, NO_DAY), target=f"{name}-day")
        return None
