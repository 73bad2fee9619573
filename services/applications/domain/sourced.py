"""What every value of the catalogue is made of: where it is written, when that was read, how sure we are, when it applies."""

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Slug = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{1,63}$")]
Key = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Msgid = Annotated[str, Field(min_length=1)]
Certainty = Literal["A", "B", "C", "D"]  # A official source read ... D illustrative default of ours


class Definition(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Sourced(Definition):
    """A value somebody can ask about."""

    source: Annotated[str, Field(min_length=3)]
    source_date: date
    certainty: Certainty
    valid_from: date
    valid_to: date | None = None
    remark: Msgid | None = None

    @property
    def illustrative(self) -> bool:
        return self.certainty == "D"

    def applies_on(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> Self:
        if self.valid_to is not None and self.valid_to < self.valid_from:
            raise ValueError("valid_to lies before valid_from")
        return self


class Limit(Sourced):
    value: Annotated[int, Field(gt=0)]


class Condition(Definition):
    """When something is needed: all that is given here must hold. Ages are those of the date in the field, on the day."""

    field: Key
    one_of: tuple[str, ...] = ()  # the answer is one of these
    answered: bool | None = None  # there is an answer, or there is none
    age_below: Annotated[int, Field(gt=0, le=150)] | None = None  # full years
    age_from: Annotated[int, Field(gt=0, le=150)] | None = None

    @model_validator(mode="after")
    def _asks_something(self) -> Self:
        if not self.one_of and self.answered is None and self.age_below is None and self.age_from is None:
            raise ValueError("a condition without one_of, answered, age_below or age_from holds always: leave it out")
        return self

    def holds(self, answers: dict[str, str], day: date) -> bool:
        """day: today at the post. An age asked of a field that is not answered, or is no date, does not hold."""
        value = answers.get(self.field, "")
        if self.answered is not None and bool(value) is not self.answered:
            return False
        if self.one_of and value not in self.one_of:
            return False
        if self.age_below is None and self.age_from is None:
            return True
        age = full_years(value, day)
        if age is None:
            return False
        return (self.age_below is None or age < self.age_below) and (self.age_from is None or age >= self.age_from)


def full_years(born: str, day: date) -> int | None:
    """Who is born on 29 February completes a year on 1 March of a common year. None where born is no date."""
    try:
        birth = date.fromisoformat(born)
    except ValueError:
        return None
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))
