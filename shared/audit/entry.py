"""One entry of the audit: who did what, or looked at whose data, when and why.

It holds ids and codes only, so that erasing a person leaves it whole. Its bytes are canonical JSON (RFC 8785: keys in order, no
spaces), and its hash is that of a leaf of RFC 6962. Whoever has an entry can hash it again without us.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any

from shared.actors import Citizen, Officer, ServiceCaller
from shared.audit.tree import leaf_hash

AN_ID = re.compile(r"[A-Za-z0-9*_][A-Za-z0-9*._:@/-]{0,199}")  # our ids and codes; no space, so no sentence and no full name

Value = str | int | Sequence[str] | Mapping[str, str] | None  # None is left out
About = Mapping[str, Value]


class Kind(StrEnum):
    CHANGE = "change"
    LOOK = "look"


@dataclass(frozen=True, slots=True)
class Who:
    """kind: citizen, officer, service, system or operator. role and post: those in which an officer acted. session: whose end
    ends what may be done with it."""

    kind: str
    id: str
    role: str | None = None
    post: str | None = None
    session: str | None = None

    def as_data(self) -> dict[str, str | None]:
        return {"kind": self.kind, "id": self.id, "role": self.role, "post": self.post, "session": self.session}

    @classmethod
    def of_data(cls, data: Mapping[str, Any]) -> "Who":
        return cls(**{name: data.get(name) for name in ("kind", "id", "role", "post", "session")})  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Entry:
    """id: of the row it was written as, with the collection before it, as journal:9b4d…:3. request: the correlation id."""

    id: str
    service: str
    kind: Kind
    at: datetime
    who: Who
    act: str
    about: About
    reason: str | None = None
    request: str | None = None

    def canonical(self) -> bytes:
        about = {name: value for name, value in self.about.items() if value is not None}
        at = self.at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        data = {
            "about": about,
            "act": self.act,
            "at": at,
            "id": self.id,
            "kind": self.kind.value,
            "reason": self.reason,
            "request": self.request,
            "service": self.service,
            "who": self.who.as_data(),
        }
        return canonical_json(data)

    def hash(self) -> bytes:
        return leaf_hash(self.canonical())


def canonical_json(data: object) -> bytes:
    """RFC 8785 for what we put in: text, whole numbers, lists and mappings with plain keys."""
    return json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def who_of(actor: Citizen | Officer | ServiceCaller, session: str | None = None) -> Who:
    """For an officer the post where they belong; in which role they act is added by who knows it."""
    match actor:
        case Citizen():
            return Who("citizen", actor.id, "applicant", session=session)
        case Officer():
            return Who("officer", actor.id, post=actor.post_id, session=session)
        case _:
            return Who("service", actor.name)


def only_ids(about: About) -> dict[str, Any]:
    """The same, as it is stored. Raises NotAnId for what is no id or code: a name or a sentence must never get into an entry."""
    return {name: _checked(value) for name, value in about.items()}


class NotAnId(ValueError):
    """An entry of the audit was given something that is no id and no code."""


def shown(value: str) -> str:
    """For what a person typed, as a filter on the command line: itself where it looks like an id, else what can be compared."""
    return value if AN_ID.fullmatch(value) else f"sha256.{sha256(value.encode()).hexdigest()[:24]}"


def _checked(value: Any) -> Any:
    match value:
        case str():
            if not AN_ID.fullmatch(value):
                raise NotAnId
            return value
        case None | int():
            return value
        case Mapping():
            return {str(name): _checked(item) for name, item in value.items()}
        case _:
            return [_checked(item) for item in value]
