"""What goes in and out where somebody asks what they will need."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from services.applications.api.schemas import Answer, AnswerKey, DaysView, FieldView, In, Named, SourcedView

AppliesView = Annotated[Literal["yes", "depends"], Field(description="depends: on a question that is not answered here")]


class KnownAnswers(In):
    answers: Annotated[
        dict[AnswerKey, Answer],
        Field(max_length=40, description="Some of `questions`; nothing of it is kept"),
    ] = Field(default_factory=dict)


class PaperNeeded(BaseModel):
    code: str
    label: str
    hint: str | None
    bring: Literal["file", "original", "both"] = Field(description="A file with the form, the original to the post, or both")
    required: bool
    media_types: list[str] = Field(description="What a file of it may be")
    max_bytes: int = Field(description="Of one file")
    applies: AppliesView
    illustrative: bool


class FeeNeeded(SourcedView):
    """text: the amount as people read it."""

    code: str
    label: str
    amount_minor: int
    currency: str
    each: str | None = Field(description="For each of what it is")
    payee: Literal["mission", "state_budget"]
    paid_where: Literal["post_or_online", "bank_in_kyrgyzstan"]
    gate: Literal["review", "issue"] = Field(description="Paid before the post begins, or before the document is made")
    applies: AppliesView


class ReductionNeeded(BaseModel):
    label: str
    percent: int
    applies: AppliesView


class CosignerNeeded(BaseModel):
    label: str
    applies: AppliesView


class ForWhom(BaseModel):
    """text: for yourself, for your child, …; only: what must hold besides, as an age."""

    text: str
    only: list[str]
    source: str
    illustrative: bool


class LawView(BaseModel):
    title: str
    source: str
    illustrative: bool


class NeedsView(BaseModel):
    """What one will need for a service, before one begins, or for a draft as it is answered."""

    service: Named
    questions: list[FieldView] = Field(description="What it depends on, as far as that is known to apply")
    answers: dict[str, str] = Field(description="Those that were understood")
    papers: list[PaperNeeded]
    fees: list[FeeNeeded]
    reductions: list[ReductionNeeded]
    cosigners: list[CosignerNeeded]
    term: DaysView
    term_extension: DaysView | None
    visits: Literal["none", "to_apply", "to_collect", "both"]
    guidance: str | None
    who_may_apply: ForWhom | None
    legal_basis: list[LawView]
    complete: bool = Field(description="Nothing depends on a question that is not answered")
