"""Bodies of the later life of a case: what is asked, written, held, sent, corrected and annulled."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from services.applications.api.schemas import Answer, AnswerKey, Named
from services.applications.domain.correspondence import LONGEST

Words = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)]
Written = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST)]
Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{1,63}$", max_length=64)]
Pointer = Annotated[str, Field(min_length=1, max_length=100)]
Id = Annotated[str, Field(min_length=1, max_length=64)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class NewMark(_Body):
    pointer: Pointer = Field(description="Of `markable`: an answer or a paper of the form", examples=["/answers/pin"])
    note: Code = Field(description="Of `notes`", examples=["unreadable"])
    text: Words = Field(default="", description="Beside the note, in the citizen's language")


class PapersRequest(_Body):
    marks: list[NewMark] = Field(min_length=1, max_length=60)


class AskedAnswers(_Body):
    answers: dict[AnswerKey, Answer] = Field(max_length=100, description="Those that change; an empty one is taken back")
    version: int | None = Field(
        default=None, ge=0, le=2**53, description="Of the application as you saw it: 409 where it changed since"
    )


class NewMessage(_Body):
    text: Written


class HandingInAgain(_Body):
    note: Written | None = Field(None, description="Why nothing needs to be changed: it is a message to the post")


class BodyRequest(_Body):
    body: Code


class BodyAnswer(_Body):
    answer: Code = Field(description="Of `body_answers`")


class Dispatch(_Body):
    carrier: Code


class Correction(_Body):
    answers: dict[AnswerKey, Answer] = Field(min_length=1, max_length=100, description="Those that are wrong, as they should be")
    reason: Code


class Annulment(_Body):
    reason: Code


class NewOriginal(_Body):
    kind: Code
    kept_where: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]


class PouchItem(_Body):
    application_id: Id
    original_id: Id


class NewPouch(_Body):
    to: Code = Field(description="A body of `bodies`, or a post")
    seal: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=30)]
    items: list[PouchItem] = Field(min_length=1, max_length=50)


class Chosen(BaseModel):
    code: str
    text: str


class Markable(BaseModel):
    pointer: str
    label: str


class MarkView(BaseModel):
    pointer: str
    label: str
    note: str
    note_text: str
    text: str
    changed: bool


class AskedView(BaseModel):
    """open: it waits for the citizen. opens: pointers of all that may be changed."""

    marks: list[MarkView]
    opens: list[str]
    asked_at: datetime
    until: date
    open: bool
    answered_at: datetime | None


class BodyView(BaseModel):
    name: str
    asked_at: datetime
    answered_at: datetime | None
    answer: str | None = Field(description="What it answered, in words")


class AppealView(BaseModel):
    ground: str
    article: str | None
    how: str
    until: date | None
    illustrative: bool


class MailView(BaseModel):
    carrier: str
    at: datetime


class AnnulmentView(BaseModel):
    reason: str
    at: datetime


class MessageView(BaseModel):
    id: str
    written_by: Literal["citizen", "post"]
    role: str
    text: str
    at: datetime


class OriginalView(BaseModel):
    id: str
    kind: str
    state: Literal["kept", "travelling", "returned"]
    received_at: datetime
    returned_at: datetime | None


class HeldOriginal(OriginalView):
    kept_where: str


class _Life(BaseModel):
    asked: AskedView | None = Field(description="What the post asked for the last time")
    body: BodyView | None = Field(description="The body that was asked the last time")
    appeal: AppealView | None = Field(description="Of a refusal: the ground, and how and until when to appeal")
    mail: MailView | None
    annulment: AnnulmentView | None
    revision: int = Field(description="Of its document: more than 1 where it was corrected")
    messages: list[MessageView] = Field(description="Oldest first")
    version: int


class CitizenLife(_Life):
    originals: list[OriginalView] = Field(description="Papers of yours that the post holds or held")
    may: list[Literal["change", "write"]]


class OfficerLife(_Life):
    originals: list[HeldOriginal]
    unanswered_since: datetime | None = Field(description="The first message of the citizen that has no answer")
    markable: list[Markable] = Field(description="What can be marked: answers in the form's order, then papers")
    notes: list[Chosen]
    bodies: list[Chosen]
    body_answers: list[Chosen]
    carriers: list[Chosen]
    annulments: list[Chosen]
    corrections: list[Chosen]
    kinds: list[Chosen] = Field(description="Of originals")
    may: list[Literal["request_papers", "ask_body", "write", "keep", "send", "correct"]]


class PouchArrival(_Body):
    found: list[Id] = Field(min_length=1, max_length=50, description="Ids of the originals that were in it")


class PouchView(BaseModel):
    id: str
    post: Named = Field(description="From where")
    to: str
    seal: str
    items: int
    sent_at: datetime
    arrived_at: datetime | None
    missing: int = Field(description="Of its items, how many were not in it when it was opened, and have not come since")


class PouchList(BaseModel):
    pouches: list[PouchView]
    places: list[Chosen] = Field(description="Where one can be sent: other posts, departments and bodies")


class PouchItemView(BaseModel):
    application_id: str
    reference: str
    original_id: str
    kind: str
    state: Literal["on_its_way", "arrived", "missing"]


class PouchDetails(PouchView):
    contents: list[PouchItemView]
    opens: bool = Field(description="You may record what was in it")
    for_others: bool = Field(description="It was sent to others, who open it: you record only what came back to you")


class PaperHere(BaseModel):
    application_id: str
    reference: str
    original_id: str
    kind: str
    kept_where: str
    received_at: datetime


class PapersHere(BaseModel):
    papers: list[PaperHere]
