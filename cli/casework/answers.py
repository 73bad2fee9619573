"""What an invented person answers to the questions of a service, which papers they then need, and what they pay."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from random import Random
from typing import Any

from cli.casework.people import AIGERIM, OMURBEK, Person
from services.applications.domain.papers import PaperRule
from services.applications.domain.service_definition import FormField, ServiceDefinition

BY_KEY = {  # what is said in free words, so that a paper reads as one
    "address_abroad": "Екатеринбург ш., Ынтымак көчөсү, 12-үй",
    "last_home_address": "Бишкек ш., Чүй проспектиси, 104-үй, 8-батир",
    "birth_place": "Ош шаары",
    "powers": "Бишкек шаарындагы үйүмдү менин атымдан сатуу, документтерге кол коюу жана акчаны алуу.",
    "record_place": "Ош шаарынын ЖААК бөлүмү",
    "record_when": "1990-жылдын май айы",
    "motive": "Туруктуу жашаган өлкөнүн жарандыгын алып жатам.",
    "explanation": "Автобекетте баштыгымды уурдатып жибердим, ичинде паспортум бар эле. Полицияга айттым.",
    "loss_place": "Екатеринбург ш., автобекет",
    "help_place": "Екатеринбург ш., автобекет",
    "what_happened": "Бир тууганым менен үч күндөн бери байланыш жок. Акыркы жолу автобекеттен чалган.",
    "travel_to": "Кыргызстан, Бишкек ш.",
    "former_name": "Айгүл Асанова",
    "other_names": "Айгүл Асанова",
    "mother_citizenship": "KG",
    "father_citizenship": "KG",
    "foreign_passport_number": "70 1234567",
}
BY_TYPE = {"phone": "+79120000101", "country": "RU", "text": "Бишкек ш., Ынтымак көчөсү, 12"}
CHILD, CHILD_LATIN, CHILD_BORN_DAYS_AGO = "Бермет Төлөгөнова", "BERMET TOLOGONOVA", 1_000
BOTH_PARENTS = {"applicant_is": "mother", "other_parent": "confirms_here"}
# by service: how a case runs that is to be shown, where the answers lead to several ways
SHOWN: Mapping[str, Mapping[str, str]] = {
    "birth-registration": BOTH_PARENTS | {
        "birth_place": "Екатеринбург ш.", "father_recorded": "marriage", "foreign_certificate": "no",
    },
    "citizenship-renunciation": {
        "other_citizenship_state": "promised", "marital_status": "married", "spouse_name": OMURBEK.name,
        "spouse_says": "confirms_here", "children_14_18": "no",
    },
    "consular-registration-certificate": {"pin": "", "registration_kind": "temporary"},
    "document-request": {"document_wanted": "birth", "about": "self", "delivery": "by_mail"},
    "meken-kart": {"ground": "former_citizen", "citizenship": "RU"},
    "minor-travel-consent": {"applicant_is": "mother", "accompanied": "other_parent", "travel_purpose": "visit"},
    "no-conviction-certificate": {
        "for_whom": "self", "had_other_names": "no", "purpose": "work", "apostille": "no", "delivery": "at_post",
    },
    "passport-adult": {"reason": "expiry", "patronymic_printed": "no", "other_citizenship": "no"},
    "passport-child": BOTH_PARENTS | {"reason": "first"},
    "passport-lost": {"circumstances": "stolen", "has_police_paper": "yes"},
    "power-of-attorney": {"pin": "", "document_number": "ID7654321", "validity": "one_year", "substitution": "not_allowed"},
    "request-for-help": {"help_kind": "missing", "person_name": OMURBEK.name},
    "return-certificate": {"pin": "", "circumstances": "lost"},
}  # fmt: skip


def answers(
    service: ServiceDefinition, person: Person, random: Random, today: date, given: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Every question that applies, in order. given: by key, what is said so and not otherwise; empty: it is not answered."""
    said: dict[str, str] = {}
    for field in service.fields:
        if all(condition.holds(said, today) for condition in field.needed):
            value = given[field.key] if given and field.key in given else _answer(field, person, random, today)
            if value:
                said[field.key] = value[: field.max_length]
    return said


def papers(service: ServiceDefinition, said: dict[str, str], today: date) -> list[PaperRule]:
    """Those that must be uploaded before it can be handed in."""
    asked = [paper for paper in service.all_papers if paper.required and paper.bring != "original"]
    return [paper for paper in asked if all(condition.holds(said, today) for condition in paper.needed)]


def receipt(part: Mapping[str, Any], number: str, paid_on: date) -> dict[str, Any]:
    """What an officer enters of a part of a fee, as it is owed."""
    money = {name: part["amount"][name] for name in ("amount_minor", "currency")}
    return {"part": part["id"], "number": number, "paid_on": paid_on.isoformat(), **money}


def _answer(field: FormField, person: Person, random: Random, today: date) -> str:
    if field.type == "choice" and field.key != "sex":
        return random.choice(field.options).value
    if known := _of_family(field, person, today) or (field.required and BY_KEY.get(field.key)):
        return known
    match field.type:
        case "date":
            return (today + timedelta(days=45 if field.when == "future" else -9_000)).isoformat()
        case "name" | "latin_name":
            return _other(person).name if field.type == "name" else _other(person).latin
        case "document_number":
            return person.passport if field.required else ""
        case kind:
            return BY_TYPE.get(kind, "") if field.required else ""


def _of_family(field: FormField, person: Person, today: date) -> str:
    """What papers of the person, of their child and of the other parent say."""
    child = field.key.startswith("child_")
    mother, father = (person, _other(person)) if person.woman else (_other(person), person)
    return {
        "name": CHILD if child else person.name,
        "name_latin": CHILD_LATIN if child else person.latin,
        "birth_date": (today - timedelta(days=CHILD_BORN_DAYS_AGO)).isoformat() if child else person.born.isoformat(),
        "pin": "" if child else person.pin,
        "child_name": CHILD,
        "child_birth_date": (today - timedelta(days=CHILD_BORN_DAYS_AGO)).isoformat(),
        "mother_name": mother.name,
        "father_name": father.name,
        "parent_name": person.name,
        "sex": "female" if child or person.woman else "male",
    }.get(field.holder or field.key, "")


def _other(person: Person) -> Person:
    """Somebody else, of the other sex."""
    return OMURBEK if person.woman else AIGERIM
