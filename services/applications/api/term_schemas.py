"""What goes in and out about the term of a case: who holds it, how much of its time is used up, and who is told of that."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from services.applications.api.named import Named

Holder = Literal["post", "citizen", "body"]


class HeldFor(BaseModel):
    """How long somebody has had it, all stretches together."""

    holder: Holder
    holder_text: str
    hours: int
    text: str = Field(description="As people say it: 3 days")


class ExtensionView(BaseModel):
    days: int
    text: str
    reason: str
    reason_text: str
    at: datetime


class ClockView(BaseModel):
    """The legal clock, from the submission on. A day counts for the post where the post had it as that day began there."""

    state: Literal["running", "stopped", "not_started", "ended"]
    text: str = Field(description="Where the time stands, in words")
    day_kind: Literal["working", "calendar"]
    days: int = Field(description="Of the term, with its extensions")
    days_left: int = Field(description="That have not begun; of a clock that stands still, those that it goes on with")
    held: list[HeldFor]
    extensions: list[ExtensionView]
    alarm: Literal["at_risk", "overdue"] | None = Field(description="Four fifths of it are used up, or all of it")


class ExtensionReason(BaseModel):
    code: str
    text: str
    illustrative: bool


class ExtensionOffer(BaseModel):
    """By how much the law lets it be extended now, and for which reasons."""

    days: int
    day_kind: Literal["working", "calendar"]
    text: str
    source: str
    reasons: list[ExtensionReason]


class NewExtension(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    days: Annotated[int, Field(ge=1, le=1000)]
    reason: Annotated[str, Field(max_length=64)] = Field(description="Code of a reason that the case offers")


class Extended(BaseModel):
    id: str
    reference: str
    due_on: date
    version: int


class TermRow(BaseModel):
    """A case whose term runs out, without anything about its person."""

    id: str
    reference: str
    service: Named
    post: Named
    status: str
    status_text: str
    alarm: Literal["at_risk", "overdue"]
    due_on: date
    claimed_by: str | None = Field(description="The id of the officer who has it")
    claimed_by_you: bool


class TermRows(BaseModel):
    applications: list[TermRow]
    next: str | None = Field(description="Give it as `after` to read on; null on the last page")
    at_risk: int
    overdue: int
    counted_up_to: int
