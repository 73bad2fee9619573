"""What goes in and out while a draft is filled in, confirmed by others, or entered at the counter."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from services.applications.api.schemas import Answer, AnswerKey, AnswerView, In, Named
from shared.actors import Assurance

CodeText = Annotated[str, Field(min_length=8, max_length=40, description="As it was given; spaces and hyphens do not matter")]


class StepAnswers(In):
    answers: Annotated[dict[AnswerKey, Answer], Field(max_length=100, description="Of this page: those left out are deleted")]
    version: int | None = Field(None, ge=0, le=2**53, description="The version you had seen; 409 where this page changed since")


class CosignerView(BaseModel):
    """Somebody else who must confirm the application before it can be handed in."""

    code: str
    label: str
    name: str = Field(description="As the applicant wrote it; empty where it is not answered yet")
    state: Literal["to_invite", "invited", "run_out", "confirmed", "changed", "declined"] = Field(
        description="changed: they confirmed, and then answers were changed: they must look again"
    )
    invited_at: datetime | None
    answered_at: datetime | None


class CosignerSeen(CosignerView):
    """The same for an officer of its post."""

    state_text: str
    assurance: Assurance | None = Field(description="What was known of who they are as they answered")


class Cosigners(BaseModel):
    cosigners: list[CosignerView]
    complete: bool = Field(description="Everybody who must has confirmed what is answered now")
    can_be_asked: bool = Field(description="They can be asked and heard now: it can change, or the post waits for them")


class Invitation(BaseModel):
    code: str = Field(
        description="Give it to the other person. It is shown this once, and asks for nothing without their sign-in"
    )
    expires_at: datetime


class InvitationCode(In):
    code: CodeText


class ToConfirm(BaseModel):
    """What somebody is asked to confirm."""

    application_id: str
    reference: str
    service: Named
    post: Named
    as_what: str = Field(description="As what they confirm it, for example as the second parent")
    name: str = Field(description="Whom the applicant named")
    answers: list[AnswerView]
    version: int = Field(description="Give it back: what was changed since is not confirmed")
    state: Literal["invited", "confirmed", "changed", "declined"]


class Confirmation(In):
    code: CodeText
    version: int = Field(ge=0, le=2**53)
    decision: Literal["confirmed", "declined"]


class Confirmed(BaseModel):
    decision: Literal["confirmed", "declined"]


class WarningNamed(In):
    pointer: Annotated[str, Field(max_length=100)]
    code: Annotated[str, Field(max_length=64)]


class NewAtCounter(In):
    grant: Annotated[str, Field(min_length=1, max_length=4000, description="Of identity: for whom you fill it in")]
    service_id: Annotated[str, Field(max_length=64)]
    post_id: Annotated[str, Field(max_length=8)]
    language: Literal["ky", "ru", "en"] = Field(description="Of the paper")
