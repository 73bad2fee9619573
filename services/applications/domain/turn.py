"""A case's turn in the queue of its post: how urgent it is and when it is due, and whether it can be decided as it is."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from services.applications.domain.status import Status

if TYPE_CHECKING:
    from services.applications.domain.case import Case

WITH_THE_POST = (Status.SUBMITTED, Status.IN_REVIEW, Status.PROPOSED)
NEVER = "9999-12-31"  # nothing is owed by a day
Missing = Literal["incomplete", "unpaid", "unconfirmed", "warnings"]


@dataclass(frozen=True, slots=True)
class Turn:
    """key sorts: urgent cases first, then what is due first, then what waits for longest. warnings: how many things in the
    answers an officer should compare. unconfirmed: somebody else must confirm what was changed since they did. given_back_by:
    officers who gave it back, who are not given it again by itself for a while. given_back_at: the last time, where nobody has
    taken it since."""

    key: str = ""
    urgent: bool = False
    warnings: int = 0
    ready: bool = False
    unconfirmed: bool = False
    given_back_by: tuple[str, ...] = ()
    given_back_at: datetime | None = None

    def handed_in(self, *, urgent: bool, warnings: int) -> "Turn":
        return replace(self, urgent=urgent, warnings=warnings)

    def given_back(self, officer_id: str, at: datetime) -> "Turn":
        return replace(self, given_back_by=tuple(sorted({*self.given_back_by, officer_id})), given_back_at=at)

    def taken(self) -> "Turn":
        return replace(self, given_back_at=None)

    def now(self, case: "Case") -> "Turn":
        """As it is after an act on the case."""
        waiting = f"{case.submitted_at:%Y%m%d%H%M%S}" if case.submitted_at else ""
        key = f"{0 if self.urgent else 1} {case.due_on or NEVER} {waiting}"
        return replace(self, key=key, ready=not _missing(case, self))


def not_ready(case: "Case") -> list[Missing]:
    """What is missing before it can be decided without asking anybody: complete, paid, confirmed, nothing to compare."""
    return _missing(case, case.turn)


def _missing(case: "Case", turn: Turn) -> list[Missing]:
    """turn: as it is to be, which may not be the case's yet."""
    missing: list[Missing] = []
    if case.status not in WITH_THE_POST:
        missing.append("incomplete")
    if case.fee.blocks("issue"):
        missing.append("unpaid")
    if turn.unconfirmed:
        missing.append("unconfirmed")
    if turn.warnings:
        missing.append("warnings")
    return missing
