"""What goes in and out of the routes about looks, objections and receipts."""

from datetime import datetime

from pydantic import BaseModel, Field

from services.applications.api.schemas import In, Named, StatusView


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


class LooksView(BaseModel):
    looks: list[LookView]
    next: str | None = Field(description="Give it as `before` to read older ones")


class Objection(In):
    look_id: str = Field(min_length=1, max_length=128, description="`id` of the look that is objected to")


class ObjectionView(BaseModel):
    id: str
    application_id: str
    reference: str
    look_id: str
    looked_at: datetime
    officer_id: str
    reason: str
    objected_at: datetime


class ObjectionsView(BaseModel):
    objections: list[ObjectionView]


class Made(BaseModel):
    id: str
