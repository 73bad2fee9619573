"""A person's erasure as identity sees it: asked once, answered by every service, done when nothing is held any more."""

from dataclasses import dataclass, field
from datetime import datetime

from shared.contracts.identity import PersonErased

SERVICES = ("applications", "documents", "notifications")  # that keep something about people


@dataclass
class Answered:
    """The newest answer of one service. number: the how-manieth; held_for: None where the data is destroyed."""

    number: int
    at: datetime
    held_for: str | None


@dataclass
class Erasure:
    """id: the person's."""

    id: str
    asked_at: datetime
    answers: dict[str, Answered] = field(default_factory=dict)
    done_at: datetime | None = None
    version: int = 1

    @classmethod
    def ask(cls, person_id: str, *, at: datetime) -> tuple["Erasure", PersonErased]:
        return cls(person_id, at), PersonErased(sequence=1, occurred_at=at, person_id=person_id)

    def answered(self, service: str, *, number: int, held_for: str | None, at: datetime) -> bool:
        """Whether this is news: an answer may come late, after a newer one."""
        known = self.answers.get(service)
        if known and known.number >= number:
            return False
        self.answers[service] = Answered(number, at, held_for)
        self.done_at = at if not self.waits_for else None
        self.version += 1
        return True

    @property
    def waits_for(self) -> list[str]:
        """Services that have not answered, or hold something."""
        return [service for service in SERVICES if service not in self.answers or self.answers[service].held_for]
