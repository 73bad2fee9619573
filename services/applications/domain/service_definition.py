"""What a consular service is: its form, fees, terms and reasons, as data with a source. The rules of law live there, not here."""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from services.applications.domain.papers import ONLY_PAPER, MediaType, PaperRule
from services.applications.domain.posts import Post as Post
from services.applications.domain.sourced import Certainty, Condition, Definition, Key, Limit, Msgid, Slug, Sourced
from services.applications.domain.tariff import Tariff
from services.applications.domain.who_may_apply import WhoMayApply
from shared.actors import Assurance
from shared.contracts.applications import OutcomeKind

FieldType = Literal[
    "text", "name", "latin_name", "date", "choice", "phone", "document_number", "pin", "country", "mrz"
]  # fmt: skip


class Fee(Sourced):
    amount_minor: Annotated[int, Field(ge=0)]  # cents, tyiyn
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]


class Term(Sourced):
    days: Annotated[int, Field(gt=0, le=1000)]
    day_kind: Literal["working", "calendar"]


class OfficersRequired(Sourced):
    """How many persons a decision needs. 2: one proposes, another decides. 1: who proposed may decide as well."""

    value: Literal[1, 2]


class AssuranceRequired(Sourced):
    """What must be known of who the citizen is, and when: as it is handed in, or before it is handed over at the counter."""

    level: Literal["self-asserted", "counter-seen", "e-id"]
    when: Literal["submission", "handover"]

    def at(self, moment: Literal["submission", "handover"]) -> Assurance:
        return Assurance(self.level) if self.when == moment else Assurance.SELF_ASSERTED


class Validity(Sourced):
    """How long the paper is valid: a fixed number of days, or what the citizen chose in a field."""

    days: Annotated[int, Field(gt=0)]  # when the field is not answered, or there is none
    max_days: Annotated[int, Field(gt=0)]
    field: Key | None = None


class BlankRule(Sourced):
    """How a blank's number looks. written: one spelling for all that match, so that no blank is counted twice."""

    pattern: str
    written: str  # with {0}, {1} for the groups of the pattern
    example: str  # shown to the officer: the letters of the number are no secret

    def canonical(self, number: str) -> str | None:
        match = re.fullmatch(self.pattern, unicodedata.normalize("NFC", number).strip().upper())
        return self.written.format(*match.groups()) if match else None

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        _must_compile(self.pattern)
        try:
            self.written.format(*["x"] * re.compile(self.pattern).groups)
        except (IndexError, KeyError, ValueError):
            raise ValueError("written asks for a group that the pattern does not have") from None
        if self.canonical(self.example) != self.example:
            raise ValueError("example is not a number as this rule writes it")
        return self


class Reason(Definition):
    """article: of the act that the reason rests on, as it is cited. appeal_days: where they are others than for all.
    posts: where it is a ground; empty: everywhere."""

    code: Slug
    text: Msgid
    source: str
    certainty: Certainty
    article: str | None = None
    appeal_days: Annotated[int, Field(gt=0)] | None = None
    posts: tuple[str, ...] = ()


class Option(Definition):
    value: Key
    label: Msgid
    valid_days: Annotated[int, Field(gt=0)] | None = None


class FormField(Definition):
    key: Key
    label: Msgid
    type: FieldType
    hint: Msgid | None = None
    required: bool = True
    max_length: Annotated[int, Field(gt=0, le=4000)] = 200
    multiline: bool = False
    max_lines: Annotated[int, Field(gt=0, le=100)] = 40  # where there are several: what two printed pages hold
    when: Literal["past", "future"] | None = None  # dates only
    options: tuple[Option, ...] = ()
    holder: Literal["name", "name_latin", "birth_date", "pin"] | None = None
    printed: bool = False
    contact: bool = False  # where or how its citizen is reached: not shown to others who confirm the application
    needed: tuple[Condition, ...] = ()  # asked only where all of them hold

    @model_validator(mode="after")
    def _fits_its_type(self) -> Self:
        if (self.type == "choice") != bool(self.options):
            raise ValueError("options belong to a choice, and a choice needs them")
        if self.when and self.type != "date":
            raise ValueError("when is for dates")
        if self.multiline and self.type != "text":
            raise ValueError("multiline is for text")
        _must_differ([option.value for option in self.options], "options")
        return self

    def option(self, value: str) -> Option | None:
        return next((option for option in self.options if option.value == value), None)


class Step(Definition):
    """One page of the form, which asks for one thing."""

    id: Slug
    title: Msgid
    fields: Annotated[tuple[Key, ...], Field(min_length=1)]


class AttachmentRule(Definition):
    label: Msgid
    hint: Msgid | None = None
    required: bool
    media_types: Annotated[tuple[MediaType, ...], Field(min_length=1)]
    max_bytes: Limit

    def as_paper(self) -> PaperRule:
        return PaperRule(
            code=ONLY_PAPER,
            label=self.label,
            hint=self.hint,
            required=self.required,
            media_types=self.media_types,
            max_bytes=self.max_bytes,
        )


class LegalBasis(Definition):
    """An act of law as it is cited; what of it was read stands in the source."""

    title: Msgid
    source: str
    source_date: date
    certainty: Certainty


class ClockRule(Sourced):
    """When the legal clock starts: with the submission, when the fee is paid, or when all that was asked for is there.
    next_morning: handed in outside of hours, it starts as the post opens next."""

    starts: Literal["submission", "payment", "complete"] = "submission"
    next_morning: bool = False
    stops_for_citizen: bool = True
    stops_for_body: bool = True
    ends: Literal["decision", "ready"] = "decision"  # what is owed within the term: an answer, or the thing itself
    extension_reasons: tuple[Reason, ...] = ()  # for which term_extension may be taken; none: for the one it names


class CoSigner(Definition):
    """Somebody else who confirms from their own account before the submission counts, as the second parent does."""

    code: Slug
    label: Msgid
    name_field: Key  # whose name the applicant gave
    needed: tuple[Condition, ...] = ()
    source: str
    certainty: Certainty


class Appearance(Sourced):
    """How often the applicant must come, and for what."""

    visits: Literal["none", "to_apply", "to_collect", "both"]


class NameIdentity(Definition):
    """Fields that name the same person: an officer is shown where they disagree beyond transliteration."""

    fields: Annotated[tuple[Key, ...], Field(min_length=2)]


class ServiceDefinition(Definition):
    """One version of one service. A submitted application keeps the version it was submitted with."""

    id: Slug
    version: Annotated[int, Field(gt=0)]
    title: Msgid
    summary: Msgid
    guidance: Msgid | None = None  # plain words on what it is for, what happens, what to mind; paragraphs parted by a blank line
    group: Slug = "other"  # under which it is listed
    urgent: bool = False  # looked at before all others, whatever the hour
    legal_basis: tuple[LegalBasis, ...] = ()
    who_may_apply: WhoMayApply | None = None
    appearance: Appearance | None = None
    skills: tuple[Slug, ...] = ()  # what an officer must be marked with to be given it
    posts: tuple[str, ...] = ()  # where it is offered; empty: at every post that takes applications
    choice_of_post: Literal["any", "district"] = "any"  # district: only where one lives
    document_kind: Slug
    outcome: OutcomeKind
    officers_required: OfficersRequired
    assurance: AssuranceRequired
    draft_lifetime_days: Limit
    fees: tuple[Fee, ...] = ()
    term: Term
    term_extension: Term | None = None
    validity: Validity | None = None
    blank: BlankRule | None = None
    tariff: Tariff | None = None  # takes the place of fees
    clock: ClockRule | None = None
    cosigners: tuple[CoSigner, ...] = ()
    same_person: tuple[NameIdentity, ...] = ()
    attachment: AttachmentRule | None = None  # of the first versions: one file
    papers: tuple[PaperRule, ...] = ()
    fields: Annotated[tuple[FormField, ...], Field(min_length=1)]
    steps: Annotated[tuple[Step, ...], Field(min_length=1)]
    refusal_reasons: Annotated[tuple[Reason, ...], Field(min_length=1)]
    send_back_notes: Annotated[tuple[Reason, ...], Field(min_length=1)]

    @property
    def all_papers(self) -> tuple[PaperRule, ...]:
        """The one file of the first versions is a paper as any other."""
        return (*((self.attachment.as_paper(),) if self.attachment else ()), *self.papers)

    def paper(self, code: str) -> PaperRule | None:
        return next((paper for paper in self.all_papers if paper.code == code), None)

    def fee_on(self, day: date) -> Fee | None:
        return next((fee for fee in self.fees if fee.applies_on(day)), None)

    def field(self, key: str) -> FormField | None:
        return next((field for field in self.fields if field.key == key), None)

    def holder_field(self, part: Literal["name", "name_latin", "birth_date"]) -> FormField:
        return next(field for field in self.fields if field.holder == part)

    def holder_pin(self, answers: Mapping[str, str]) -> str | None:
        """A PIN can be missing."""
        return next((answers.get(field.key) for field in self.fields if field.holder == "pin"), None)

    def refusal_reason(self, code: str) -> Reason | None:
        return next((reason for reason in self.refusal_reasons if reason.code == code), None)

    def grounds_at(self, post_id: str) -> tuple[Reason, ...]:
        """For which an officer of this post may refuse."""
        return tuple(reason for reason in self.refusal_reasons if not reason.posts or post_id in reason.posts)

    def send_back_note(self, code: str) -> Reason | None:
        return next((note for note in self.send_back_notes if note.code == code), None)

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        _must_differ([field.key for field in self.fields], "fields")
        _must_differ([reason.code for reason in self.refusal_reasons], "refusal_reasons")
        _must_differ([note.code for note in self.send_back_notes], "send_back_notes")
        _must_differ([paper.code for paper in self.all_papers], "papers")
        _must_name_the_holder(self.fields)
        _must_ask_each_once(self.fields, self.steps)
        _must_depend_on_what_is_asked_before(self.fields)
        for needed in (*(paper.needed for paper in self.papers), *(cosigner.needed for cosigner in self.cosigners)):
            _must_be_asked(needed, self.fields)
        _must_name_fields([key for each in self.same_person for key in each.fields], self.fields, "same_person")
        _must_name_fields([cosigner.name_field for cosigner in self.cosigners], self.fields, "cosigners")
        _must_name_fields([each.field for each in self.who_may_apply.only] if self.who_may_apply else [], self.fields, "only")
        if (self.blank is not None) != (self.outcome is OutcomeKind.PRINT_ON_BLANK):
            raise ValueError("a blank rule belongs to print_on_blank, and print_on_blank needs one")
        if self.assurance.when == "handover" and self.outcome is OutcomeKind.DIGITAL_DOCUMENT:
            raise ValueError("a digital document is not handed over: name the level at its submission")
        _must_not_overlap(self.fees)
        self._check_validity()
        return self

    def _check_validity(self) -> None:
        if self.validity is None:
            return
        if self.validity.days > self.validity.max_days:
            raise ValueError("validity.days is more than validity.max_days")
        if self.validity.field is None:
            return
        chosen = self.field(self.validity.field)
        if chosen is None or not all(option.valid_days for option in chosen.options) or not chosen.options:
            raise ValueError("validity.field must be a choice whose options all have valid_days")
        if any((option.valid_days or 0) > self.validity.max_days for option in chosen.options):
            raise ValueError("an option's valid_days is more than validity.max_days")


class FormatRule(Sourced):
    """A hard pattern, and what is merely unusual enough to warn about."""

    pattern: str
    known_prefixes: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _compiles(self) -> Self:
        _must_compile(self.pattern)
        return self


class Formats(Definition):
    document_number: FormatRule
    pin: FormatRule


def _must_name_the_holder(fields: tuple[FormField, ...]) -> None:
    parts = [field.holder for field in fields if field.holder]
    if len(set(parts)) != len(parts) or not {"name", "name_latin", "birth_date"} <= set(parts):
        raise ValueError("one field each must be the holder's name, name_latin and birth_date, at most one the pin")
    if any(field.holder and field.holder != "pin" and not field.required for field in fields):
        raise ValueError("the holder's names and date of birth must be required")


def _must_ask_each_once(fields: tuple[FormField, ...], steps: tuple[Step, ...]) -> None:
    _must_differ([step.id for step in steps], "steps")
    asked = [key for step in steps for key in step.fields]
    known = {field.key for field in fields}
    if twice := sorted({key for key in asked if asked.count(key) > 1}):
        raise ValueError(f"steps ask twice for {', '.join(twice)}")
    if unknown := sorted(set(asked) - known):
        raise ValueError(f"steps ask for {', '.join(unknown)}, which is no field")
    if missing := sorted(known - set(asked)):
        raise ValueError(f"no step asks for {', '.join(missing)}")


def _must_depend_on_what_is_asked_before(fields: tuple[FormField, ...]) -> None:
    for number, field in enumerate(fields):
        _must_be_asked(field.needed, fields[:number])
        if field.holder and field.holder != "pin" and field.needed:
            raise ValueError(f"{field.key} names the holder: it is asked always")


def _must_be_asked(needed: tuple[Condition, ...], fields: tuple[FormField, ...]) -> None:
    """Each condition names a field that is asked (before), and answers or ages that it can have."""
    by_key = {field.key: field for field in fields}
    for condition in needed:
        field = by_key.get(condition.field)
        if field is None:
            raise ValueError(f"a condition names {condition.field}, which is not asked before")
        if field.type == "choice" and (wrong := [value for value in condition.one_of if field.option(value) is None]):
            raise ValueError(f"a condition names {wrong[0]}, which is no answer to {field.key}")
        if (condition.age_below or condition.age_from) and field.type != "date":
            raise ValueError(f"a condition asks for the age in {field.key}, which is no date")


def _must_name_fields(keys: list[str], fields: tuple[FormField, ...], what: str) -> None:
    if unknown := sorted(set(keys) - {field.key for field in fields}):
        raise ValueError(f"{what} name {', '.join(unknown)}, which is no field")


def _must_differ(values: list[str], what: str) -> None:
    if len(set(values)) != len(values):
        raise ValueError(f"{what} contain the same name twice")


def _must_not_overlap(fees: tuple[Fee, ...]) -> None:
    ordered = sorted(fees, key=lambda fee: fee.valid_from)
    for earlier, later in pairwise(ordered):
        if earlier.valid_to is None or later.valid_from <= earlier.valid_to:
            raise ValueError("two fees apply on the same day")


def _must_compile(pattern: str) -> None:
    try:
        re.compile(pattern)
    except re.error:
        raise ValueError("pattern is not a regular expression") from None
