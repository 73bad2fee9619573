"""./eshik dead on a real database and a service that replays: the filter, the cap, the audit, and a letter that dies again."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from shared.clock import SystemClock
from shared.jobs.job import Job
from shared.messaging.broker import Broker
from shared.messaging.consumer import DeadLetterDrain, DeadMessage
from shared.messaging.publisher import Publisher
from shared.mongo.database import Database, Document
from shared.mongo.dead_letters import DeadLetters
from shared.mongo.indexes import KERNEL_INDEXES
from shared.mongo.replaying import (
    BrokerNotReached,
    OnDeadLetters,
    Replay,
    Replayer,
    discard_dead_letters,
    replay_dead_letters,
)
from shared.mongo.transactions import Transactions
from tests.support.faults import Child, approved, broker_channel, cleared, envelope_of
from tests.support.places import Place
from tests.support.replaying import dead, eshik, let_die
from tests.support.serving import eventually

POISON = "POISON"  # tests/fault/child.py cannot handle it


@pytest.fixture
async def database(place: Place) -> AsyncIterator[Database]:
    opened = Database(place.mongo_url, f"{place.database_prefix}documents")
    await opened.ensure_indexes({**KERNEL_INDEXES, "effects": []})
    yield opened
    await opened.close()


@pytest.fixture
async def service(place: Place, database: Database, tmp_path: Path) -> AsyncIterator[Child]:
    process = Child(place, tmp_path)
    await process.start()
    yield process
    await process.kill9()


async def parked(database: Database, count: int) -> bool:
    return await database.db.dead_letters.count_documents({"state": "parked"}) == count


async def test_letters_are_chosen_by_filter_replayed_under_the_cap_and_each_act_is_an_audit_entry(
    place: Place, database: Database, service: Child
) -> None:
    await let_die(place, "documents", [envelope_of(approved(number)) for number in range(6)], reason="KeyError")
    await let_die(place, "documents", [envelope_of(cleared(0))], reason="ValueError")
    await eventually(lambda: parked(database, 7))
    assert await service.stop() == 0  # the jobs wait, so that their times can be read

    listed = await dead(place, "list", "--event-type", "application.approved.v1")
    assert (listed["count"], [group["reason"] for group in listed["groups"]]) == (6, ["KeyError"])
    first = await dead(place, "replay", "--reason", "KeyError", "--rate", "5", "--who", "ainura")
    second = await dead(place, "replay", "--queue", "documents.inbox", "--rate", "5", "--who", "ainura")
    assert (len(first["chosen"]), len(second["chosen"])) == (6, 1)
    due = [row["due_at"] async for row in database.db.jobs.find({"kind": "replay_dead_letter"}).sort("due_at", 1)]
    assert all(later - earlier >= timedelta(seconds=0.2) for earlier, later in pairwise(due))
    acts = await database.db.audit.find().sort("at", 1).to_list()
    assert [(act["act"], act["who"]["id"], len(act["about"]["dead_letters"]), act["about"]["filter"]) for act in acts] == [
        ("dead:replay", "ainura", 6, {"reason": "KeyError"}),
        ("dead:replay", "ainura", 1, {"queue": "documents.inbox"}),
    ]

    await service.start()
    await eventually(lambda: _all_in(database, "replayed", 7))
    await eventually(lambda: _effects(database, 7))


async def test_a_letter_that_dies_again_is_the_same_letter_with_its_replays_counted(
    place: Place, database: Database, service: Child
) -> None:
    await let_die(place, "documents", [envelope_of(approved(1, reference=POISON))], reason="KeyError")
    await eventually(lambda: parked(database, 1))
    letter = await dead(place, "list")
    await dead(place, "replay", letter["letters"][0]["id"])

    async def parked_again() -> bool:
        return await database.db.dead_letters.count_documents({"state": "parked", "replays": 1, "reason": "RuntimeError"}) == 1

    await eventually(parked_again)
    assert await database.db.dead_letters.count_documents({}) == 1
    row = await database.db.dead_letters.find_one({})
    assert row is not None
    assert row["first_dead_at"] < row["dead_at"]
    assert "RuntimeError" in await eshik(place, "dead", "show", letter["letters"][0]["id"])


async def test_a_discarded_letter_stays_with_its_reason_and_is_offered_no_more(
    place: Place, database: Database, service: Child
) -> None:
    await let_die(place, "documents", [envelope_of(approved(1))])
    await eventually(lambda: parked(database, 1))
    await eshik(place, "dead", "discard", "--all", expect=2)  # a reason is required
    await dead(place, "discard", "--all", "--reason", "a test event", "--who", "ainura", "--yes")
    assert (await dead(place, "replay", "--all"))["chosen"] == []
    (letter,) = (await dead(place, "list", "--state", "discarded"))["letters"]
    (alone,) = (await dead(place, "replay", letter["id"], expect=1))["left_alone"]
    assert re.fullmatch(r"it was discarded on [-0-9]+ [:0-9]+ UTC: a test event", alone["why"])
    assert (await dead(place, "list", "--state", "discarded"))["count"] == 1
    entry = await database.db.audit.find_one({})
    assert entry is not None
    assert (entry["act"], entry["who"]["id"], entry["note"]) == ("dead:discard", "ainura", "a test event")


async def test_a_dead_message_that_could_not_be_stored_for_an_unforeseen_reason_is_tried_again(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.messaging.consumer.NOT_STORED_S", 0.01)
    tries: list[str | None] = []

    async def store(dead_message: DeadMessage) -> None:
        tries.append(dead_message.event_id)
        if len(tries) == 1:
            raise KeyError("unforeseen")

    async def declared() -> bool:
        return broker.connected

    async def tried_again_and_gone() -> bool:
        async with broker_channel(place) as channel:
            queue = await channel.declare_queue("documents.inbox.dead", passive=True)
            return len(tries) == 2 and not queue.declaration_result.message_count

    broker = Broker(place.rabbit_url, "documents")
    draining = asyncio.create_task(DeadLetterDrain(broker, "documents", store).run())
    await eventually(declared)
    await let_die(place, "documents", [envelope_of(approved(1))])
    await eventually(tried_again_and_gone)
    draining.cancel()
    await broker.close()


async def test_of_several_operators_at_once_each_letter_is_one_ones_and_has_one_audit_entry(database: Database) -> None:
    clock, ids = SystemClock(), [f"letter-{number}" for number in range(20)]
    store = DeadLetters(database, clock).store
    for letter_id in ids:
        body = envelope_of(approved(1)).to_body()
        await store(DeadMessage(letter_id, None, None, "documents.inbox", "KeyError", "", 3, json.dumps(body).encode(), None, {}))
    transactions = Transactions(database, clock)
    await asyncio.gather(
        *(transactions.run(replay_dead_letters, Replay(ids[at : at + 4], "ainura", {})) for at in range(0, 20, 4)),
        *(transactions.run(discard_dead_letters, OnDeadLetters(ids[at : at + 5], "bakyt", {}, "twin")) for at in range(0, 20, 5)),
        *(transactions.run(replay_dead_letters, Replay([letter_id], "cholpon", {})) for letter_id in ids[::3]),
        return_exceptions=True,  # who comes second may be told to try again
    )
    acts = await database.db.audit.find().to_list()
    told = sorted((letter_id, act["act"]) for act in acts for letter_id in act["about"]["dead_letters"])
    words = {"replaying": "dead:replay", "discarded": "dead:discard"}
    changed = await database.db.dead_letters.find({"state": {"$ne": "parked"}}).to_list()
    assert told == sorted((row["_id"], words[row["state"]]) for row in changed)
    replaying = [row["_id"] for row in changed if row["state"] == "replaying"]
    jobs = await database.db.jobs.find({"kind": "replay_dead_letter"}).to_list()
    assert sorted(job["data"]["dead_letter_id"] for job in jobs) == sorted(replaying)
    assert changed


async def test_where_one_id_is_nobodys_nothing_is_done(place: Place, database: Database) -> None:
    await _stored(database, "letter-1", "KeyError")
    for act in (["replay"], ["discard", "--reason", "a test event"]):
        assert not await eshik(place, "dead", *act, "letter-1", "letter-2", expect=1)
    assert await database.db.dead_letters.count_documents({"state": "parked"}) == 1
    assert await database.db.audit.count_documents({}) == 0


async def test_a_class_of_reasons_chooses_all_of_its_reasons_and_a_replay_warns_of_those_that_nobody_can_read(
    place: Place, database: Database
) -> None:
    for number, reason in enumerate(["not-json", "unknown-event-type", "delivery_limit", "KeyError"]):
        await _stored(database, f"letter-{number}", reason)
    found = {name: await dead(place, "list", "--reason", name) for name in ("unreadable", "refused-by-broker", "handler-failed")}
    assert {name: sorted(one["reason"] for one in listed["letters"]) for name, listed in found.items()} == {
        "unreadable": ["not-json", "unknown-event-type"], "refused-by-broker": ["delivery_limit"], "handler-failed": ["KeyError"],
    }  # fmt: skip
    assert "2 dead letters of these could not be read" in await eshik(place, "dead", "replay", "--all", "--dry-run")
    assert "KeyError (1), delivery_limit (1)" in await eshik(place, "dead", "list", "--reason", "KeyErorr")


async def test_all_letters_are_discarded_only_where_somebody_said_yes(place: Place, database: Database) -> None:
    await _stored(database, "letter-1", "KeyError")
    act = ("discard", "--all", "--reason", "a test event")
    await eshik(place, "dead", *act, expect=2)
    assert (await dead(place, *act, "--dry-run"))["discarded"] == ["letter-1"]
    assert await database.db.dead_letters.count_documents({"state": "parked"}) == 1
    assert (await dead(place, *act, "--yes"))["discarded"] == ["letter-1"]


async def test_nothing_is_replayed_where_nothing_was_chosen(place: Place, database: Database) -> None:
    await eshik(place, "dead", "replay", expect=1)
    assert await database.db.audit.count_documents({}) == 0


async def test_a_replay_whose_process_is_killed_between_the_move_and_the_mark_has_one_effect(
    place: Place, database: Database, tmp_path: Path
) -> None:
    service = Child(place, tmp_path)
    await service.start(crash_at="dead_letters.moved")
    await let_die(place, "documents", [envelope_of(approved(1))])
    await eventually(lambda: parked(database, 1))
    service.arm()
    await dead(place, "replay", "--all")
    assert await service.died() == 137
    await service.start()
    await eventually(lambda: _all_in(database, "replayed", 1))
    await eventually(lambda: _effects(database, 1))
    assert await service.stop() == 0
    assert await database.db.effects.count_documents({}) == 1


async def test_a_replay_waits_for_a_broker_that_is_away_and_spends_no_attempt(place: Place, database: Database) -> None:
    row: Document = {
        "_id": "m", "event_id": "e", "event_type": "x.y.v1", "body": b"{}", "headers": {}, "correlation_id": None, "queue": "q",
        "state": "replaying", "replays": 1, "dead_at": SystemClock().now(),
    }  # fmt: skip
    await database.db.dead_letters.insert_one(row)
    replayer = Replayer(database, Publisher(Broker(place.rabbit_url, "test")), "documents", SystemClock())
    data = {"dead_letter_id": "m", "replay": 1}
    job = Job("j", "replay_dead_letter", "m:1", data, 0, 1, SystemClock().now(), "c", None, None)
    with pytest.raises(BrokerNotReached):
        await replayer.run(job)


async def _stored(database: Database, letter_id: str, reason: str) -> None:
    body = json.dumps(envelope_of(approved(1)).to_body()).encode()
    dead_message = DeadMessage(letter_id, None, None, "documents.inbox", reason, "", 3, body, None, {})
    await DeadLetters(database, SystemClock()).store(dead_message)


async def _all_in(database: Database, state: str, count: int) -> bool:
    return await database.db.dead_letters.count_documents({"state": state}) == count


async def _effects(database: Database, count: int) -> bool:
    return await database.db.effects.count_documents({}) == count
