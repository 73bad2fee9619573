"""For whom a service may be applied for, and what an answer must be for that: an age, a citizenship."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from services.applications.domain.sourced import Key, Msgid, Sourced, full_years


class OnlyFor(Sourced):
    """Whoever answers otherwise is told so, in words of its own, as they answer, and before they pay. Ages are full years."""

    field: Key
    text: Msgid
    age_from: Annotated[int, Field(gt=0, le=150)] | None = None
    age_below: Annotated[int, Field(gt=0, le=150)] | None = None
    none_of: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _asks_one_thing(self) -> Self:
        if bool(self.none_of) == (self.age_from is not None or self.age_below is not None):
            raise ValueError("only asks for an age, or for none of some answers")
        return self

    def lets(self, answer: str, day: date) -> bool:
        """day: today at the post."""
        if self.none_of:
            return answer not in self.none_of
        age = full_years(answer, day)
        return age is not None and (self.age_from or 0) <= age and (self.age_below is None or age < self.age_below)


class WhoMayApply(Sourced):
    """For whom a person may apply; only: what must hold besides."""

    who: Annotated[tuple[Literal["self", "child", "relative", "proxy"], ...], Field(min_length=1)]
    only: tuple[OnlyFor, ...] = ()

    def refused(self, answers: Mapping[str, str], day: date) -> Iterator[OnlyFor]:
        """What does not hold by these answers, as far as there are any."""
        for rule in self.only:
            if rule.applies_on(day) and rule.field in answers and not rule.lets(answers[rule.field], day):
                yield rule
