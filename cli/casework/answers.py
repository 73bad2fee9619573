"""What an invented person answers to the questions of a service, and which papers they then need."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from random import Random

from cli.casework.people import Person
from services.applications.domain.papers import PaperRule
from services.applications.domain.service_definition import FormField, ServiceDefinition

RELATIVE = {"name": "Өмүрбек Төлөгөнов", "latin_name": "OMURBEK TOLOGONOV"}
BY_TYPE = {"phone": "+79120000101", "country": "RU", "text": "Бишкек ш., Ынтымак көчөсү, 12"}


def answers(
    service: ServiceDefinition, person: Person, random: Random, today: date, given: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Every question that applies, in order. given: by key, what this service's case needs said so and not otherwise."""
    said: dict[str, str] = {}
    for field in service.fields:
        if all(condition.holds(said, today) for condition in field.needed):
            value = (given or {}).get(field.key) or _answer(field, person, random, today)
            if value:
                said[field.key] = value[: field.max_length]
    return said


def papers(service: ServiceDefinition, said: dict[str, str], today: date) -> list[PaperRule]:
    """Those that must be uploaded before it can be handed in."""
    asked = [paper for paper in service.all_papers if paper.required and paper.bring != "original"]
    return [paper for paper in asked if all(condition.holds(said, today) for condition in paper.needed)]


def _answer(field: FormField, person: Person, random: Random, today: date) -> str:
    match field.holder:
        case "name":
            return person.name
        case "name_latin":
            return person.latin
        case "birth_date":
            return person.born.isoformat()
        case "pin":
            return person.pin
    match field.type:
        case "choice":
            return random.choice(field.options).value
        case "date":
            return (today + timedelta(days=45 if field.when == "future" else -9_000)).isoformat()
        case "name" | "latin_name":
            return RELATIVE[field.type]
        case "document_number":
            return person.passport
        case "pin":
            return person.pin if field.required else ""
        case kind:
            return BY_TYPE.get(kind, "") if field.required else ""
