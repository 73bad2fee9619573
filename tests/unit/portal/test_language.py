"""The language changes on every page, and a form goes along with what was typed."""

import pytest

from services.portal.session import Session
from tests.unit.portal.portal import COOKIE, portal, visiting, with_token

STEP = "/applications/7/steps/name?back=check"


@pytest.mark.parametrize(
    ("then", "to", "status", "location"),
    [
        ("language", STEP, 307, STEP),
        ("language", "//elsewhere.example/", 307, "/"),
        ("", STEP, 303, STEP),
        ("next", STEP, 303, STEP),
    ],
)
async def test_a_form_follows_into_the_other_language_and_only_to_a_page_of_ours(
    then: str, to: str, status: int, location: str
) -> None:
    session = Session(csrf="c" * 32)
    async with visiting(portal(), session) as client:
        answer = await client.post("/language/ru", params={"next": to}, data=with_token(session, then=then))
    assert (answer.status_code, answer.headers["location"]) == (status, location)
    assert COOKIE.read(answer.cookies[COOKIE.name]).language == "ru"


async def test_a_language_that_there_is_not_changes_nothing() -> None:
    session = Session(csrf="c" * 32, language="ky")
    async with visiting(portal(), session) as client:
        answer = await client.post("/language/xx", data=with_token(session, then="language"))
    assert answer.status_code == 307
    assert COOKIE.name not in answer.cookies


async def test_what_was_typed_off_a_paper_stands_on_the_page_of_the_other_language() -> None:
    session, typed = Session(csrf="c" * 32), {"number": "YEK-KU-2026-000001", "check_code": "7K3QX"}
    async with visiting(portal(), session) as client:
        first = await client.get("/v")
        form = with_token(session, then="language", **typed)
        answer = await client.post("/language/ru", params={"next": "/v"}, data=form, follow_redirects=True)
    assert 'form="printed" name="then" value="language"' in first.text
    assert (answer.status_code, answer.headers["content-language"]) == (200, "ru")
    assert all(f'value="{value}"' in answer.text for value in typed.values())
    assert "govuk-error-summary" not in answer.text
