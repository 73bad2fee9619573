"""Names as they are found: each word folded into the spellings that Kyrgyz, Russian and passports have in common."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from functools import cached_property
from itertools import islice, product
from typing import Annotated, Self

from pydantic import Field, model_validator

from services.applications.domain.sourced import Definition, Sourced

MOST_WORDS = 40  # of one text
_MOST_SPELLINGS = 8  # of one word
_SHORTEST = 2  # an initial tells nobody apart
_APOSTROPHES = re.compile("['’ʼ‘`ʻʹʺ´]")
_WORD = re.compile(r"[^\W\d_]+")


class Letters(Sourced):
    """Each letter with its spellings in Latin: the first is the one of passports."""

    letters: dict[Annotated[str, Field(min_length=1, max_length=1)], tuple[Annotated[str, Field(pattern="^[a-z]*$")], ...]]


class Fold(Definition):
    """A pattern of the Latin letters a to z, what stands for it, and which spellings it makes one."""

    pattern: Annotated[str, Field(alias="from", min_length=1)]
    to: str
    why: Annotated[str, Field(min_length=3)]

    @cached_property
    def compiled(self) -> re.Pattern[str]:
        return re.compile(self.pattern)

    @model_validator(mode="after")
    def _compiles(self) -> Self:
        try:
            self.compiled.sub(self.to, "")
        except re.error:
            raise ValueError("from is no pattern") from None
        return self


class NotNames(Sourced):
    words: tuple[str, ...]


class NameRules(Definition):
    cyrillic: Letters
    of_two_spellings: Letters
    kyrgyz: Letters
    neighbours: Letters
    latin: Letters
    folds: tuple[Fold, ...]
    not_names: NotNames

    @cached_property
    def spellings(self) -> Mapping[str, tuple[str, ...]]:
        tables = (self.cyrillic, self.of_two_spellings, self.kyrgyz, self.neighbours, self.latin)
        return {letter: spellings for table in tables for letter, spellings in table.letters.items()}

    @cached_property
    def passed_over(self) -> frozenset[str]:
        return frozenset(token for word in self.not_names.words for token in _tokens_of(word, self))

    @model_validator(mode="after")
    def _each_letter_once(self) -> Self:
        tables = (self.cyrillic, self.of_two_spellings, self.kyrgyz, self.neighbours, self.latin)
        if sum(len(table.letters) for table in tables) != len(self.spellings):
            raise ValueError("a letter stands in two tables")
        return self


def name_words(text: str, rules: NameRules) -> list[frozenset[str]]:
    """The words of a name in their order, each with the tokens it is found by: the same person's other spelling shares at
    least one of them, word by word. Words that tell nobody apart (an initial, кызы) are left out."""
    plain = _APOSTROPHES.sub("", unicodedata.normalize("NFC", text).casefold())
    words = (frozenset(_tokens_of(word, rules)) for word in islice(_WORD.findall(plain), MOST_WORDS))
    return [word for word in words if word and not word & rules.passed_over]


def name_tokens(text: str, rules: NameRules) -> frozenset[str]:
    """All of them, without order."""
    return frozenset().union(*name_words(text, rules))


def _tokens_of(word: str, rules: NameRules) -> Iterator[str]:
    if len(word) < _SHORTEST:
        return
    options = [rules.spellings.get(letter, (letter,)) for letter in word]
    for letters in islice(product(*options), _MOST_SPELLINGS):
        if token := _folded("".join(letters), rules):
            yield token


def _folded(spelling: str, rules: NameRules) -> str:
    """A name in a script that the tables do not know stays as it is written."""
    latin = "".join(filter(str.isalpha, unicodedata.normalize("NFKD", spelling).casefold()))  # marks are no letters
    for fold in rules.folds:
        latin = fold.compiled.sub(fold.to, latin)
    return latin
