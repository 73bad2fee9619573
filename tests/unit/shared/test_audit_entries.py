"""What an entry of the audit says, and that its reasons are there in three languages."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from shared.audit.entry import Entry, Kind, NotAnId, Who, only_ids, shown
from shared.audit.reasons import WORKING, all_reasons, reasons_to_choose, text_of

WHO = Who("officer", "nurlan", "intake", "yek", "s-1")
AT = datetime(2026, 11, 22, 9, 30, 0, 120_000, UTC)


def entry(**other: object) -> Entry:
    given = {"id": "audit:1", "service": "applications", "kind": Kind.LOOK, "at": AT, "who": WHO, "act": "application:view"}
    return Entry(**{**given, "about": {"case": "c-1", "post": None}, "reason": WORKING, "request": "r-1", **other})  # type: ignore[arg-type]


def test_its_bytes_are_canonical_whatever_the_order_and_the_time_zone() -> None:
    here = AT.astimezone(timezone(timedelta(hours=6)))
    assert entry(at=here).canonical() == entry(about={"post": None, "case": "c-1"}).canonical()
    assert entry().canonical() == (
        b'{"about":{"case":"c-1"},"act":"application:view","at":"2026-11-22T09:30:00.120Z","id":"audit:1","kind":"look",'
        b'"reason":"working-the-case","request":"r-1","service":"applications",'
        b'"who":{"id":"nurlan","kind":"officer","post":"yek","role":"intake","session":"s-1"}}'
    )


@pytest.mark.parametrize(
    "other", [{"act": "x"}, {"reason": None}, {"who": Who("officer", "gulnara")}, {"about": {}}, {"id": "audit:2"}]
)
def test_any_change_changes_its_hash(other: dict[str, object]) -> None:
    assert entry(**other).hash() != entry().hash()


@pytest.mark.parametrize("about", [{"person": "Айгерим"}, {"note": "two words"}, {"ids": ["ok", "not ok"]}, {"by": {"x": ""}}])
def test_what_is_no_id_or_code_is_refused(about: dict[str, object]) -> None:
    with pytest.raises(NotAnId):
        only_ids(about)  # type: ignore[arg-type]


def test_what_an_operator_typed_is_shown_as_an_id_or_as_its_digest() -> None:
    assert shown("KeyError") == "KeyError"
    assert shown("Айгерим Токтобекова").startswith("sha256.")


def test_every_reason_speaks_three_languages_and_the_one_for_one_s_own_work_is_not_chosen() -> None:
    assert all(all(reason.texts[language] for language in ("ky", "ru", "en")) for reason in all_reasons().values())
    assert WORKING not in [reason.code for reason in reasons_to_choose()]
    assert text_of("a-code-of-a-later-release", "en") == "a-code-of-a-later-release"
