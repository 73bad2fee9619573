"""One check for each type of question: takes a cleaned answer, returns what is kept, or raises Wrong without quoting it."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

import phonenumbers

from services.applications.domain.countries import COUNTRY_CODES
from services.applications.domain.references import read_as_latin
from services.applications.domain.service_definition import FieldType, Formats, FormField
from shared.contracts.printable import is_printable
from shared.texts import N_

_APOSTROPHES = "'’ʼ‘"
_EARLIEST_BIRTH = date(1900, 1, 1)


class Wrong(Exception):
    """An answer that cannot stay as it is. message: a msgid."""

    def __init__(self, message: str, **params: str | int) -> None:
        super().__init__(message)
        self.message, self.params = message, params


@dataclass(frozen=True, slots=True)
class Checking:
    field: FormField
    formats: Formats
    today: date


def clean(raw: str, *, multiline: bool = False) -> str:
    """NFC, trimmed, runs of blanks as one; Ң, Ө and Ү stay what they are."""
    text = unicodedata.normalize("NFC", raw)
    if not multiline:
        return " ".join(text.split())
    lines = [" ".join(line.split()) for line in text.splitlines()]
    return "\n".join(lines).strip()


def text(value: str, _checking: Checking) -> str:
    if not is_printable(value):
        raise Wrong(N_("There is a sign in it that cannot be printed on a document. Write it in Cyrillic or Latin letters."))
    return value


def name(value: str, checking: Checking) -> str:
    text(value, checking)
    if not all(sign.isalpha() or sign in " -." + _APOSTROPHES for sign in value):
        raise Wrong(N_("A name has letters, spaces, hyphens and apostrophes only."))
    if not any(sign.isalpha() for sign in value):
        raise Wrong(N_("Please write the name."))
    return value


def latin_name(value: str, _checking: Checking) -> str:
    plain = re.sub(f"[{_APOSTROPHES}]", "'", value).upper()
    if not re.fullmatch(r"[A-Z][A-Z' .-]*", plain):
        raise Wrong(N_("Use the Latin letters A to Z, as in the passport."))
    return plain


def day(value: str, checking: Checking) -> str:
    try:
        parsed = datetime.strptime(value, "%Y-%m-%d").date()  # noqa: DTZ007  (a day has no zone)
    except ValueError:
        raise Wrong(N_("Write the date as year-month-day, for example 1990-12-31.")) from None
    if checking.field.when == "past" and parsed > checking.today:
        raise Wrong(N_("This date lies in the future."))
    if checking.field.when == "past" and parsed < _EARLIEST_BIRTH:
        raise Wrong(N_("This date lies too far back."))
    if checking.field.when == "future" and parsed < checking.today:
        raise Wrong(N_("This date has passed."))
    return parsed.isoformat()


def choice(value: str, checking: Checking) -> str:
    if checking.field.option(value) is None:
        raise Wrong(N_("Choose one of the given answers."))
    return value


def phone(value: str, _checking: Checking) -> str:
    return international(value)


def international(value: str) -> str:
    """A phone number as it is kept: E.164. Raises Wrong."""
    try:
        number = phonenumbers.parse(value, None)
    except phonenumbers.NumberParseException:
        raise Wrong(N_("Write the number with + and the country code.")) from None
    if not phonenumbers.is_possible_number(number):
        raise Wrong(N_("This number is too short or too long for its country."))
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def document_number(value: str, checking: Checking) -> str:
    number = read_as_latin(value.replace(" ", "").upper())
    if not re.fullmatch(checking.formats.document_number.pattern, number):
        raise Wrong(N_("Two Latin letters and seven digits, for example AC1234567."))
    return number


def pin(value: str, checking: Checking) -> str:
    number = value.replace(" ", "")
    if not re.fullmatch(checking.formats.pin.pattern, number, re.ASCII):
        raise Wrong(N_("A PIN has 14 digits."))
    return number


def zone(value: str, _checking: Checking) -> str:
    """Any text that can be printed: a zone that is none, or is faulty, is a warning that an officer confirms."""
    return text(value, _checking).upper()


def country(value: str, _checking: Checking) -> str:
    if (code := value.upper()) not in COUNTRY_CODES:
        raise Wrong(N_("Choose a country from the list."))
    return code


CHECKS: Mapping[FieldType, Callable[[str, Checking], str]] = {
    "text": text,
    "name": name,
    "latin_name": latin_name,
    "date": day,
    "choice": choice,
    "phone": phone,
    "document_number": document_number,
    "pin": pin,
    "country": country,
    "mrz": zone,
}
