"""A moment that somebody names: as text, with its zone, and no further away than a database can hold."""

import re
from datetime import UTC, datetime
from typing import Annotated

from pydantic import AwareDatetime, BeforeValidator, Field
from pydantic_core import PydanticCustomError

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
