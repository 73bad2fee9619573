"""What goes in and out of the HTTP interface of applications."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from services.applications.api.named import Named as Named
from services.applications.api.paper_schemas import PaperView
from services.applications.api.term_schemas import ClockView, ExtensionOffer
from services.applications.domain.permissions import OfficerAct
from shared.actors import Assurance

Answer = Annotated[str, Field(max_length=4000)]
AnswerKey = Annotated[str, Field(max_length=40)]
Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$")]  # of a person or a case: no sentence and no address


TakenBackAt = Annotated[
    datetime | None, Field(description="A payment was taken back, so that it is not paid any more; None: or it is paid anew")
]
FeeStanding = Annotated[Literal["none", "due", "paid", "waived"], Field(description="What is owed for it: see its fee")]


class In(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class NewApplication(In):
    service_id: Annotated[str, Field(max_length=64)]
    post_id: Annotated[str, Field(max_length=8)]
    language: Literal["ky", "ru", "en"] | None = Field(None, description="Language of the paper; else that of your account")
    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")] | None = Field(None, description="Where you live (not kept)")
    region: Annotated[str, Field(pattern=r"^[A-Z]{2}-[A-Z0-9]{1,3}$")] | None = Field(
        None, description="ISO 3166-2 (not kept): for services that are applied for only at the post of one's region"
    )


class Answers(In):
    answers: Annotated[dict[AnswerKey, Answer], Field(max_length=100, description="All answers: those left out are deleted")]
    version: int | None = Field(None, ge=0, le=2**53, description="The version you had seen; 409 where someone changed it since")


class Proposal(In):
    outcome: Literal["approve", "refuse"]
    reason: Annotated[str, Field(max_length=64)] | None = Field(None, description="Code of a refusal reason of the service")


class Decision(In):
    outcome: Literal["approve", "refuse", "send_back"]
    reason: Annotated[str, Field(max_length=64)] | None = Field(
        None, description="To refuse: code of a refusal reason. To send back: code of a note. Both are lists of the service"
    )


class Referral(In):
    to: Annotated[str, Field(pattern=r"^([a-z]{3}|ministry)$")] = Field(
        description="A post, ministry, or the case's own post to take it back"
    )


class Blank(In):
    blank_number: Annotated[str, Field(min_length=1, max_length=32)]


class SourcedView(BaseModel):
    """A value with its source. certainty: A official source read, B press or old, C general knowledge, D our own default."""

    text: str
    source: str
    source_date: date
    certainty: Literal["A", "B", "C", "D"]
    illustrative: bool
    valid_from: date
    valid_to: date | None
    remark: str | None


class FeeView(SourcedView):
    amount_minor: int
    currency: str


class DaysView(SourcedView):
    days: int
    day_kind: Literal["working", "calendar"]


class LimitView(SourcedView):
    value: int


class AssuranceView(SourcedView):
    """What must be known of who the citizen is, and when."""

    level: Assurance
    when: Literal["submission", "handover"]


class OptionView(BaseModel):
    value: str
    label: str


class ConditionView(BaseModel):
    """All that is given must hold. Ages are those of the date in the field, today at the post."""

    field: str
    one_of: list[str] = Field(description="The answer is one of these; empty: any")
    answered: bool | None = Field(description="There is an answer, or there is none")
    age_below: int | None
    age_from: int | None


class FieldView(BaseModel):
    key: str
    label: str
    hint: str | None
    type: str
    required: bool
    max_length: int
    multiline: bool
    max_lines: int = Field(description="Of a text with several lines")
    when: Literal["past", "future"] | None
    needed: list[ConditionView] = Field(description="It is asked only where all of these hold")
    options: list[OptionView] = Field(description="Of a choice. For a country see /api/countries")


class StepView(BaseModel):
    """A page of the form: it asks for one thing. Every field stands in exactly one step."""

    id: str
    title: str
    fields: list[str] = Field(description="Keys of the fields, in their order")


class AttachmentRuleView(BaseModel):
    label: str
    hint: str | None
    required: bool
    media_types: list[str]
    max_bytes: LimitView


class ReasonView(BaseModel):
    code: str
    text: str
    illustrative: bool


class ServiceSummary(BaseModel):
    id: str
    version: int
    title: str
    summary: str
    outcome: str
    outcome_text: str
    fee: FeeView | None
    term: DaysView


class ServiceView(ServiceSummary):
    urgent: bool = Field(description="Looked at before all others")
    term_extension: DaysView | None
    validity: DaysView | None
    officers_required: LimitView | None = Field(description="Hidden (null) until a post supplies its source")
    draft_lifetime_days: LimitView
    assurance: AssuranceView
    fields: list[FieldView]
    steps: list[StepView]
    attachment: AttachmentRuleView | None
    refusal_reasons: list[ReasonView]
    send_back_notes: list[ReasonView]


class ServiceList(BaseModel):
    services: list[ServiceSummary]


class CountryList(BaseModel):
    countries: list[OptionView]


class HeldBy(BaseModel):
    role: str
    text: str
    post: Named | None


class Due(BaseModel):
    on: date
    text: str
    certainty: Literal["A", "B", "C", "D"]
    illustrative: bool
    remark: str | None


class StatusView(BaseModel):
    id: str
    reference: str
    service: Named
    post: Named
    status: str
    status_text: str
    status_since: datetime
    what_happened: str
    what_next: str
    held_by: HeldBy | None = Field(description="A post and a role, never an officer. None: the case is closed")
    until: str | None = Field(description="Until when, in words. None: nothing more is awaited")
    due: Due | None = Field(description="None: nothing is owed by a day now")
    clock: ClockView | None = Field(description="None: not handed in")
    reason: ReasonView | None
    started_at: datetime
    submitted_at: datetime | None
    version: int


class StatusRow(BaseModel):
    id: str
    reference: str
    service: Named
    post: Named
    status: str
    status_text: str
    status_since: datetime
    started_at: datetime
    submitted_at: datetime | None


class StatusPage(BaseModel):
    applications: list[StatusRow]
    next: str | None = Field(description="Give it as `after` to read on; null on the last page")


class AttachmentView(BaseModel):
    media_type: str
    size: int
    sha256: str
    stored_at: datetime


class Notice(BaseModel):
    pointer: str
    code: str
    text: str
    confirmed: bool = Field(False, description="An officer compared it with the paper")


class ApplicationChange(BaseModel):
    """The data of an event of a stream of changes."""

    id: str
    status: str
    version: int


class AnswerView(BaseModel):
    key: str
    label: str
    value: str
    text: str = Field(description="As a person reads it")


class CitizenApplication(StatusView):
    answers: dict[str, str]
    asked: list[str] = Field(description="Keys of the questions that apply to these answers, in the form's order")
    answer_texts: list[AnswerView] = Field(description="The same with their labels, as a person reads them, in the form's order")
    attachment: AttachmentView | None = Field(description="The file of a service that asks for one; else see papers")
    papers: list[PaperView]
    warnings: list[Notice] = Field(description="Unusual, yet nothing that stops you")
    missing: list[Notice] = Field(description="What a draft still needs before it can be handed in")
    may: list[Literal["edit", "submit", "withdraw"]] = Field(
        description="What you can do now; submit only where nothing is missing"
    )
    draft_closes_at: datetime | None
    second_officer: bool = Field(description="A second officer decides, and not the one who reviews it")
    document_id: str | None
    fee: FeeStanding
    payment_taken_back_at: TakenBackAt


class JournalLine(BaseModel):
    sequence: int
    at: datetime
    by: Literal["citizen", "officer", "system"]
    role: str | None
    action: str
    text: str


class CitizenJournal(BaseModel):
    entries: list[JournalLine]


class OfficerJournalLine(JournalLine):
    actor_id: str
    reason: str | None
    reason_text: str | None
    event_ids: list[str]
    event_types: list[str]


class OfficerJournal(BaseModel):
    entries: list[OfficerJournalLine]


class OfficerRow(StatusRow):
    applicant: str = Field(description="Name of the person the paper is for")
    due_on: date | None
    overdue: bool = Field(description="Not decided, and the day it was due has passed at the post")
    claimed: bool
    claimed_by_you: bool
    urgent: bool
    ready_to_decide: bool = Field(description="Complete, paid, and nothing in it to compare")
    issue_problem: str | None
    unanswered_since: datetime | None = Field(description="The first message of the citizen that has no answer")
    payment_taken_back_at: TakenBackAt


class OfficerPage(BaseModel):
    applications: list[OfficerRow]
    next: str | None


class StatusCount(BaseModel):
    status: str
    status_text: str
    count: int


class OfficerCounts(BaseModel):
    """How much there is at your post. No number is more than counted_up_to: that many means that many or more."""

    statuses: list[StatusCount]
    mine: int = Field(description="Claimed by you and not decided")
    overdue: int = Field(description="Not decided, and the day it was due has passed at the post")
    given: int = Field(description="Proposed at other posts, and given to yours or to the ministry to decide")
    ready: int = Field(description="Not decided, and can be decided as it is")
    unanswered: int = Field(description="Their citizens wrote, and nobody has answered")
    unanswered_since: datetime | None = Field(description="Of these, the one who waits for longest")
    counted_up_to: int


class ProposalView(BaseModel):
    outcome: str
    reason: ReasonView | None
    at: datetime
    by_you: bool


class OfficerApplication(StatusView):
    unanswered_since: datetime | None = Field(description="The first message of the citizen that has no answer")
    fee: FeeStanding
    payment_taken_back_at: TakenBackAt
    applicant: str = Field(description="Name of the person the paper is for")
    citizen_id: str = Field(description="Whose case it is: at their account it is recorded which papers were seen")
    assurance: Assurance = Field(description="What is known of who the citizen is")
    extension: ExtensionOffer | None = Field(description="None: you cannot extend its term now")
    papers_needed: bool = Field(description="It is not handed over before an officer has seen who the citizen is")
    erased: bool = Field(description="The personal data was erased: there are no answers and no file any more")
    overdue: bool
    claimed_by_you: bool
    officers_required: int = Field(description="How many persons a decision needs: 1 or 2")
    deciding_at: Named | None = Field(description="Where else, besides its post, the decision may be made")
    may: list[OfficerAct] = Field(description="What you can do now; decide: only what is proposed, with its reason")
    why_not: str | None = Field(description="Why what it waits for must be done by another officer")
    refusal_reasons: list[ReasonView] = Field(description="Of the version it runs on, as the notes to send it back")
    send_back_notes: list[ReasonView]
    answers: list[AnswerView]
    attachment: AttachmentView | None = Field(description="The file of a service that asks for one; else see papers")
    papers: list[PaperView]
    warnings: list[Notice]
    proposal: ProposalView | None
    blank_number: str | None
    blank_example: str | None = Field(description="How the number of a blank is written. None: the service needs no blank")
    identity_checked_at: datetime | None
    handed_over_at: datetime | None
    issue_problem: str | None
    issue_problem_text: str | None
    document_id: str | None


class OfficerReceipt(BaseModel):
    """What an act of an officer answers: where the case stands now. The case itself is read with GET."""

    id: str
    reference: str
    status: str
    status_text: str
    version: int
