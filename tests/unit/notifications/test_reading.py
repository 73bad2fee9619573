"""What became of a message, in words for each state and reason, and how much of a contact point is shown."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from services.notifications import api
from services.notifications.api.wording import CHANNELS, STATES, masked_contact, notice_text, status_text
from services.notifications.domain.notification import Channel, Notification, State
from services.notifications.domain.wording import NOTICES
from shared.contracts.http import ContactPoints
from shared.texts import LANGUAGES, Texts

TEXTS = Texts.load(Path(api.__file__).parents[1] / "locale")
AT = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)


def a_message(state: State = State.SENT, reason: str | None = None, channel: Channel = Channel.SMS, **more: Any) -> Notification:
    facts = {"citizen_id": "c", "application_id": "a", "reference": "YEK-26-A1B2", "post_id": None, "event_type": "e"}
    facts |= {"notice": "document_ready", **more}
    message = Notification.queue(event_id="e1", channel=channel, at=AT, **facts)  # type: ignore[arg-type]
    message.state, message.reason = state, reason
    return message


def contacts(email: str | None = None, phone: str | None = None) -> ContactPoints:
    return ContactPoints(person_id="c", language="ky", email=email, phone=phone)


def test_every_channel_and_state_has_its_words() -> None:
    assert set(CHANNELS) == set(Channel)
    assert set(STATES) == set(State)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("notice", NOTICES)
def test_every_notice_is_named_in_one_line_with_its_case(notice: str, language: str) -> None:
    line = notice_text(a_message(notice=notice), TEXTS, language)
    assert "YEK-26-A1B2" in line
    assert "{" not in line
    assert "\n" not in line


@pytest.mark.parametrize(
    ("reason", "channel", "expected"),
    [
        ("no-contact-point", Channel.SMS, "Not sent: no telephone number is known"),
        ("no-contact-point", Channel.EMAIL, "Not sent: no e-mail address is known"),
        ("too-old", Channel.SMS, "Not sent: the news was too old by then"),
        ("provider-unavailable", Channel.SMS, "Not sent: the provider could not be reached"),
        ("smtp-recipient-550", Channel.EMAIL, "Not delivered: it was not accepted"),
    ],
)
def test_a_message_that_failed_says_why(reason: str, channel: Channel, expected: str) -> None:
    assert status_text(a_message(State.FAILED, reason, channel), TEXTS, "en") == expected


def test_an_unknown_outcome_is_not_called_a_failure() -> None:
    assert status_text(a_message(State.UNKNOWN, "outcome-unknown"), TEXTS, "en") == "It is not known whether it arrived"


@pytest.mark.parametrize(("number", "shown"), [("+79120000101", "•••0101"), ("+996312", None), ("", None), (None, None)])
def test_a_number_is_shown_by_its_last_digits_only(number: str | None, shown: str | None) -> None:
    assert masked_contact(a_message(), contacts(phone=number)) == shown


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("aigerim@citizen.example", "a•••@citizen.example"),
        ("a@x.kg", "a•••@x.kg"),
        ("@x.kg", None),
        ("broken", None),
        (None, None),
    ],
)
def test_an_address_is_shown_by_its_first_letter_and_its_host(address: str | None, shown: str | None) -> None:
    assert masked_contact(a_message(channel=Channel.EMAIL), contacts(email=address)) == shown


@pytest.mark.parametrize("state", [State.QUEUED, State.FAILED])
def test_a_message_that_went_nowhere_names_no_address(state: State) -> None:
    assert masked_contact(a_message(state), contacts(phone="+79120000101")) is None
    assert masked_contact(a_message(), None) is None
