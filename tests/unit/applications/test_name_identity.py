"""Names of one person in Kyrgyz, Russian and Latin agree; what transliteration does not explain is shown."""

import pytest

from services.applications.catalogue import the_catalogue
from services.applications.domain.name_identity import (
    Disagreement,
    Record,
    disagreements,
    recorded_otherwise,
    same_as_in_passport,
    same_name,
)
from tests.unit.applications.cases import ANSWERS, RETURN
from tests.unit.applications.conditional import CHILD, SECOND_PARENT, conditional

RULES = the_catalogue().names


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Жумагулов Кубанычбек", "ZHUMAGULOV KUBANYCHBEK"),
        ("Жумагулов Кубанычбек", "DZHUMAGULOV KUBANYCHBEK"),
        ("Өмүрбек уулу Нурдөөлөт", "OMURBEK UULU NURDOLOT"),
        ("Айгүл Ысакова", "ISAKOVA AIGUL"),
        ("Айгүл Ысакова", "Исакова Айгуль"),
        ("Токтобекова Айгерим Бакытовна", "AIGERIM TOKTOBEKOVA"),
        ("Хамид Ёлкин", "KHAMID ELKIN"),
    ],
)
def test_the_same_person_in_another_spelling_is_the_same(one: str, other: str) -> None:
    assert same_name(one, other, RULES)
    assert same_name(other, one, RULES)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Токтобекова Айгерим", "TOKTOBEKOV AIGERIM"),
        ("Токтобекова Айгерим", "TOKTOBEKOVA AINURA"),
        ("Асанов Асан", "ASANOV BAKYT"),
        ("Асан Асан", "ASAN BAKYT"),
        ("Бакыт Асанов", "BAKYT"),
        ("Бакыт Асанов", "1234"),
    ],
)
def test_another_name_is_another(one: str, other: str) -> None:
    assert not same_name(one, other, RULES)
    assert not same_name(other, one, RULES)


def test_of_a_name_that_a_zone_cut_off_what_is_left_must_fit() -> None:
    long = "Абдымомунова Гүлбарчын Төлөмүшовна"
    assert same_as_in_passport(long, "ABDYMOMUNOVA GULBARCHYN TOLOMUSH", RULES)
    assert not same_as_in_passport(long, "ABDYMOMUNOVA GULNARA TOLOMUSH", RULES)
    assert not same_as_in_passport("Бакыт Асанов", "BAKYT ASAN", RULES), "it had room"


def test_the_holder_is_compared_always_and_others_where_the_service_says_so() -> None:
    definition = conditional()
    assert disagreements(ANSWERS[RETURN], definition, RULES) == []
    wrong = CHILD | SECOND_PARENT | {"full_name_latin": "AIGERIM TOKTOGULOVA", "second_parent_latin": "NURLAN TOKTOBEKOV"}
    assert disagreements(wrong, definition, RULES) == [
        Disagreement("full_name", "full_name_latin"),
        Disagreement("second_parent", "second_parent_latin"),
    ]


def test_an_earlier_case_of_the_same_person_must_name_them_alike_and_one_about_a_child_need_not() -> None:
    now = Record("Токтобекова Айгерим", "1990-04-23", "12304199000123")
    assert not recorded_otherwise(now, [Record("Айгерим Токтобекова Бакытовна", "1990-04-23", None)], RULES)
    assert recorded_otherwise(now, [Record("Токтобекова Айнура", "1990-04-23", None)], RULES)
    assert recorded_otherwise(now, [Record("Асанова Айгерим", "1990-04-23", "12304199000123")], RULES), "as after a marriage"
    child = Record("Токтобеков Эрлан", "2019-03-01", None)
    namesake = Record("Асанова Айгерим", "1990-04-23", "12304199000999")
    assert not recorded_otherwise(now, [child, namesake], RULES)
