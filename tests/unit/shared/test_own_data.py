"""What a record gives to whom it is about: all of it, but nobody else's id, no sign of what was erased, and no file of it."""

from datetime import UTC, datetime

import pytest

from shared.errors import InvalidInput
from shared.mongo.own_data import OwnFile, OwnRecords, Words, cursor_after, read_cursor
from shared.sealing.erased import ERASED
from shared.texts import Texts

AT = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
WORDS = Words(Texts({}), "en", AT)
ROW = {
    "_id": "c1", "schema_version": 3, "version": 7, "person_id": "p1", "name": "Үмүт", "seen_at": AT, "secret": "s",
    "claimed_by": "officer-1", "ended": {"by": "officer-2", "reason": "no-longer"},
    "grants": [{"given_by": "officer-3", "role": "intake"}],
}  # fmt: skip


def test_a_field_that_nobody_thought_of_is_given_and_who_acted_never() -> None:
    kind = OwnRecords("card", "cards", "person_id", {"secret": "a secret"})
    given = kind.given(ROW | {"new_field": 1}, WORDS, "p1", erased=False)
    assert given == {
        "record": "card", "id": "c1", "name": "Үмүт", "seen_at": "2026-11-22T09:30:00Z", "new_field": 1,
        "ended": {"reason": "no-longer"}, "grants": [{"role": "intake"}],
    }  # fmt: skip


def test_what_was_erased_is_given_as_nothing_and_without_its_file() -> None:
    kind = OwnRecords("card", "cards", "person_id", file=lambda row: OwnFile(f"/api/cards/{row['_id']}", "image/png", 5))
    assert kind.given({"_id": "c1", "name": "A"}, WORDS, "p1", erased=False)["file"]["path"] == "/api/cards/c1"
    given = kind.given({"_id": "c1", "name": ERASED}, WORDS, "p1", erased=True)
    assert given == {"record": "card", "id": "c1", "name": None}


def test_a_cursor_leads_on_from_its_record_and_any_other_is_refused() -> None:
    names = ["card", "history"]
    assert read_cursor(cursor_after({"record": "history", "id": 17}), names) == (1, 17)
    for text in (
        "",
        "!!",
        "bnVsbA",
        cursor_after({"record": "diary", "id": 1}),
        cursor_after({"record": "card", "id": {"$gt": ""}}),
        "W10",
        cursor_after({"record": "history", "id": 10**30}),
        cursor_after({"record": "history", "id": "\ud800"}),
    ):
        with pytest.raises(InvalidInput):
            read_cursor(text, names)
