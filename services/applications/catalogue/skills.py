"""What officers are marked with, so that the queue gives them what asks for it, in three languages: data, as the services."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from services.applications.catalogue import the_catalogue
from services.applications.catalogue.casework import Choice
from services.applications.catalogue.files import CatalogueError, rows

FILE = Path(__file__).parent / "skills.toml"


@cache
def the_skills() -> Mapping[str, Choice]:
    """By their codes. Raises CatalogueError, also where a service asks for one that is not there."""
    found = {each.code: each for each in rows(FILE, "skills", Choice)}
    asked = {skill: each.id for each in the_catalogue().versions.values() for skill in each.skills}
    if unknown := sorted(set(asked) - set(found)):
        raise CatalogueError(f"{FILE.name}: {', '.join(unknown)}: asked for by {asked[unknown[0]]}, and not there")
    return found


def skill_name(code: str, language: str) -> str:
    return the_skills()[code].name(language) if code in the_skills() else code
