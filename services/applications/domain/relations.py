"""Who is declared to be related to whom, or to be the same person: such a pair does not work on one case together."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

MINISTRY = "ministry"  # a place like a post, in what may be decided and confirmed there
MOST_BY_OFFICER, MOST_BY_HEAD = 20, 200  # in force at once, of those one person declared
MOST_ACCOUNTS, MOST_IN_ONE_CASE = 40, 400  # that are looked at for one case


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


@dataclass(frozen=True, slots=True)
class Confirmation:
    """place: the post whose head it was, or the ministry."""

    by: str
    place: str
    at: datetime


@dataclass(slots=True)
class Relation:
    """people: ids of identity, in order. post_id: where it was declared; other_post_id: where the other officer works, as the
    declarer says. Heads of both see it, and may end it. live_key: one of the declarer's few places, while it is in force."""

    id: str
    people: tuple[str, str]
    kind: RelationKind
    post_id: str
    declared_by: str
    declared_at: datetime
    ended: RelationEnd | None = None
    version: int = 1
    other_post_id: str | None = None
    confirmed: Confirmation | None = None
    live_key: str = ""

    @property
    def counts_as(self) -> RelationKind:
        """Nobody alone makes two accounts one person, with all that is declared of each: until then they are a pair."""
        return self.kind if self.confirmed else RelationKind.RELATIVE

    def counts_at(self, *places: str | None) -> bool:
        """places: the post of a case, and where it is decided. What somebody says of themselves binds them everywhere, and so
        does what the ministry confirmed; what a head says of others binds the cases of that head's post, and of the post whose
        head confirmed it."""
        if self.declared_by in self.people or (self.confirmed and self.confirmed.place == MINISTRY):
            return True
        return not {self.post_id, self.confirmed.place if self.confirmed else self.post_id}.isdisjoint(places)

    def confirm(self, by: str, place: str, at: datetime) -> "Relation":
        return replace(self, confirmed=Confirmation(by, place, at), version=self.version + 1)

    def end(self, by: str, reason: EndReason, at: datetime) -> "Relation":
        """It gives back the declarer's place."""
        return replace(self, ended=RelationEnd(by, at, reason), live_key=f"ended:{self.id}", version=self.version + 1)


@dataclass(frozen=True, slots=True)
class Relations:
    """What of all that matters to one case. Accounts of one person count as one, with all that is declared of each."""

    related: frozenset[frozenset[str]] = frozenset()
    person_of: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, declared: Iterable[Relation], *places: str | None) -> "Relations":
        """places: those of the case. See Relation.counts_at."""
        in_force = [relation for relation in declared if relation.ended is None and relation.counts_at(*places)]
        person_of: dict[str, str] = {}
        for first, second in (relation.people for relation in in_force if relation.counts_as is RelationKind.SAME_PERSON):
            kept, other = person_of.get(first, first), person_of.get(second, second)
            person_of |= {account: kept for account, person in person_of.items() if person == other}
            person_of |= {first: kept, second: kept}
        pairs = (relation.people for relation in in_force if relation.counts_as is RelationKind.RELATIVE)
        return cls(frozenset(frozenset(person_of.get(one, one) for one in pair) for pair in pairs), person_of)

    def between(self, one: str, other: str) -> bool:
        """Whether they are one person, or related."""
        first, second = self.person_of.get(one, one), self.person_of.get(other, other)
        return first == second or frozenset({first, second}) in self.related


NONE_DECLARED = Relations()
