"""What was issued can be annulled, or replaced by a corrected revision: from then on nobody is told that it is in force."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from services.documents.api.answers import state_words
from services.documents.domain.register_entry import EntryState, NoLongerGood, Numbering, RegisterEntry, Revocation
from shared.contracts.applications import OutcomeKind

AT = datetime(2026, 11, 23, 10, tzinfo=UTC)
PRINTED = Numbering("YEK-KU-2026-000001", "7K3QX-M0ZTA", "consular-registration-certificate", AT, date(2026, 11, 23), None)
ISSUED = RegisterEntry(
    id="d1",
    application_id="a1",
    citizen_id="c1",
    reference="YEK-26-7K3QXM0Z",
    service_id="consular-registration-certificate",
    post_id="yek",
    outcome=OutcomeKind.DIGITAL_DOCUMENT,
    revision=1,
    ordered_at=AT,
    version=3,
    state=EntryState.ISSUED,
    numbering=PRINTED,
    file_id="f1",
)


@pytest.mark.parametrize("why", Revocation)
def test_what_is_revoked_says_so_and_its_file_is_not_given_out(why: Revocation) -> None:
    entry = replace(ISSUED)
    assert state_words(entry, AT) == "Issued and in force"
    assert entry.revoke(why, at=AT)
    assert "no longer good" in state_words(entry, AT)
    with pytest.raises(NoLongerGood):
        entry.good_file()


def test_what_is_revoked_keeps_its_file_until_its_term_is_over() -> None:
    entry = replace(ISSUED)
    entry.revoke(Revocation.ANNULLED, at=AT)
    assert entry.drop_file(at=AT) == "f1"


def test_the_same_revocation_told_twice_changes_nothing() -> None:
    entry = replace(ISSUED)
    assert entry.revoke(Revocation.ANNULLED, at=AT)
    assert not entry.revoke(Revocation.ANNULLED, at=AT)
    assert entry.version == 4


def test_what_was_replaced_can_still_be_annulled_and_what_was_annulled_is_not_replaced() -> None:
    entry = replace(ISSUED)
    assert entry.revoke(Revocation.REPLACED, at=AT)
    assert entry.revoke(Revocation.ANNULLED, at=AT)
    assert not entry.revoke(Revocation.REPLACED, at=AT)
    assert entry.revoked is Revocation.ANNULLED


def test_of_two_moves_told_out_of_order_the_later_one_counts() -> None:
    entry = replace(ISSUED)
    assert entry.held_at == "yek"
    assert entry.go_on_at("nov", sequence=9)
    assert not entry.go_on_at("mow", sequence=7)
    assert not entry.go_on_at("nov", sequence=9)
    assert (entry.held_at, entry.post_id, entry.version) == ("nov", "yek", 4)
