"""Answers against a form: what is kept, what is refused by name, what is merely unusual."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.applications.catalogue import the_catalogue
from services.applications.domain.form import check_answers, oddities
from shared.errors import InvalidInput
from tests.unit.applications.cases import ANSWERS, AT, FORMATS, POST, POWER, REGISTRATION, RETURN


def checked(answers: dict[str, str], service_id: str = REGISTRATION) -> dict[str, str]:
    definition = the_catalogue().service(service_id)
    return check_answers(answers, definition=definition, formats=FORMATS, post=POST, at=AT)


def wrong(answers: dict[str, str], service_id: str = REGISTRATION) -> list[str]:
    with pytest.raises(InvalidInput) as caught:
        checked(answers, service_id)
    return [error.pointer for error in caught.value.errors]


def odd(answers: dict[str, str], service_id: str = REGISTRATION) -> list[str]:
    found = oddities(answers, definition=the_catalogue().service(service_id), formats=FORMATS)
    return [oddity.code for oddity in found]


@pytest.mark.parametrize("service_id", [REGISTRATION, RETURN, POWER])
def test_good_answers_are_kept_as_they_are(service_id: str) -> None:
    assert checked(ANSWERS[service_id], service_id) == ANSWERS[service_id]


def test_every_wrong_field_is_named_at_once() -> None:
    answers = {"full_name": "R2-D2", "birth_date": "31.12.1990", "document_number": "123", "shoe/size": "44"}
    assert wrong(answers) == ["/answers/full_name", "/answers/birth_date", "/answers/document_number", "/answers/shoe~1size"]


def test_the_error_does_not_quote_what_was_typed() -> None:
    with pytest.raises(InvalidInput) as caught:
        checked({"pin": "secret-thing"})
    assert "secret" not in str([(e.message, e.params) for e in caught.value.errors])


@pytest.mark.parametrize("name", ["Өмүрбек уулу Нурлан", "Ңанаева Гүлнара-Айым", "Жан д’Арк", "Íñigo"])
def test_kyrgyz_and_other_letters_survive(name: str) -> None:
    assert checked({"full_name": name})["full_name"] == name


def test_a_name_is_kept_in_one_normal_form_without_loose_blanks() -> None:
    decomposed = unicodedata.normalize("NFD", "  Йылдыз   Ёлкина ")
    assert checked({"full_name": decomposed})["full_name"] == "Йылдыз Ёлкина"


def test_a_latin_name_is_kept_as_in_passports() -> None:
    assert checked({"full_name_latin": "d’Arc-Smith jeanne"})["full_name_latin"] == "D'ARC-SMITH JEANNE"
    assert wrong({"full_name_latin": "АЙГЕРИМ"}) == ["/answers/full_name_latin"]


def test_a_document_number_and_a_pin_may_be_written_with_blanks() -> None:
    kept = checked({"document_number": "ac 1234567", "pin": "1230419 9012345"})
    assert kept == {"document_number": "AC1234567", "pin": "12304199012345"}


def test_a_document_number_typed_with_cyrillic_letters_that_look_alike_is_taken() -> None:
    assert checked({"document_number": "АС 1234567"}) == {"document_number": "AC1234567"}
    assert wrong({"document_number": "ЖЯ1234567"}) == ["/answers/document_number"]


@pytest.mark.parametrize("pin", ["1230419901234", "123041990123456", "1230419901234a", "١٢٣٤٥٦٧٨٩٠١٢٣٤"])
def test_a_pin_has_fourteen_plain_digits(pin: str) -> None:
    assert wrong({"pin": pin}) == ["/answers/pin"]


@pytest.mark.parametrize("day", ["2026-11-21", "1850-01-01", "1990-02-30", "19900423", "2026-W01-1", "yesterday"])
def test_a_date_of_birth_is_a_real_day_of_the_past(day: str) -> None:
    assert wrong({"birth_date": day}) == ["/answers/birth_date"]


def test_a_travel_date_lies_ahead() -> None:
    assert wrong({"travel_date": "2026-11-19"}, RETURN) == ["/answers/travel_date"]
    assert checked({"travel_date": "2026-11-20"}, RETURN)


def test_a_phone_number_needs_its_country_code() -> None:
    assert checked({"phone_abroad": "+7 (912) 000-01-01"})["phone_abroad"] == "+79120000101"
    assert wrong({"phone_abroad": "89120000101"}) == ["/answers/phone_abroad"]
    assert wrong({"phone_abroad": "+712"}) == ["/answers/phone_abroad"]


def test_a_choice_and_a_country_come_from_their_lists() -> None:
    assert wrong({"registration_kind": "forever", "country_of_stay": "XX"}) == [
        "/answers/registration_kind",
        "/answers/country_of_stay",
    ]


def test_a_text_keeps_its_lines_only_where_the_form_has_several() -> None:
    assert checked({"powers": "сатуу;\r\n\r\n  алуу "}, POWER)["powers"] == "сатуу;\n\nалуу"
    assert checked({"address_abroad": "Мира 1\nкв. 2"})["address_abroad"] == "Мира 1 кв. 2"


@pytest.mark.parametrize("sign", ["\x00", "\x1b", "\u200b", "\u202e", "\ue000", "\ud800"])
def test_what_cannot_be_printed_is_refused_now_and_not_at_issue(sign: str) -> None:
    assert wrong({"address_abroad": f"Мира{sign} 1"}) == ["/answers/address_abroad"]


@pytest.mark.parametrize("name", ["漢字", "Nguyễn Thị", "서울", "محمد", "Ивано\u0301в", "G\u030aenc"])
def test_a_name_in_letters_that_no_document_can_show_is_refused(name: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        checked({"full_name": name, "full_name_latin": "AIGERIM"})
    assert [(error.pointer, "Cyrillic or Latin" in error.message) for error in caught.value.errors] == [
        ("/answers/full_name", True)
    ]


@pytest.mark.parametrize("address", ["서울 12", "Мира 5 → 7", "тел. ☎ 100", "Hanoi, phố Huế", "Мира 1 🙂"])
def test_an_address_with_signs_that_no_document_can_show_is_refused(address: str) -> None:
    assert wrong({"address_abroad": address}) == ["/answers/address_abroad"]


@pytest.mark.parametrize(
    "address", ["ул. Мира № 5 • кв. 1½ …", "Ңарын, Өзгөн көч. 7/2 «Ү»", "Plaça d’Espanya 3, Łódź", "İstiklâl Cd. 9"]
)
def test_an_address_as_people_write_it_is_kept(address: str) -> None:
    assert checked({"address_abroad": address})["address_abroad"] == address


def test_a_long_answer_is_refused() -> None:
    assert wrong({"full_name": "А" * 121}) == ["/answers/full_name"]


def test_an_answer_of_more_lines_than_two_pages_hold_is_refused() -> None:
    assert checked({"powers": "\n".join(["сатуу"] * 40)}, POWER)
    with pytest.raises(InvalidInput) as caught:
        checked({"powers": "\n".join(["сатуу"] * 41)}, POWER)
    assert [(error.pointer, error.params) for error in caught.value.errors] == [("/answers/powers", {"max_lines": 40})]


def test_an_empty_answer_is_no_answer() -> None:
    assert checked({"full_name": "   ", "pin": ""}) == {}


def test_an_unknown_series_and_an_odd_pin_only_warn() -> None:
    born = {"birth_date": "1990-04-23"}
    assert odd({"document_number": "ZZ1234567"}) == ["unknown-series"]
    assert odd(born | {"pin": "12304199012345", "document_number": "AC1234567"}) == []
    assert odd(born | {"pin": "92304199012345"}) == ["pin-structure"]
    assert odd(born | {"pin": "19904199012345"}) == ["pin-structure"]
    assert odd(born | {"pin": "12404199012345"}) == ["pin-birth-date"]


@pytest.mark.parametrize("name", ["Tokto Aigerim", "Токтобекова Aйгерим"])
def test_a_name_with_other_than_cyrillic_letters_only_warns(name: str) -> None:
    assert checked({"full_name": name}) == {"full_name": name}
    assert odd({"full_name": name}) == ["name-script"]


@pytest.mark.parametrize("name", ["Айгерим Токтобекова", "Өмүрбек Ңанаев уулу", "О’Коннор-Үсөнова А."])
def test_a_name_in_cyrillic_letters_is_not_odd(name: str) -> None:
    assert odd({"full_name": name}) == []


@given(st.dictionaries(st.sampled_from([f.key for f in the_catalogue().service(POWER).fields]), st.text(max_size=60)))
def test_whatever_is_typed_is_either_kept_stably_or_named(answers: dict[str, str]) -> None:
    try:
        kept, named = checked(answers, POWER), set[str]()
    except InvalidInput as error:
        kept, named = {}, {e.pointer for e in error.errors}
    assert named <= {f"/answers/{key}" for key in answers}
    assert checked(kept, POWER) == kept
