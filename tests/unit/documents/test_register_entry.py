"""A register entry that failed and is tried again."""

from datetime import UTC, date, datetime

from services.documents.domain.register_entry import EntryState, Numbering, RegisterEntry

AT = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
NUMBERING = Numbering("YEK-KU-2026-000001", "7K3QX-M0ZTA", "consular-registration-certificate", AT, date(2026, 11, 22), None)


def numbered() -> RegisterEntry:
    facts = {"citizen_id": "c-1", "reference": "YEK-26-0000AAAA", "service_id": "registration", "post_id": "yek"}
    entry = RegisterEntry(id="d-1", application_id="a-1", outcome="digital_document", revision=1, ordered_at=AT, **facts)
    entry.give_number(NUMBERING, {})
    return entry


def test_a_failed_entry_that_is_tried_again_keeps_its_number_and_counts_as_being_issued() -> None:
    entry = numbered()
    entry.fail(reason="signer-broken", at=AT)
    assert entry.try_again()
    assert (entry.state, entry.numbering) == (EntryState.NUMBERED, NUMBERING)
    entry.issue(file_id="d-1.2", sha256="0" * 64, size=4, at=AT)
    assert (entry.state, entry.failure) == (EntryState.ISSUED, None)


def test_an_entry_that_did_not_fail_is_left_as_it_is() -> None:
    entry = numbered()
    before = entry.version
    assert not entry.try_again()
    assert (entry.state, entry.version) == (EntryState.NUMBERED, before)
