"""What somebody said about a purpose that rests on their word. The ledger only grows: what was said is never changed."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from shared.errors import FieldError, InvalidInput, NotAllowedNow
from shared.texts import N_


class Said(StrEnum):
    GIVEN = "given"
    WITHDRAWN = "withdrawn"  # also where it was never given: it is the word that counts from now on


class How(StrEnum):
    """Where they were asked."""

    REVIEW_PAGE = "review-page"  # of an application, before it is sent
    MY_DATA = "my-data"


class TextChanged(NotAllowedNow):
    code = "consent-text-changed"
    message = N_("This text was changed meanwhile. Open the page again, read it, and answer it anew.")


@dataclass(slots=True)
class ConsentEntry:
    """One word, once said; never changed."""

    id: str
    person_id: str
    purpose: str
    text_version: int
    said: Said
    at: datetime
    how: How
    version: int = 1


@dataclass(frozen=True, slots=True)
class Consent:
    """A purpose as it is asked now. unsaid: what holds for somebody who said nothing."""

    purpose: str
    text_version: int
    unsaid: Said

    def in_force(self, newest: ConsentEntry | None) -> Said:
        """What counts. Withdrawn stays withdrawn whatever the text says today."""
        return newest.said if newest else self.unsaid

    def is_to_be_asked(self, newest: ConsentEntry | None) -> bool:
        """Nothing was said yet, or yes to an older text. Who said no is not asked again and again."""
        return newest is None or (newest.said is Said.GIVEN and newest.text_version < self.text_version)

    def said_by(self, person_id: str, said: Said, *, entry_id: str, text_version: int, at: datetime, how: How) -> ConsentEntry:
        """Raises TextChanged where yes is said to another text than that of now, InvalidInput for a text there never was."""
        if not 1 <= text_version <= self.text_version:
            raise InvalidInput([FieldError("/text_version", N_("There is no such text."))])
        if said is Said.GIVEN and text_version != self.text_version:
            raise TextChanged
        return ConsentEntry(entry_id, person_id, self.purpose, text_version, said, at, how)
