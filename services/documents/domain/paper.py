"""What is to be printed: one paper, complete and final, before it is rendered, sealed and signed."""

import hashlib
import json
import unicodedata
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import ClassVar

from shared.contracts.printable import is_printable
from shared.errors import DomainError
from shared.texts import LANGUAGES, N_

DIGEST_BYTES = 16
LAST_TIME_ZONE = timedelta(hours=12)  # UTC-12


class UnprintableText(DomainError):
    """A field holds a character that our fonts cannot show; params["field"] names the field, the text is not quoted."""

    code: ClassVar[str] = "unprintable-text"
    message: ClassVar[str] = N_("The field {field} holds a character that cannot be printed.")


class PaperKind(StrEnum):
    CONSULAR_REGISTRATION_CERTIFICATE = "consular-registration-certificate"
    RETURN_CERTIFICATE = "return-certificate"
    POWER_OF_ATTORNEY = "power-of-attorney"
    MINOR_TRAVEL_CONSENT = "minor-travel-consent"
    BIRTH_CERTIFICATE = "birth-certificate"
    HELP_CONFIRMATION = "help-confirmation"


@dataclass(frozen=True, slots=True)
class Post:
    """The mission that issues. names and cities: one text per language (ky, ru, en)."""

    post_id: str
    names: dict[str, str]
    cities: dict[str, str]


@dataclass(frozen=True, slots=True)
class Holder:
    """The person the paper is about. citizenship: ISO 3166-1 alpha-3. The PIN can be missing (it can also change)."""

    full_name: str
    latin_name: str
    birth_date: date
    citizenship: str
    pin: str | None = None


@dataclass(frozen=True, slots=True)
class Fact:
    """One printed line, label and value by language. A value typed by the citizen is the same in all of them; the one
    of a choice is not. wording.py may know a better label for a paper than the question of the form was."""

    key: str
    label: dict[str, str]
    value: dict[str, str]


@dataclass(frozen=True, slots=True)
class Paper:
    """All that a reader of the paper may see. Officers appear by role only.

    issued_at is the moment (aware, UTC) that the seal and the signature state; issued_on is the date printed,
    in the calendar of the post. valid_until is the last day of validity, None where the paper has no term.
    language is the citizen's own: printed first and largest, the other two below it.
    """

    number: str
    kind: PaperKind
    revision: int
    issued_at: datetime
    issued_on: date
    valid_until: date | None
    post: Post
    holder: Holder
    facts: tuple[Fact, ...]
    check_code: str
    verification_url: str
    language: str
    blank_number: str | None = None

    def __post_init__(self) -> None:
        """Errors: ValueError for a naive moment or a language that we do not print; UnprintableText."""
        if self.issued_at.utcoffset() is None:
            raise ValueError("issued_at must be aware")
        if self.language not in LANGUAGES:
            raise ValueError("unknown language")
        for field, text in self.texts():
            if not is_printable(text):
                raise UnprintableText(field=field)

    @property
    def languages(self) -> tuple[str, ...]:
        """The citizen's language, then the others in the usual order."""
        return (self.language, *(language for language in LANGUAGES if language != self.language))

    def texts(self) -> Iterator[tuple[str, str]]:
        """Every text that came from outside, with the name of its field."""
        yield "number", self.number
        yield "holder.full_name", self.holder.full_name
        yield "holder.latin_name", self.holder.latin_name
        yield "holder.citizenship", self.holder.citizenship
        yield "holder.pin", self.holder.pin or ""
        for fact in self.facts:
            for text in (*fact.value.values(), *fact.label.values()):
                yield f"facts.{fact.key}", text
        for name, texts in (("names", self.post.names), ("cities", self.post.cities)):
            for language, text in texts.items():
                yield f"post.{name}.{language}", text
        yield "check_code", self.check_code
        yield "verification_url", self.verification_url
        yield "blank_number", self.blank_number or ""

    def record(self) -> bytes:
        """The canonical data record: UTF-8 JSON in NFC, keys sorted, no spaces; dates as ISO 8601. Without check
        code, address and language, which say how to read the paper and not what it states."""
        stated = asdict(self)
        for how_to_read in ("check_code", "verification_url", "language"):
            del stated[how_to_read]
        text = json.dumps(stated, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_iso)
        return unicodedata.normalize("NFC", text).encode()

    def digest(self) -> bytes:
        """The first 16 bytes of the record's SHA-256: what the seal carries of all that is printed."""
        return hashlib.sha256(self.record()).digest()[:DIGEST_BYTES]


def last_day(issued_on: date, valid_days: int | None) -> date | None:
    """The last day of validity; None for a paper without a term."""
    return issued_on + timedelta(days=valid_days) if valid_days else None


def term_end(last_day: date) -> datetime:
    """The moment when a last day of validity has ended everywhere on earth."""
    return datetime.combine(last_day + timedelta(days=1), time(), UTC) + LAST_TIME_ZONE


def _iso(value: object) -> str:
    if isinstance(value, date):  # datetime is a date too
        return value.isoformat()
    raise TypeError(type(value).__name__)
