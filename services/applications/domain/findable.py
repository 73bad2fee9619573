"""By what an officer can find a case: the PINs, phones and names in its answers, of all the persons that it names."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from services.applications.domain.name_tokens import NameRules, name_tokens
from services.applications.domain.service_definition import FieldType, ServiceDefinition

FindableKind = Literal["pin", "phone", "name"]
_BY_TYPE: Mapping[FieldType, FindableKind] = {"pin": "pin", "phone": "phone", "name": "name", "latin_name": "name"}


@dataclass(frozen=True, slots=True)
class Findable:
    """value: a PIN or phone as it is kept, or one token of a name."""

    kind: FindableKind
    value: str


def findable_by(answers: Mapping[str, str], definition: ServiceDefinition, rules: NameRules) -> frozenset[Findable]:
    found: set[Findable] = set()
    for field in definition.fields:
        kind, value = _BY_TYPE.get(field.type), answers.get(field.key)
        if kind and value:
            found |= {Findable(kind, part) for part in (name_tokens(value, rules) if kind == "name" else (value,))}
    return frozenset(found)
