"""Numbers and check codes as people type them off a paper."""

import pytest

from services.documents.domain.numbers import new_check_code, same_code, written_numbers


@pytest.mark.parametrize(
    "typed", ["9YWHQ-Y9H18", "9УWНQ-У9Н18", "9уwнq у9н18", "9ywhqy9hl8", "9ҮWHQ\u2013У9НI8", " 9ywhq - y9h18 "]
)
def test_a_code_is_the_same_in_any_case_and_with_letters_of_the_same_look(typed: str) -> None:
    assert same_code(typed, "9YWHQ-Y9H18")


@pytest.mark.parametrize("typed", ["", "9YWHQ-Y9H19", "9YWHQ", "9ЯWHQ-Y9H18", "9YWHQ-Y9H18-0"])
def test_another_code_is_another_code(typed: str) -> None:
    assert not same_code(typed, "9YWHQ-Y9H18")


def test_zero_and_three_typed_as_letters() -> None:
    assert same_code("ОӨOЗ0-00000", "00030-00000")


@pytest.mark.parametrize(
    "typed",
    [
        "YEK-KU-2026-000001",
        "yek-ku-2026-000001",
        "УЕК-KU-2026-000001",
        "ҮЕК\u2014кu\u20142026\u2014000001",
        " YEK - KU-2026-000001 ",
        "yekku2026000001",
        "УЕК КU 2026 000001",
        "YEK-KU-2O26-OOOOOI",
        "УЕК-КУ-2026-000001",
        "уек ку 2026 1",
        "YEK-KU-2026-00001",
        "yekku20261",
    ],
)
def test_a_number_is_found_however_it_is_typed(typed: str) -> None:
    assert "YEK-KU-2026-000001" in written_numbers(typed)


def test_the_kind_of_a_document_may_be_typed_as_it_sounds() -> None:
    assert "YEK-SV-2026-000001" in written_numbers("УЕК-СВ-2026-1")
    assert "YEK-DV-2026-000001" in written_numbers("УЕК-ДВ-2026-000001")


def test_a_cyrillic_u_in_the_post_is_read_as_y_and_as_u() -> None:
    assert "UST-KU-2026-000012" in written_numbers("УSТ-КУ-2026-12")
    assert "YST-KU-2026-000012" in written_numbers("УSТ-КУ-2026-12")


def test_what_is_typed_is_read_in_a_bounded_number_of_ways() -> None:
    assert written_numbers("Y" * 40) == ["Y" * 40]
    assert all(1 <= len(written_numbers("У" * length)) <= 16 for length in range(41))


def test_a_running_number_of_more_digits_is_kept() -> None:
    assert written_numbers("YEK-KU-2026-1234567") == ["YEK-KU-2026-1234567"]


@pytest.mark.parametrize("typed", ["", "-", "SP-2026-0000417", "YEK-KU-2026", "KU-2026-000001"])
def test_what_has_not_the_form_of_a_number_is_left_as_it_is(typed: str) -> None:
    assert written_numbers(typed) == [typed]


def test_a_new_code_is_the_same_as_itself_only() -> None:
    code, other = new_check_code(), new_check_code()
    assert same_code(code.lower(), code)
    assert not same_code(other, code)
