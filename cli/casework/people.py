"""Invented people for casework. Nobody of them exists; addresses use reserved names, numbers are not given to anybody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

_WOMEN = {
    "Айзада": "AIZADA", "Бегимай": "BEGIMAI", "Гүлзат": "GULZAT", "Жазгүл": "ZHAZGUL", "Канышай": "KANYSHAI",
    "Мээрим": "MEERIM", "Нуриза": "NURIZA", "Перизат": "PERIZAT", "Чынара": "CHYNARA", "Үмүт": "UMUT",
}  # fmt: skip
_MEN = {
    "Азамат": "AZAMAT", "Бакыт": "BAKYT", "Данияр": "DANIIAR", "Калыс": "KALYS", "Медер": "MEDER", "Нурбек": "NURBEK",
    "Өмүрбек": "OMURBEK", "Семетей": "SEMETEI", "Темир": "TEMIR", "Үсөн": "USON",
}  # fmt: skip
_FAMILIES = {
    "Асанов": "ASANOV", "Бөрүбаев": "BORUBAEV", "Жолдошев": "ZHOLDOSHEV", "Ибраимов": "IBRAIMOV", "Кеңешов": "KENESHOV",
    "Мамытов": "MAMYTOV", "Осмонов": "OSMONOV", "Садыков": "SADYKOV", "Төлөгөнов": "TOLOGONOV", "Үсөнов": "USONOV",
}  # fmt: skip


@dataclass(frozen=True)
class Person:
    """Who applies. login: of a demo account, or the e-mail of somebody who signs in by a one-time code."""

    login: str
    name: str
    latin: str
    born: date
    pin: str
    passport: str
    language: str
    woman: bool


# two of the demo accounts, with what their papers would say
AIGERIM = Person(
    "aigerim", "Айгерим Токтобекова", "AIGERIM TOKTOBEKOVA", date(1990, 4, 23), "12304199000101", "AC1234567", "ky", woman=True
)
OMURBEK = Person(
    "omurbek", "Өмүрбек Төлөгөнов", "OMURBEK TOLOGONOV", date(1979, 3, 14), "21403197900103", "AC0000103", "ky", woman=False
)


def people(count: int, random: Random) -> list[Person]:
    """So many, each with another e-mail, PIN and passport. The same seed gives the same people."""
    return [_person(number, random) for number in range(count)]


def _person(number: int, random: Random) -> Person:
    woman = random.random() < 0.5
    given, family = random.choice([*(_WOMEN if woman else _MEN).items()]), random.choice([*_FAMILIES.items()])
    name, latin = (f"{first} {last}{ending if woman else ''}" for first, last, ending in zip(given, family, "аA", strict=True))
    born = date(1962, 1, 1) + timedelta(days=random.randrange(15_000))
    return Person(
        login=f"guest-{number:03d}@citizen.example",
        name=name,
        latin=latin,
        born=born,
        pin=f"{1 if woman else 2}{born:%d%m%Y}{10_000 + number:05d}",
        passport=f"AC{3_000_000 + number * 37:07d}",
        language=random.choice(("ky", "ky", "ru")),
        woman=woman,
    )
