"""Entries whose content was deleted once their term was over: what an export says of them, and whether that can be believed.

Their hash and link stand in the export, so the chain and the tree hold. An entry audit:forget names their numbers and the term.
It must come after them, and no sooner than its term allows: the checkpoint that was the first to hold an entry tells by when
it was there, and that was signed.
"""

import json
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from shared.audit.checkpoint import Checkpoint
from shared.retention.terms import NotATerm, Term

FORGET = "audit:forget"
MARK = b'"act":"audit:forget"'
SIGNED_LATE = timedelta(days=7)  # an entry may be signed so much later than it was written


def emptied_line(number: int, link: str, entry_hash: str) -> str:
    """In place of an entry's line."""
    return f'{{"number":{number},"link":"{link}","hash":"{entry_hash}"}}'


@dataclass(frozen=True, slots=True)
class Cover:
    """One entry that says so. number: its own; spans: first and last numbers of the emptied ones."""

    number: int
    at: datetime
    term: Term
    spans: Sequence[tuple[int, int]]


@dataclass(slots=True)
class Forgotten:
    """What one export tells. emptied: spans of numbers without content, in order."""

    emptied: list[list[int]] = field(default_factory=list)
    covers: list[Cover] = field(default_factory=list)

    @property
    def count(self) -> int:
        return sum(last - first + 1 for first, last in self.emptied)

    def note_emptied(self, number: int) -> None:
        if self.emptied and self.emptied[-1][1] == number - 1:
            self.emptied[-1][1] = number
        else:
            self.emptied.append([number, number])

    def note_cover(self, number: int, text: bytes) -> None:
        """text: of an entry that may be one. What cannot be read covers nothing."""
        try:
            entry = json.loads(text)
            if (entry["act"], entry["who"]["kind"]) != (FORGET, "system"):
                return
            spans = [_span(said) for said in entry["about"]["numbers"]]
            self.covers.append(Cover(number, datetime.fromisoformat(entry["at"]), Term.parse(entry["about"]["term"]), spans))
        except (ValueError, KeyError, TypeError, NotATerm):
            return

    def fault(self, checkpoints: Mapping[int, Checkpoint]) -> tuple[int, str] | None:
        """The first emptied entry that nothing accounts for, and what is wrong with it. checkpoints: by size."""
        by_number: dict[int, Cover] = {}
        for cover in self.covers:
            by_number |= {number: cover for first, last in cover.spans for number in range(first, last + 1)}
        sizes = sorted(checkpoints)
        for first, last in self.emptied:
            for number in range(first, last + 1):
                cover_ = by_number.get(number)
                if cover_ is None or cover_.number <= number:
                    return number, f"the content of entry {number} is missing, and no entry says that its term was over"
                place = bisect_left(sizes, number)
                if place == len(sizes):
                    continue
                signed = checkpoints[sizes[place]].at
                if signed + cover_.term.shortest > cover_.at + SIGNED_LATE:
                    told = f"the content of entry {number} was deleted sooner than its term of {cover_.term.text} allows"
                    return number, told
        return None


def _span(said: str) -> tuple[int, int]:
    first, _, last = said.partition("-")
    return int(first), int(last)
