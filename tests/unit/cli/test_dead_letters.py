"""What ./eshik dead shows of a message: ids of our contracts and the shape, never what somebody may have written in it."""

import json
import os
import pty
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from cli.dead import dead
from cli.dead_choice import of_all
from cli.dead_letters import HIDDEN, Chosen, Discarded, _in_full, _letter
from shared.contracts.applications import ApplicationRefused
from shared.contracts.envelope import Envelope
from shared.mongo.dead_letters import REPLAYED_WITHIN, event_time, is_too_old

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
NAME = "Айгерим Токтобекова"
EVENT = ApplicationRefused(
    sequence=5, occurred_at=NOW, application_id="a-1", citizen_id="c-1", reference="YEK-26-A1B2C3D4", service_id="s",
    post_id="yek", reason=NAME,
)  # fmt: skip
BODY = json.dumps(Envelope("e-1", "eshik/applications", EVENT, "corr-1", None, None).to_body()).encode()


def row(**more: Any) -> dict[str, Any]:
    return {
        "_id": "e-1.dead", "event_id": "e-1", "event_type": EVENT.type, "queue": "notifications.inbox", "reason": "KeyError",
        "field": "", "attempts": 2, "body": BODY, "headers": {"event-id": "e-1"}, "correlation_id": "corr-1", "state": "parked",
        "replays": 0, "dead_at": NOW, **more,
    }  # fmt: skip


def shown(**more: Any) -> str:
    document = row(**more)
    return _in_full(_letter("notifications", document), document).model_dump_json()


def test_an_event_of_ours_is_shown_by_its_ids_and_without_its_other_values() -> None:
    document = row()
    letter = _in_full(_letter("notifications", document), document)
    assert letter.data == {
        "sequence": "5", "occurred_at": "2026-11-22T10:00:00Z", "application_id": "a-1", "citizen_id": "c-1",
        "reference": "YEK-26-A1B2C3D4", "service_id": "s", "post_id": "yek",
    }  # fmt: skip
    assert "data/reason" in letter.keys
    assert NAME not in shown()


@pytest.mark.parametrize(
    "body",
    [
        NAME.encode(),
        json.dumps({NAME: "x", "data": {NAME: NAME}}, ensure_ascii=False).encode(),
        json.dumps([NAME], ensure_ascii=False).encode(),
        json.dumps({"id": NAME, "type": EVENT.type, "data": EVENT.model_dump(mode="json") | {"citizen_id": NAME}}).encode(),
        b"\xff\x00" * 10,
        b"[" * 100_000,
    ],
    ids=["text", "foreign-keys", "list", "an-id-that-is-none", "bytes", "deep"],
)
def test_of_what_is_no_event_of_ours_only_size_digest_and_shape_are_shown(body: bytes) -> None:
    text = shown(body=body)
    assert NAME not in text
    assert NAME.encode("unicode_escape").decode() not in text
    assert f'"size":{len(body)}' in text


@pytest.mark.parametrize("name", ["_id", "event_id", "event_type", "reason", "field", "correlation_id"])
def test_what_a_foreign_sender_wrote_beside_the_body_is_not_shown(name: str) -> None:
    assert NAME not in shown(**{name: NAME})


def test_a_foreign_header_value_is_not_shown() -> None:
    document = row(headers={"event-id": NAME})
    assert _in_full(_letter("notifications", document), document).headers == {"event-id": HIDDEN}


def test_a_letter_with_a_foreign_id_can_be_named_by_what_is_shown_for_it() -> None:
    letter = _letter("notifications", row(_id=NAME))
    assert Chosen(ids=[letter.id]).means(letter)
    assert not Chosen(ids=["another"]).means(letter)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ("list --service notification", "--service: there is no notification; there are identity, applications"),
        ("list --state parkd", "--state: there is no parkd; there are parked, replaying, replayed, discarded, all"),
        ("replay --queue notifications", "there are identity.inbox, applications.inbox, documents.inbox, notifications.inbox"),
        ("discard --reason twin --service x", "--service: there is no x"),
        ("list --limit 0", "--limit is how many are shown: 1 or more, not 0"),
    ],
)
def test_an_option_that_can_mean_nothing_is_refused_with_what_there_is(arguments: str, told: str) -> None:
    done = CliRunner().invoke(dead, arguments.split())
    assert (done.exit_code, done.stdout) == (2, "")
    assert told in done.stderr


@pytest.mark.parametrize(("answer", "goes_on"), [("y", True), ("n", False), ("", False)])
def test_on_a_terminal_discarding_all_is_asked_and_no_answer_means_no(
    answer: str, goes_on: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, theirs = pty.openpty()
    os.write(ours, f"{answer}\n".encode())
    with open(theirs, encoding="utf-8") as terminal:
        monkeypatch.setattr("sys.stdin", terminal)
        with nullcontext() if goes_on else pytest.raises(typer.Exit):
            of_all(lambda: Discarded(discarded=["letter-1"], left_alone=[]))
    os.close(ours)


def test_the_first_death_is_told_beside_the_last() -> None:
    letter = _letter("notifications", row(first_dead_at=NOW - timedelta(days=1)))
    assert (letter.first_died_at, letter.died_at) == (NOW - timedelta(days=1), NOW)
    assert _letter("notifications", row()).first_died_at == NOW  # stored before that was kept


def test_a_letter_is_too_old_by_its_event_or_by_its_death_whichever_is_earlier() -> None:
    long_ago = NOW - REPLAYED_WITHIN
    old_event = json.dumps({"time": long_ago.isoformat()}).encode()
    assert not is_too_old(row(), NOW)
    assert is_too_old(row(body=old_event), NOW)
    assert is_too_old(row(body=b"no event", dead_at=long_ago), NOW)
    assert not is_too_old(row(body=old_event, dead_at=long_ago), NOW - timedelta(seconds=1))


@pytest.mark.parametrize("body", [b"", b"[]", b'{"time": 5}', b'{"time": "soon"}', b"[" * 100_000])
def test_a_time_that_cannot_be_read_is_none(body: bytes) -> None:
    assert event_time(body) is None
