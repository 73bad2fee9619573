"""What goes in and out of the routes about rights and consents."""

from datetime import datetime, timedelta
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from services.identity.api.schemas import Asked
from services.identity.domain.consent import ConsentEntry, How, Said
from services.identity.domain.erasure import Erasure
from services.identity.domain.rights_request import (
    LONGEST_WORDS,
    Clock,
    RequestKind,
    RequestState,
    RightsRequest,
    Wish,
)
from services.identity.rights import ConsentText, rights_terms
from shared.sealing.holds import hold_kinds, kinds_in

Words = Annotated[str, Field(max_length=LONGEST_WORDS)]
PostId = Annotated[str, Field(pattern=r"^[a-z]{3}$")]


class CorrectionAsked(Asked):
    service: Literal["account", "applications", "documents", "messages"] = Field(description="Where it lies")
    where: str = Field("", max_length=200, description="The reference of the case, and the question or line that is wrong")
    wrong: Words
    right: Words = Field(description="What it should be")
    post_id: PostId | None = Field(None, description="Whose head answers; without it the post you belong to, or the ministry")

    def wish(self) -> Wish:
        return Wish(self.service, self.where.strip(), self.wrong.strip(), self.right.strip())


class ErasureAsked(Asked):
    confirmed: Literal[True] = Field(description="That you have read what is destroyed and what is kept")


class Answer(Asked):
    words: Words = Field(description="To the person: what was done")


class Refusal(Asked):
    ground: str = Field(max_length=40, description="A code of GET /api/rights/refusals")
    words: Words = Field(description="To the person: why, for this case")


class Coded(BaseModel):
    code: str
    text: str


class WishView(BaseModel):
    service: str
    where: str
    wrong: str
    right: str


class RequestView(BaseModel):
    """ground: why it was refused, or what is kept all the same, in words. objection: how to object, where there is something to
    object to. wish and words are null once the person was erased."""

    id: str
    reference: str
    kind: RequestKind
    state: RequestState
    clock: Clock
    asked_at: datetime
    due_at: datetime
    told_at: datetime | None
    answered_at: datetime | None
    by_officer: bool
    post_id: str | None
    ground: list[Coded]
    wish: WishView | None
    words: str | None
    objection: str | None
    withdrawable: bool

    @classmethod
    def of(cls, request: RightsRequest, *, now: datetime, language: str) -> "RequestView":
        refused = request.state is RequestState.REFUSED
        return cls(
            id=request.id,
            reference=request.reference,
            kind=request.kind,
            state=request.state,
            clock=request.clock(now, rights_terms().soon),
            asked_at=request.asked_at,
            due_at=request.due_at,
            told_at=request.told_at,
            answered_at=request.answered_at,
            by_officer=request.answered_by is not None and request.kind is RequestKind.CORRECTION,
            post_id=request.post_id,
            ground=[Coded(code=code, text=ground_text(code, language)) for code in request.ground],
            wish=WishView(**request.wish) if request.wish else None,
            words=request.words,
            objection=rights_terms().objection[language] if refused or request.ground else None,
            withdrawable=request.is_open and request.kind is RequestKind.CORRECTION,
        )


class TermsView(BaseModel):
    """days: by kind of request. certainty: as consular facts are marked; D is not certain."""

    days: dict[RequestKind, int]
    source: str
    certainty: str
    version: int

    @classmethod
    def now(cls) -> "TermsView":
        terms = rights_terms()
        days = {kind: term.length // timedelta(days=1) for kind, term in terms.terms.items()}
        return cls(days=days, source=terms.source, certainty=terms.certainty, version=terms.version)


class OwnRequests(BaseModel):
    requests: list[RequestView]
    terms: TermsView


class Made(BaseModel):
    """What asking and answering give back: nothing that was written, because the answer is kept for repetitions."""

    id: str
    reference: str
    state: RequestState
    due_at: datetime

    @classmethod
    def of(cls, request: RightsRequest) -> "Made":
        return cls(id=request.id, reference=request.reference, state=request.state, due_at=request.due_at)


class ServiceAnswer(BaseModel):
    """held: none where the data is destroyed."""

    service: str
    at: datetime
    held: list[Coded]


class OwnErasure(BaseModel):
    """asked: whether an erasure goes on. withdrawing: taking it back was asked, and is not confirmed yet."""

    asked: bool
    asked_at: datetime | None = None
    request_id: str | None = None
    answers: list[ServiceAnswer] = []
    held: list[Coded] = []
    withdrawable: bool = False
    withdrawing: bool = False

    @classmethod
    def of(cls, erasure: Erasure | None, language: str) -> "OwnErasure":
        if erasure is None or erasure.withdrawn_at:
            return cls(asked=False)
        told = {service: holds_in_words(kinds_in(answer.held_for), language) for service, answer in erasure.answers.items()}
        answers = [
            ServiceAnswer(service=service, at=answer.at, held=told[service])
            for service, answer in erasure.answers.items()
            if told[service] or not answer.held_for  # the answer to a request that was taken back is none to this one
        ]
        return cls(
            asked=True,
            asked_at=erasure.asked_at,
            request_id=erasure.request_id,
            answers=answers,
            held=holds_in_words(erasure.kinds, language),
            withdrawable=erasure.can_be_withdrawn and erasure.withdrawing_at is None,
            withdrawing=erasure.can_be_withdrawn and erasure.withdrawing_at is not None,
        )


class RequestLine(BaseModel):
    """One of the officers' list: numbers and dates, and nothing of whom it is about."""

    id: str
    reference: str
    kind: RequestKind
    state: RequestState
    clock: Clock
    asked_at: datetime
    due_at: datetime
    answered_at: datetime | None
    post_id: str | None

    @classmethod
    def of(cls, request: RightsRequest, now: datetime) -> "RequestLine":
        fields = {name: getattr(request, name) for name in cls.model_fields if name != "clock"}
        return cls(**fields, clock=request.clock(now, rights_terms().soon))


class RequestLines(BaseModel):
    requests: list[RequestLine]


class RequestToAnswer(RequestView):
    """person_name: empty where the person was erased, or never said it."""

    person_id: str
    person_name: str


class Refusals(BaseModel):
    refusals: list[Coded]


class ConsentSaid(Asked):
    purpose: str = Field(max_length=40)
    text_version: int = Field(ge=1, le=10_000)
    said: Said
    how: How = How.MY_DATA


class SaidView(BaseModel):
    purpose: str
    text_version: int
    said: Said
    at: datetime
    how: How

    @classmethod
    def of(cls, entry: ConsentEntry) -> "SaidView":
        return cls(purpose=entry.purpose, text_version=entry.text_version, said=entry.said, at=entry.at, how=entry.how)


class PurposeView(BaseModel):
    """One purpose that rests on your word. in_force: what counts now; ask: it was not said, or to an older text."""

    purpose: str
    text_version: int
    title: str
    text: str
    withdrawal: str
    in_force: Said
    ask: bool
    said_at: datetime | None

    @classmethod
    def of(cls, text: ConsentText, newest: ConsentEntry | None, language: str) -> "PurposeView":
        consent, words = text.consent, text.words[language]
        return cls(
            purpose=consent.purpose,
            text_version=consent.text_version,
            **{name: words[name] for name in ("title", "text", "withdrawal")},
            in_force=consent.in_force(newest),
            ask=consent.is_to_be_asked(newest),
            said_at=newest.at if newest else None,
        )


class ConsentsView(BaseModel):
    """by_law: what is processed without asking, because a law asks for it. ledger: all that you said, newest first."""

    purposes: list[PurposeView]
    by_law: list[Coded]
    ledger: list[SaidView]
    source: str
    certainty: str


def ground_text(code: str, language: str) -> str:
    """Of a refusal or a hold; the code itself for one that this release does not know."""
    if code in rights_terms().refusals:
        return rights_terms().refusals[code][language]
    return hold_kinds()[code].texts[language] if code in hold_kinds() else code


def holds_in_words(kinds: list[str], language: str) -> list[Coded]:
    return [Coded(code=kind, text=hold_kinds()[kind].texts[language]) for kind in kinds if kind in hold_kinds()]
