"""A moment or a day that somebody names: as text, a moment with its zone and no further away than a database can hold."""

import re
from datetime import UTC, date, datetime
from typing import Annotated

from pydantic import AwareDatetime, BeforeValidator, Field
from pydantic_core import PydanticCustomError

_ISO_8601 = re.compile(r"\d{4}-\d\d-\d\d")
_RFC_3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt ]")


def _text(given: object) -> object:
    """pydantic takes seconds since 1970 as well, which the description does not say."""
    if isinstance(given, datetime):
        return given
    if not isinstance(given, str) or not _RFC_3339.match(given):
        raise PydanticCustomError("datetime_type", "a moment is written as text")
    return given


Moment = Annotated[
    AwareDatetime, BeforeValidator(_text), Field(ge=datetime(1900, 1, 1, tzinfo=UTC), le=datetime(2200, 1, 1, tzinfo=UTC))
]


def _day(given: object) -> object:
    if isinstance(given, str) and not _ISO_8601.fullmatch(given):
        raise PydanticCustomError("date_parsing", "a day is written as 2026-11-23")
    return given


Day = Annotated[date, BeforeValidator(_day)]
