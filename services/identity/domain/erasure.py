"""A person's erasure as identity sees it: asked once, answered by every service, done when nothing is held any more.

The account goes last, so that a person whose case is open signs in, is told about it, and can take the request back. Applications
answers first; while it holds what needs the account, nothing is destroyed anywhere (account_stays in legal_holds.toml).
"""

from dataclasses import dataclass, field
from datetime import datetime

from shared.contracts.identity import PersonErased, PersonErasureWithdrawn
from shared.errors import NotAllowedNow
from shared.sealing.holds import TAKEN_BACK, account_stays, kinds_in
from shared.texts import N_

SERVICES = ("applications", "documents", "notifications")  # that keep something about people
FIRST = "applications"  # the others follow its answer


class TooLateToKeep(NotAllowedNow):
    code = "erasure-has-begun"
    message = N_("Your data is being destroyed already. This cannot be taken back.")


class NotAsked(NotAllowedNow):
    code = "erasure-not-asked"
    message = N_("Nothing of yours is to be erased: there is no such request, or it was taken back.")


@dataclass
class Answered:
    """The newest answer of one service. number: the how-manieth; held_for: None where the data is destroyed."""

    number: int
    at: datetime
    held_for: str | None


@dataclass
class Erasure:
    """id: the person's. round: the how-manieth request. request_id: by which the person asked; None: an operator did."""

    id: str
    asked_at: datetime
    answers: dict[str, Answered] = field(default_factory=dict)
    done_at: datetime | None = None
    round: int = 1
    request_id: str | None = None
    withdrawing_at: datetime | None = None
    withdrawn_at: datetime | None = None
    version: int = 1

    @classmethod
    def ask(cls, person_id: str, *, at: datetime, request_id: str | None = None) -> tuple["Erasure", PersonErased]:
        erasure = cls(person_id, at, request_id=request_id)
        return erasure, erasure._asked(at)

    def ask_again(self, *, at: datetime, request_id: str | None = None) -> PersonErased | None:
        """After it was taken back. None where it is asked already."""
        if self.withdrawn_at is None:
            return None
        numbers = {service: answer.number for service, answer in self.answers.items()}
        self.asked_at, self.round, self.request_id = at, self.round + 1, request_id
        self.withdrawing_at = self.withdrawn_at = None
        self.answers = {service: Answered(number, at, TAKEN_BACK) for service, number in numbers.items()}
        self.version += 1
        return self._asked(at)

    def belongs_to(self, request_id: str) -> None:
        """An operator asked before; now the person asks too."""
        self.request_id = request_id
        self.version += 1

    def withdraw(self, *, at: datetime) -> PersonErasureWithdrawn | None:
        """It counts once applications says that nothing was destroyed. None where that was asked before.

        Raises NotAsked, TooLateToKeep."""
        if self.withdrawn_at is not None:
            raise NotAsked
        if not self.can_be_withdrawn:
            raise TooLateToKeep
        if self.withdrawing_at is not None:
            return None
        self.withdrawing_at = at
        self.version += 1
        return PersonErasureWithdrawn(sequence=self.round, occurred_at=at, person_id=self.id)

    def answered(self, service: str, *, number: int, held_for: str | None, at: datetime) -> bool:
        """Whether this is news: an answer may come late, after a newer one."""
        known = self.answers.get(service)
        if known and known.number >= number:
            return False
        self.answers[service] = Answered(number, at, held_for)
        if service == FIRST and held_for == TAKEN_BACK:
            self.withdrawn_at = at
        self.done_at = at if not self.waits_for else None
        self.version += 1
        return True

    @property
    def waits_for(self) -> list[str]:
        """Services that have not answered, or hold something."""
        return [service for service in SERVICES if service not in self.answers or self.answers[service].held_for]

    @property
    def kinds(self) -> list[str]:
        """Of all that the services hold, as they last said."""
        held = {kind for answer in self.answers.values() for kind in kinds_in(answer.held_for)}
        return sorted(held - {TAKEN_BACK})

    @property
    def all_stays(self) -> bool:
        """Applications holds what needs the account, and the others were not told to begin: nothing was destroyed, and nothing
        will be before that ends."""
        first, *others = (self.answers.get(service) for service in SERVICES)
        begun = any(answer is not None and answer.held_for != TAKEN_BACK for answer in others)
        return first is not None and account_stays(kinds_in(first.held_for)) and not begun

    @property
    def is_answered(self) -> bool:
        """What there is to tell the person is known."""
        return (self.all_stays and self.kinds != []) or all(service in self.answers for service in SERVICES)

    @property
    def account_may_go(self) -> bool:
        """Every service has answered, and none keeps what needs the account."""
        return (
            self.withdrawn_at is None
            and all(service in self.answers for service in SERVICES)
            and not any(account_stays(kinds_in(answer.held_for)) for answer in self.answers.values())
        )

    @property
    def can_be_withdrawn(self) -> bool:
        return self.withdrawn_at is None and (FIRST not in self.answers or self.all_stays)

    def _asked(self, at: datetime) -> PersonErased:
        return PersonErased(sequence=self.round, occurred_at=at, person_id=self.id)
