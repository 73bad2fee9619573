"""Contacts: what counts as one for the limits on codes, and which numbers get none."""

import pytest

from services.identity.domain.contact import NO_COUNTRY, Contact
from shared.errors import InvalidInput


def test_names_that_reach_one_mailbox_count_as_one_and_sign_in_as_what_they_are() -> None:
    written = ("name@citizen.example", "Name+1@citizen.example", "name+shop+2@Citizen.example")
    assert {Contact.parse(text).mailbox for text in written} == {"name@citizen.example"}
    assert len({Contact.parse(text).value for text in written}) == 3
    assert Contact.parse("a.b.c+x@gmail.com").mailbox == "abc@gmail.com"
    assert Contact.parse("a.b@citizen.example").mailbox == "a.b@citizen.example"
    assert Contact.parse("+only@citizen.example").mailbox == "+only@citizen.example"


def test_numbers_in_a_row_count_together_too() -> None:
    assert Contact.parse("+996 700 000 199").number_range == Contact.parse("+996700000777").number_range == "+996700000"
    assert Contact.parse("+996700001199").number_range != "+996700000"
    assert Contact.parse("name@citizen.example").number_range is None


@pytest.mark.parametrize("code", NO_COUNTRY)
def test_a_number_of_no_country_gets_no_code(code: str) -> None:
    with pytest.raises(InvalidInput):
        Contact.parse(f"{code}12345678")


@pytest.mark.parametrize(
    "number", ["+78095551234", "+449012345678", "+78001234567"], ids=["premium rate", "premium rate", "freephone"]
)
def test_a_number_that_is_nobodys_telephone_gets_no_code(number: str) -> None:
    with pytest.raises(InvalidInput):
        Contact.parse(number)


@pytest.mark.parametrize("number", ["+996700123456", "+79039123456", "+905551234567", "+442079460000", "+70000000001"])
def test_telephones_and_numbers_that_no_table_knows_get_one(number: str) -> None:
    assert Contact.parse(number).value == number
