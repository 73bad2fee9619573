"""The check for additive change sees every kind of break, and lets additions through."""

from enum import StrEnum

import pytest
from pydantic import BaseModel, ConfigDict

from cli.additive import breaks


class Outcome(StrEnum):
    PAPER = "paper"
    VISIT = "visit"


class MoreOutcomes(StrEnum):
    PAPER = "paper"
    VISIT = "visit"
    NOTHING = "nothing"


class Before(BaseModel):
    """In words."""

    reference: str
    revision: int
    outcome: Outcome
    note: str | None = None


class Reworded(Before):
    """In other words."""


class Grown(Before):
    channel: str | None = None


class Removed(BaseModel):
    reference: str
    outcome: Outcome
    note: str | None = None


class Renamed(BaseModel):
    number: str
    revision: int
    outcome: Outcome
    note: str | None = None


class Retyped(BaseModel):
    reference: str
    revision: str
    outcome: Outcome
    note: str | None = None


class Widened(BaseModel):
    reference: str | None
    revision: int
    outcome: Outcome
    note: str | None = None


class OtherValues(BaseModel):
    reference: str
    revision: int
    outcome: MoreOutcomes
    note: str | None = None


class MoreRequired(Before):
    channel: str


class NowRequired(BaseModel):
    reference: str
    revision: int
    outcome: Outcome
    note: str | None


class NowOptional(BaseModel):
    reference: str = ""
    revision: int
    outcome: Outcome
    note: str | None = None


class Closed(Before):
    model_config = ConfigDict(extra="forbid")


def found(now: type[BaseModel]) -> list[str]:
    return breaks(Before.model_json_schema(), now.model_json_schema())


@pytest.mark.parametrize("now", [Before, Reworded, Grown])
def test_an_addition_or_other_words_break_nobody(now: type[BaseModel]) -> None:
    assert found(now) == []


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (Removed, ["revision: removed or renamed"]),
        (Renamed, ["reference: removed or renamed", "number: new and required"]),
        (Retyped, ["revision: another type or other values"]),
        (Widened, ["reference: another type or other values"]),
        (OtherValues, ["outcome: another type or other values"]),
        (MoreRequired, ["channel: new and required"]),
        (NowRequired, ["note: required and was optional"]),
        (NowOptional, ["reference: optional and was required"]),
        (Closed, ["unknown fields: accepted before, or only now"]),
    ],
)
def test_a_break_is_named(now: type[BaseModel], expected: list[str]) -> None:
    assert found(now) == expected
