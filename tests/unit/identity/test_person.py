"""A person is only accepted with a language we speak and contact points that can be reached."""

import pytest

from services.identity.domain.person import Person
from shared.errors import InvalidInput


def citizen(**changes: str | None) -> Person:
    known: dict[str, str | None] = {
        "id": "p1",
        "login": "aida",
        "name": "Аида Үлгүлүү",
        "language": "ky",
        "email": "aida@citizen.example",
        "phone": "+996999000101",
    }
    return Person.citizen(**{**known, **changes})  # type: ignore[arg-type]


def test_contact_points_carry_the_person_s_language() -> None:
    points = citizen(language="ru", phone=None).contact_points()

    assert (points.person_id, points.language, points.email, points.phone) == ("p1", "ru", "aida@citizen.example", None)


@pytest.mark.parametrize("phone", ["0999000101", "+0999000101", "+996 999 000101", "+996", "+9969990001011111"])
def test_a_phone_number_without_its_country_code_is_refused(phone: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        citizen(phone=phone)

    assert [error.pointer for error in refusal.value.errors] == ["/phone"]


@pytest.mark.parametrize("email", ["aida", "aida@localhost", "аида@citizen.example", "a@b.example\r\nBcc: c@d.example"])
def test_an_address_that_mail_servers_do_not_take_is_refused(email: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        citizen(email=email)

    assert [error.pointer for error in refusal.value.errors] == ["/email"]


def test_every_wrong_field_is_named_at_once() -> None:
    with pytest.raises(InvalidInput) as refusal:
        citizen(language="de", email="x", phone="1")

    assert [error.pointer for error in refusal.value.errors] == ["/language", "/email", "/phone"]


@pytest.mark.parametrize("roles", [[], ["intake", "minister"]])
def test_an_officer_has_known_roles(roles: list[str]) -> None:
    with pytest.raises(InvalidInput) as refusal:
        Person.officer(id="o1", login="bek", name="Бек", language="ru", post_id="yek", roles=roles)

    assert [error.pointer for error in refusal.value.errors] == ["/roles"]
