"""Where pages lead back to, what they may load, and that nothing typed becomes markup."""

import pytest

from services.portal.rendering import Pages, own_path
from services.portal.session import Session
from shared.sealing.erased import ERASED
from tests.unit.portal.portal import portal, visiting, with_token

ELSEWHERE = [
    "https://evil.example",
    "//evil.example",
    "/\\evil.example",
    "/a\\b",
    "\\\\evil",
    "javascript:alert(1)",
    "evil",
    "/a\nb",
    "/\t/x",
]


@pytest.mark.parametrize("given", [*ELSEWHERE, "", None])
def test_a_way_back_leads_to_no_other_site(given: str | None) -> None:
    assert own_path(given, "/home") == "/home"


@pytest.mark.parametrize("given", ["/", "/officer?page=2&list=mine", "/services/power-of-attorney", "/кызмат"])
def test_a_way_back_of_our_own_is_kept(given: str) -> None:
    assert own_path(given) == given


@pytest.mark.parametrize("elsewhere", ["//evil.example/", "https://evil.example"])
async def test_changing_the_language_leads_to_no_other_site(elsewhere: str) -> None:
    async with visiting(portal()) as client:
        answer = await client.get("/language/ru", params={"next": elsewhere})
    assert answer.headers["location"] == "/"


async def test_a_chosen_language_stays() -> None:
    async with visiting(portal()) as client:
        await client.get("/language/ru", params={"next": "/v"})
        answer = await client.get("/v")
    assert answer.headers["content-language"] == "ru"
    assert '<html lang="ru"' in answer.text


async def test_a_page_loads_from_its_own_site_alone_and_is_kept_nowhere() -> None:
    async with visiting(portal()) as client:
        headers = (await client.get("/v")).headers
    policy = headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert headers["cache-control"] == "private, no-store"


async def test_what_was_typed_is_shown_as_text() -> None:
    session = Session(csrf="c" * 32)
    async with visiting(portal(), session) as client:
        page = await client.post("/v", data=with_token(session, number='"><script>alert(1)</script>'))
    assert page.status_code == 422
    assert "<script>alert" not in page.text
    assert "&#34;&gt;&lt;script&gt;alert(1)&lt;/script&gt;" in page.text


async def test_a_page_before_that_is_no_address_is_none() -> None:
    async with visiting(portal(), Session(csrf="c" * 32)) as client:
        answer = await client.post("/sign-out", data={}, headers={"Referer": "http://["})
    assert answer.status_code == 403


def test_an_erased_name_is_said_in_words() -> None:
    pages: Pages = portal().state.pages
    me = {"kind": "citizen", "name": ERASED}
    text = pages.text("ru", "my_data/overview.html", me=me, requests=[], terms={"days": {"correction": 7}}, path="/my-data")
    assert ERASED not in text
    assert "удалено" in text
