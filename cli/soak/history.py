"""What the clients know: which acts were attempted, which were answered, and what was wrong with an answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

Outcome = Literal["pending", "acknowledged", "refused", "unknown"]
Fault = Literal["lost", "duplicated", "unexpected", "unsettled"]

START, SAVE, ATTACH = "application:start", "application:save_answers", "application:attach"
SUBMIT, WITHDRAW = "application:submit", "application:withdraw"
CLAIM, RELEASE = "application:claim", "application:release"
PROPOSE_APPROVAL, PROPOSE_REFUSAL = "application:propose_approval", "application:propose_refusal"
SEND_BACK, APPROVE, REFUSE = "application:send_back", "application:approve", "application:refuse"
BLANK, VISIT = "application:record_blank", "application:record_identity_check"
READY, HANDOVER = "application:mark_ready", "application:record_handover"
PAY = "application:note_fee"
WITHOUT_KEY = (SAVE, ATTACH)  # PUTs: each try that arrives may count


@dataclass(slots=True)
class Act:
    """One thing that somebody wanted, however often it was sent. name: as the journal calls it."""

    name: str
    case: str  # id; empty while nobody knows it
    scope: str  # caller and Idempotency-Key; empty for a PUT
    tries: int = 0
    unanswered: int = 0
    replayed: bool = False  # answered from memory: an earlier try had been done
    outcome: Outcome = "pending"
    version: int = 0


@dataclass(frozen=True, slots=True)
class Wrong:
    """Something that must not be. about: ids and references only."""

    fault: Fault
    about: str
    what: str


@dataclass(slots=True)
class Case:
    """A case as its clients see it. status: by the last answer; sure: nobody was left without an answer since."""

    id: str
    reference: str
    citizen: str
    service_id: str
    kind: str
    status: str = "draft"
    version: int = 1
    sure: bool = True
    answers: dict[str, str] = field(default_factory=dict)
    acts: list[Act] = field(default_factory=list)


@dataclass
class History:
    """Of one run."""

    cases: dict[str, Case] = field(default_factory=dict)
    starts: list[Act] = field(default_factory=list)
    wrong: list[Wrong] = field(default_factory=list)
    reads: int = 0
    refusals: int = 0  # that were asked for: an officer alone, a colleague who came first
    unanswered: int = 0

    def note(self, fault: Fault, about: str, what: str) -> None:
        self.wrong.append(Wrong(fault, about, what))

    @property
    def acts(self) -> Iterable[Act]:
        yield from self.starts
        for case in self.cases.values():
            yield from case.acts

    def count(self, *outcomes: Outcome) -> int:
        return sum(1 for act in self.acts if not outcomes or act.outcome in outcomes)

    def by_name(self) -> dict[str, Counter[str]]:
        """How many of each act were attempted, acknowledged, refused, unknown."""
        counted: dict[str, Counter[str]] = {}
        for act in self.acts:
            counted.setdefault(act.name.removeprefix("application:"), Counter()).update(["attempted", act.outcome])
        return counted
