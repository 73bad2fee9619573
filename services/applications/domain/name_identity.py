"""Whether names mean the same person: passport, request and record may differ by script and spelling, and not by more."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

from services.applications.domain.name_tokens import NameRules, name_words
from services.applications.domain.service_definition import ServiceDefinition

_PARTS: tuple[Literal["name"], Literal["birth_date"]] = ("name", "birth_date")
_CUT_FROM = 30  # letters: a machine-readable zone has no room for more, and cuts names off


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Two fields that name one person otherwise."""

    first: str
    second: str


def same_name(one: str, other: str, rules: NameRules) -> bool:
    """Word for word, in any order, by spellings that transliteration explains. The longer name may have words more (a patronymic
    that a passport leaves out), but not where only one word is left to compare, and never where a word has no counterpart."""
    first, second = sorted((name_words(one, rules), name_words(other, rules)), key=len)
    if not first:
        return not second
    if len(first) == 1 and len(second) > 1:
        return False
    return _matched(first, second)


def _matched(fewer: Sequence[frozenset[str]], more: Sequence[frozenset[str]]) -> bool:
    """Each of the fewer words has one of its own among the others: two sons of one name are no match for one."""
    partner: dict[int, int] = {}  # word of more -> word of fewer

    def found(word: int, tried: set[int]) -> bool:
        for other, tokens in enumerate(more):
            if other in tried or not tokens & fewer[word]:
                continue
            tried.add(other)
            if other not in partner or found(partner[other], tried):
                partner[other] = word
                return True
        return False

    return all(found(word, set()) for word in range(len(fewer)))


def disagreements(answers: Mapping[str, str], definition: ServiceDefinition, rules: NameRules) -> list[Disagreement]:
    """Of the fields that the service says name one person, and always of the holder's two names."""
    holder = (definition.holder_field("name").key, definition.holder_field("name_latin").key)
    groups: Iterable[tuple[str, ...]] = dict.fromkeys((holder, *(group.fields for group in definition.same_person)))
    pairs = dict.fromkeys(pair for group in groups for pair in combinations(group, 2))
    given = [(one, other) for one, other in pairs if answers.get(one) and answers.get(other)]
    return [Disagreement(one, other) for one, other in given if not same_name(answers[one], answers[other], rules)]


def same_as_in_passport(name: str, read: str, rules: NameRules) -> bool:
    """read: of a machine-readable zone. One that fills its room may be cut off: there, what is left must fit."""
    if same_name(name, read, rules):
        return True
    words = read.split()
    if len(read) < _CUT_FROM or len(words) < 2:
        return False
    return same_name(name, " ".join(words[:-1]), rules)


@dataclass(frozen=True, slots=True)
class Record:
    """What an earlier case said of its holder."""

    name: str
    birth_date: str
    pin: str | None


def record_of(answers: Mapping[str, str], definition: ServiceDefinition) -> Record:
    name, born = (answers.get(definition.holder_field(part).key, "") for part in _PARTS)
    return Record(name, born, definition.holder_pin(answers))


def recorded_otherwise(now: Record, earlier: Iterable[Record], rules: NameRules) -> bool:
    """Whether an earlier case of the same account is about the same person by PIN (or, where one has none, by date of birth), and
    names them otherwise than spelling explains. Cases about a child or a parent are about others."""
    same = [each for each in earlier if each.name and _same_holder(now, each)]
    return bool(now.name) and any(not same_name(now.name, each.name, rules) for each in same)


def _same_holder(one: Record, other: Record) -> bool:
    if one.pin and other.pin:
        return one.pin == other.pin
    return bool(one.birth_date) and one.birth_date == other.birth_date
