"""What goes in and out of the routes about looks, objections and receipts."""

from datetime import datetime

from pydantic import BaseModel, Field

from services.applications.api.schemas import In, Named, StatusView
from services.applications.objections import Answer, State


class Receipt(StatusView):
    """promise: a JWS that says under which id and hash this submission is in the audit, and by when a checkpoint will hold it."""

    promise: str | None = None


class LookView(BaseModel):
    """Somebody else's look at the application. Never an officer's name: role and post."""

    id: str
    at: datetime
    by: str = Field(description="officer, service or operator")
    role: str | None
    post: Named | None
    what: str = Field(description="What was looked at, in words")
    reason: str = Field(description="Why, in words")
    objected: bool
    answer: str | None = Field(None, description="What came of your objection, in words")
    answered_at: datetime | None = None


class LooksView(BaseModel):
    looks: list[LookView]
    next: str | None = Field(description="Give it as `before` to read older ones")


class Objection(In):
    look_id: str = Field(min_length=1, max_length=128, description="`id` of the look that is objected to")


class ObjectionAnswer(In):
    answer: Answer = Field(description="justified: the look was part of the work. passed-on: to who looks into officers' conduct")


class AnswerView(BaseModel):
    code: Answer
    text: str


class ObjectionView(BaseModel):
    id: str
    application_id: str
    reference: str
    post_id: str
    look_id: str
    looked_at: datetime
    officer_id: str
    reason: str = Field(description="Which the officer gave, in words")
    objected_at: datetime
    state: State
    answer: AnswerView | None
    answered_at: datetime | None
    may_answer: bool = Field(description="Whether you may: not about a look of your own, and not as an auditor")


class ObjectionsView(BaseModel):
    objections: list[ObjectionView]
    answers: list[AnswerView] = Field(description="What can be answered")


class Made(BaseModel):
    id: str
