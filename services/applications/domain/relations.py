"""Who is declared to be related to whom, or to be the same person: such a pair does not work on one case together."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class RelationKind(StrEnum):
    """No more than the rule needs: how people are related is nobody's business here."""

    RELATIVE = "relative"
    SAME_PERSON = "same-person"  # two accounts of one person, as of an officer who is a citizen too


class EndReason(StrEnum):
    DECLARED_BY_MISTAKE = "declared-by-mistake"
    NO_LONGER = "no-longer"


@dataclass(frozen=True, slots=True)
class RelationEnd:
    by: str
    at: datetime
    reason: EndReason


@dataclass(slots=True)
class Relation:
    """people: ids of identity, in order. post_id: where it was declared, whose head may end it."""

    id: str
    people: tuple[str, str]
    kind: RelationKind
    post_id: str
    declared_by: str
    declared_at: datetime
    ended: RelationEnd | None = None
    version: int = 1


@dataclass(frozen=True, slots=True)
class Relations:
    """What of all that matters to one case. Accounts of one person count as one, with all that is declared of each."""

    related: frozenset[frozenset[str]] = frozenset()
    person_of: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, declared: Iterable[Relation]) -> "Relations":
        in_force = [relation for relation in declared if relation.ended is None]
        person_of: dict[str, str] = {}
        for first, second in (relation.people for relation in in_force if relation.kind is RelationKind.SAME_PERSON):
            kept, other = person_of.get(first, first), person_of.get(second, second)
            person_of |= {account: kept for account, person in person_of.items() if person == other}
            person_of |= {first: kept, second: kept}
        pairs = (relation.people for relation in in_force if relation.kind is RelationKind.RELATIVE)
        return cls(frozenset(frozenset(person_of.get(one, one) for one in pair) for pair in pairs), person_of)

    def between(self, one: str, other: str) -> bool:
        """Whether they are one person, or related."""
        first, second = self.person_of.get(one, one), self.person_of.get(other, other)
        return first == second or frozenset({first, second}) in self.related


NONE_DECLARED = Relations()
