"""A message's life: it only moves on, it is called out when it fails, and an unknown one is never sent again by itself."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notifications.domain.notification import (
    Channel,
    MessageAlreadyTaken,
    Notification,
    State,
    notification_id,
)

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def queued(channel: Channel = Channel.SMS) -> Notification:
    return Notification.queue(
        event_id="e1",
        channel=channel,
        at=NOW,
        event_type="application.submitted.v1",
        notice="application_received",
        citizen_id="c1",
        application_id="a1",
        reference="YEK-26-000001",
        post_id="yek",
    )


def sending(run: str = "job:1") -> Notification:
    message = queued()
    message.start(run=run, at=NOW)
    return message


def test_the_same_event_and_channel_are_the_same_message_however_often_it_arrives() -> None:
    assert notification_id("e1", Channel.SMS) == notification_id("e1", Channel.SMS)
    assert len({notification_id(e, c) for e in ("e1", "e2") for c in Channel}) == 4


def test_of_an_appointment_in_another_town_the_town_is_named_and_its_time_told() -> None:
    message = queued()
    assert message.when == ""
    message.moment, message.time_zone = datetime(2026, 12, 19, 4, 0, tzinfo=UTC), "Asia/Omsk"
    assert message.when == "19.12.2026 10:00"
    message.town = "Омск / Omsk"
    assert message.when == "19.12.2026 10:00 (Омск / Omsk)"


def test_only_one_run_passes_the_fence() -> None:
    message = sending("job:1")

    with pytest.raises(MessageAlreadyTaken):
        message.start(run="job:2", at=NOW)


def test_only_the_run_that_holds_it_can_put_a_message_back() -> None:
    message = sending("job:1")

    with pytest.raises(MessageAlreadyTaken):
        message.put_back(run="job:2", at=NOW)
    message.put_back(run="job:1", at=NOW)

    assert message.waiting
    assert message.run is None


def test_a_message_that_was_put_back_can_be_tried_again() -> None:
    message = sending("job:1")
    message.put_back(run="job:1", at=NOW)

    message.start(run="job:2", at=NOW)
    message.sent(at=NOW)

    assert message.settled


def test_a_failure_tells_those_who_look_after_the_case_without_saying_who_it_was_for() -> None:
    event = sending().failed("smtp-recipient-550", at=NOW)

    assert event is not None
    assert event.model_dump() == {
        "sequence": 3,
        "occurred_at": NOW,
        "notification_id": notification_id("e1", Channel.SMS),
        "application_id": "a1",
        "channel": "sms",
        "reason": "smtp-recipient-550",
    }


def test_a_message_about_no_case_fails_without_telling_those_who_have_cases() -> None:
    message = sending()
    message.application_id = None
    assert message.failed("smtp-recipient-550", at=NOW) is None
    assert message.state is State.FAILED


def test_an_unknown_message_may_turn_out_to_have_left_but_is_not_sent_again() -> None:
    message = sending()
    event = message.lost_track(at=NOW)
    with pytest.raises(MessageAlreadyTaken):
        message.start(run="job:2", at=NOW)
    message.sent(at=NOW)

    assert event is not None
    assert event.reason == "outcome-unknown"
    assert message.state is State.SENT


def test_news_is_not_sent_when_it_has_become_old() -> None:
    assert queued().expires_at == NOW + timedelta(days=3)


STEPS = ["start", "put_back", "sent", "failed", "lost_track", "suppressed"]
RANK = {State.QUEUED: 0, State.SENDING: 0, State.UNKNOWN: 1, State.SENT: 2, State.FAILED: 2, State.SUPPRESSED: 2}


@given(st.lists(st.sampled_from(STEPS), max_size=12))
def test_whatever_comes_in_whatever_order_a_settled_message_is_never_open_again(steps: list[str]) -> None:
    message, calls = queued(), 0
    for step in steps:
        before, version = message.state, message.version
        try:
            match step:
                case "start":
                    message.start(run="r", at=NOW)
                    calls += 1
                case "put_back":
                    message.put_back(run="r", at=NOW)
                    calls -= 1  # provably nothing left
                case "failed":
                    message.failed("reason", at=NOW)
                case "sent":
                    message.sent(at=NOW)
                case "suppressed":
                    message.suppressed("no-contact-point", at=NOW)
                case "lost_track":
                    message.lost_track(at=NOW)
        except MessageAlreadyTaken:
            assert (message.state, message.version) == (before, version)
        else:
            assert message.version == version + 1
        assert RANK[message.state] >= RANK[before]
        assert calls <= 1
