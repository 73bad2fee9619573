"""By what an officer can find a case: the PINs, phones and names in its answers, of all the persons that it names."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from services.applications.domain.field_checks import Wrong, international
from services.applications.domain.name_tokens import NameRules, name_tokens, name_words
from services.applications.domain.service_definition import FieldType, Formats, ServiceDefinition
from shared.errors import FieldError, InvalidInput
from shared.texts import N_

FindableKind = Literal["pin", "phone", "name"]
_BY_TYPE: Mapping[FieldType, FindableKind] = {"pin": "pin", "phone": "phone", "name": "name", "latin_name": "name"}


@dataclass(frozen=True, slots=True)
class Findable:
    """value: a PIN or phone as it is kept, or one token of a name."""

    kind: FindableKind
    value: str


def findable_by(
    answers: Mapping[str, str], kinds: Mapping[str, Collection[FindableKind]], rules: NameRules
) -> frozenset[Findable]:
    """kinds: of kinds_of_answers."""
    return frozenset(
        Findable(kind, part)
        for key, value in answers.items()
        for kind in kinds.get(key, ())
        for part in (name_tokens(value, rules) if kind == "name" else (value,))
    )


def kinds_of_answers(definitions: Iterable[ServiceDefinition]) -> Mapping[str, Collection[FindableKind]]:
    """By the key of a question, over all services; one that nobody is found by is left out."""
    kinds: dict[str, set[FindableKind]] = {}
    for field in (field for definition in definitions for field in definition.fields):
        if kind := _BY_TYPE.get(field.type):
            kinds.setdefault(field.key, set()).add(kind)
    return kinds


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an officer knows of somebody; all that is given must fit."""

    pin: str | None = None
    phone: str | None = None
    name: str | None = None


def ways_to(wanted: Wanted, rules: NameRules, formats: Formats) -> Sequence[Collection[Findable]]:
    """Of each of these collections, a case must have one. Raises InvalidInput naming what cannot be looked for."""
    ways: list[Collection[Findable]] = []
    faults: list[FieldError] = []
    if wanted.pin:
        pin = "".join(wanted.pin.split())
        ways.append([Findable("pin", pin)])
        if not re.fullmatch(formats.pin.pattern, pin, re.ASCII):
            faults.append(FieldError("/pin", N_("A PIN has 14 digits.")))
    if wanted.phone:
        try:
            ways.append([Findable("phone", international(wanted.phone))])
        except Wrong as wrong:
            faults.append(FieldError("/phone", wrong.message, wrong.params))
    if wanted.name:
        words = name_words(wanted.name, rules)
        ways += [[Findable("name", token) for token in word] for word in words]
        if not words:
            faults.append(FieldError("/name", N_("Write the whole name or surname: its beginning is not enough.")))
    if faults or not ways:
        raise InvalidInput(faults or [FieldError("", N_("Write a reference, a PIN, a phone number or a name."))])
    return ways
