"""The readable part of somebody's own data: every kind has its heading, and what was typed stays text."""

from datetime import UTC, datetime
from typing import Any

from deploy.local.environment import SERVICES
from services.portal import own_copy_pages
from services.portal.own_copy import Contents, Part
from services.portal.own_copy_pages import KINDS, TITLES, ReadablePages
from services.portal.rendering import Pages
from tests.architecture.test_own_data import kinds
from tests.unit.portal.portal import portal

AT = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)


def pages() -> ReadablePages:
    drawn: Pages = portal().state.pages
    return ReadablePages(drawn, "en", AT)


def case(number: int, answer: str = "Мира 1") -> dict[str, Any]:
    said = {"service": "Power of attorney", "status": "Draft", "answers": [{"question": "Address", "answer": answer}]}
    return {"record": "application", "id": str(number), "reference": f"YEK-26-{number}", "in_words": said}


def test_every_service_and_kind_has_a_heading() -> None:
    assert set(TITLES) == set(SERVICES)
    assert {kind.kind for service in SERVICES for kind in kinds(service)} <= KINDS.keys()


def test_what_somebody_typed_is_text_and_never_a_part_of_the_page() -> None:
    readable = pages()
    assert list(readable.add("applications", [case(1, "<script>alert(1)</script>")])) == []
    ((name, page),) = readable.rest(Contents({"applications": Part(1, 1)}))
    assert name == "index.html"
    assert b"&lt;script&gt;" in page
    assert b"<script" not in page


def test_what_was_owed_and_paid_is_said_as_money() -> None:
    readable, at = pages(), "2026-11-22T09:30:00Z"
    part = {"state": "paid", "amount_minor": 160_000, "currency": "RUB", "settled_at": at}
    fee = {"record": "fee", "id": "1", "parts": [part], "assessed_at": at}
    paid = {"record": "payment", "id": "receipt:yek:1", "amount_minor": 160_000, "currency": "RUB", "at": at}
    list(readable.add("applications", [fee, paid]))
    ((_, page),) = readable.rest(Contents({"applications": Part(2, 1)}))
    assert page.decode().count("1,600\u00a0RUB") == 2
    assert "22 November 2026" in page.decode()


def test_a_kind_that_is_not_known_yet_is_shown_as_it_is_kept() -> None:
    readable = pages()
    list(readable.add("identity", [{"record": "diary", "id": "1", "entry": "Үй", "seen_at": "2026-11-22T09:30:00Z"}]))
    ((_, page),) = readable.rest(Contents({"identity": Part(1, 1)}))
    assert "Үй" in page.decode()
    assert "22 November 2026" in page.decode()


def test_much_goes_on_in_further_pages_that_the_index_leads_to_and_says_what_is_missing(monkeypatch: Any) -> None:
    monkeypatch.setattr(own_copy_pages, "HELD", 1_000)
    readable, full = pages(), []
    for number in range(3):
        full += list(readable.add("applications", [case(number * 10 + each) for each in range(10)]))
    contents = Contents(
        {"applications": Part(30, 3), "documents": Part(missing="away")}, missing_files={"Documents/a.pdf": "no-time"}
    )
    ((_, index),) = readable.rest(contents)
    assert [name for name, _ in full] == ["page-2.html", "page-3.html", "page-4.html"]
    text = index.decode()
    assert all(f'href="{name}"' in text for name, _ in full)
    assert "This is not all of it" in text
    assert "Documents/a.pdf: the download took too long" in text
    assert all("YEK-26-" in page.decode() and "Your applications" in page.decode() for _, page in full)
