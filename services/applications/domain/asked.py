"""What a post asks for while it reviews: of the citizen, by marking answers and papers, and of another body."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from services.applications.domain.attachments import paper_pointer
from services.applications.domain.service_definition import ServiceDefinition
from shared.texts import N_

ANSWERS: Final = "/answers/"
OTHER: Final = "other"  # says nothing by itself: words are needed
NOTES: Final = {  # why something is marked; a free text can stand beside each
    "missing": N_("It is missing."),
    "unreadable": N_("It cannot be read. Please send a clearer picture."),
    "other-paper": N_("This is another paper than the one that is needed."),
    "out-of-date": N_("It is out of date, or no longer valid."),
    "does-not-agree": N_("It does not agree with the other papers."),
    "not-translated": N_("A translation into Kyrgyz or Russian is needed."),
    "not-certified": N_("An apostille or a certified copy is needed."),
    OTHER: N_("See what the officer wrote."),
}

BODY_ANSWERS: Final = {  # what another body answered; papers that it sends come by themselves
    "agrees": N_("It confirms what was asked."),
    "differs": N_("It does not confirm what was asked."),
    "nothing-found": N_("It has found nothing."),
    "papers-sent": N_("It sends the papers that were asked for."),
    "asks-more": N_("It needs more before it can answer."),
}


@dataclass(frozen=True, slots=True)
class Mark:
    """pointer: of an answer or a paper of the form. note: a code of NOTES. changed: by the citizen since."""

    pointer: str
    note: str
    changed: bool = False


@dataclass(frozen=True, slots=True)
class PapersRequest:
    """opens: pointers of all that may be changed: what is marked, and what depends on it. until: when the post goes on with
    what it has."""

    marks: tuple[Mark, ...]
    opens: tuple[str, ...]
    by: str
    at: datetime
    until: datetime
    sequence: int  # of the act in the journal
    answered_at: datetime | None = None

    def changed(self, pointers: Collection[str]) -> "PapersRequest":
        marks = tuple(replace(mark, changed=True) if mark.pointer in pointers else mark for mark in self.marks)
        return replace(self, marks=marks)


@dataclass(frozen=True, slots=True)
class BodyAsked:
    """code: an id of catalogue/departments.toml. of_ministry: its officers answer here. answer: of BODY_ANSWERS."""

    code: str
    at: datetime
    answered_at: datetime | None = None
    of_ministry: bool = False
    answer: str | None = None


def pointers_of(definition: ServiceDefinition) -> dict[str, str]:
    """Everything that can be marked, with its label: answers in the form's order, then papers."""
    fields = {ANSWERS + field.key: field.label for field in definition.fields}
    return fields | {paper_pointer(paper.code): paper.label for paper in definition.all_papers}


def wrong_marks(marks: Iterable[Mark], definition: ServiceDefinition) -> list[str]:
    """Where in what was sent."""
    known = pointers_of(definition)
    return [f"/marks/{index}" for index, mark in enumerate(marks) if mark.pointer not in known or mark.note not in NOTES]


def opened_by(marks: Iterable[Mark], definition: ServiceDefinition) -> tuple[str, ...]:
    """What is marked, the questions that depend on a marked answer, and the papers that those answers decide on."""
    found = {mark.pointer for mark in marks}
    for field in definition.fields:  # what a question depends on stands before it
        if any(ANSWERS + condition.field in found for condition in field.needed):
            found.add(ANSWERS + field.key)
    for paper in definition.all_papers:
        if any(ANSWERS + condition.field in found for condition in paper.needed):
            found.add(paper_pointer(paper.code))
    return tuple(sorted(found))
