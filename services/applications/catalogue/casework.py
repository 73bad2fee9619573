"""What officers choose from in the life of a case, in three languages, and how long a citizen has: data, as the services."""

from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import Field

from services.applications.catalogue.files import read
from services.applications.domain.sourced import Certainty, Definition, Limit, Slug, Sourced

FILE = Path(__file__).parent / "casework.toml"


class Choice(Definition):
    code: Slug
    ky: str
    ru: str
    en: str
    source: str
    source_date: date
    certainty: Certainty

    def name(self, language: str) -> str:
        return str(getattr(self, language, self.en))


class Appeal(Sourced):
    """How a refusal is appealed, and within how many calendar days of the decision at the post."""

    days: Annotated[int, Field(gt=0)]
    ky: str
    ru: str
    en: str

    def words(self, language: str) -> str:
        return str(getattr(self, language, self.en))


Choices = Annotated[tuple[Choice, ...], Field(min_length=1)]


class Casework(Definition):
    days_to_change: Limit
    days_to_pay: Limit
    days_told_to_pay: Limit
    appeal: Appeal
    carriers: Choices
    annulments: Choices
    corrections: Choices
    originals: Choices
    waivers: Choices  # why an officer takes less, or nothing
    returns: Choices  # why what was paid beyond what is owed was given back
    voids: Choices  # why a receipt that was entered does not count

    @property
    def time_to_change(self) -> timedelta:
        return timedelta(days=self.days_to_change.value)


def choice(choices: tuple[Choice, ...], code: str | None) -> Choice | None:
    return next((each for each in choices if each.code == code), None)


@cache
def casework() -> Casework:
    """Raises CatalogueError where the file cannot be used."""
    return read(FILE, Casework)
