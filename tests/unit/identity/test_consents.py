"""What somebody said to a purpose: the last word counts, and a new text is asked anew."""

from datetime import UTC, datetime

import pytest

from services.identity.domain.consent import Consent, ConsentEntry, How, Said, TextChanged
from shared.errors import InvalidInput

AT = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
SECOND_TEXT = Consent("messages", 2, Said.GIVEN)


def said(word: Said, version: int, consent: Consent = SECOND_TEXT) -> ConsentEntry:
    return consent.said_by("p1", word, entry_id="e1", text_version=version, at=AT, how=How.MY_DATA)


def test_the_last_word_counts_and_without_one_what_the_data_file_says() -> None:
    assert SECOND_TEXT.in_force(None) is Said.GIVEN
    assert Consent("research", 1, Said.WITHDRAWN).in_force(None) is Said.WITHDRAWN
    for word in Said:
        assert SECOND_TEXT.in_force(said(word, 2)) is word


def test_a_yes_to_an_older_text_is_asked_anew_and_a_no_is_not() -> None:
    older = Consent("messages", 1, Said.GIVEN)
    assert SECOND_TEXT.is_to_be_asked(None)
    assert SECOND_TEXT.is_to_be_asked(said(Said.GIVEN, 1, older))
    assert not SECOND_TEXT.is_to_be_asked(said(Said.GIVEN, 2))
    assert not SECOND_TEXT.is_to_be_asked(said(Said.WITHDRAWN, 1, older))


def test_nobody_agrees_to_a_text_that_is_not_the_one_of_now_and_anybody_may_say_no() -> None:
    with pytest.raises(TextChanged):
        said(Said.GIVEN, 1)
    assert said(Said.WITHDRAWN, 1).text_version == 1
    with pytest.raises(InvalidInput):
        said(Said.WITHDRAWN, 3)
