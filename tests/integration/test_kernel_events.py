"""Outbox, relay, consumer and inbox together, on the real broker and database."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import aio_pika
import pytest
from pymongo.errors import BulkWriteError

from shared.contracts.applications import ApplicationApproved, OutcomeKind
from shared.contracts.base import Event
from shared.contracts.envelope import Envelope
from shared.errors import NotAllowedNow
from shared.messaging import topology
from shared.mongo.operation import Operation
from shared.mongo.transactions import UnitOfWork
from shared.runtime import Runtime
from tests.support.places import Place
from tests.support.serving import eventually

AT = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)


def approved(number: int, *, reference: str = "YEK-26-AAAA") -> ApplicationApproved:
    return ApplicationApproved(
        sequence=4, occurred_at=AT, application_id=f"a{number}", citizen_id="c1", reference=reference,
        service_id="s", post_id="yek", outcome=OutcomeKind.DIGITAL_DOCUMENT,
    )  # fmt: skip


async def count_it(event: ApplicationApproved, uow: UnitOfWork) -> None:
    if event.reference == "POISON":
        raise RuntimeError("a person's name might stand here")
    await uow.db.effects.insert_one({"_id": uow.new_id(), "application_id": event.application_id}, session=uow.session)


async def ignore_it(_event: Event, _uow: UnitOfWork) -> None:
    return None


async def publish_it(event: Event, uow: UnitOfWork) -> str:
    return uow.publish(event)


@asynccontextmanager
async def runtime_of(place: Place) -> AsyncIterator[Runtime]:
    handlers = {**dict.fromkeys(topology.SUBSCRIPTIONS["documents"], ignore_it), ApplicationApproved: count_it}
    runtime = Runtime("documents", place.settings(), handlers=handlers, jobs={}, indexes={"effects": []})
    await runtime.start()
    try:
        await eventually(lambda: _all_ok(runtime), within_s=30)
        yield runtime
    finally:
        await runtime.stop()


async def _all_ok(runtime: Runtime) -> bool:
    return set((await runtime.parts()).values()) == {"ok"}


async def send(place: Place, body: bytes, *, routing_key: str, times: int = 1) -> None:
    connection = await aio_pika.connect(place.rabbit_url)
    async with connection:
        channel = await connection.channel()
        exchange = await channel.get_exchange(topology.EXCHANGE, ensure=False)
        message = aio_pika.Message(body, type=routing_key, message_id="from-a-test", headers={"event-id": "e"})
        await asyncio.gather(*(exchange.publish(message, routing_key) for _ in range(times)))


async def test_a_committed_event_reaches_its_handler_once_and_the_outbox_is_empty_after(place: Place) -> None:
    async with runtime_of(place) as runtime:
        for number in range(120):
            await runtime.transactions.run(publish_it, approved(number))
        db = runtime.database.db
        await eventually(lambda: _counted(runtime, 120))
        await eventually(lambda: _empty(db.outbox))
        assert await db.inbox.count_documents({}) == 120


async def test_the_id_of_every_published_event_is_kept_when_its_outbox_row_is_gone(place: Place) -> None:
    async with runtime_of(place) as runtime:
        operation = Operation("operation-1", AT, "corr-1234")
        event_id = await runtime.transactions.run(publish_it, approved(1), operation=operation)
        db = runtime.database.db
        await eventually(lambda: _empty(db.outbox))
        assert await db.published_events.find().to_list() == [{"_id": event_id, "type": ApplicationApproved.type, "at": AT}]
        kept_for = {index.get("expireAfterSeconds") for index in (await db.published_events.index_information()).values()}
    assert kept_for == {None, 30 * 86_400}


async def test_the_same_event_delivered_five_times_at_once_has_one_effect(place: Place) -> None:
    envelope = Envelope("event-1", "eshik/applications", approved(1), "corr-1234", None, None)
    async with runtime_of(place) as runtime:
        body = str.encode(__import__("json").dumps(envelope.to_body()))
        await send(place, body, routing_key=ApplicationApproved.type, times=5)
        await eventually(lambda: _drained(place))
        assert await runtime.database.db.effects.count_documents({}) == 1


async def test_a_transaction_that_fails_leaves_neither_state_nor_event(place: Place) -> None:
    async def fail(event: Event, uow: UnitOfWork) -> None:
        await uow.db.effects.insert_one({"_id": "x"}, session=uow.session)
        uow.publish(event)
        raise NotAllowedNow

    async with runtime_of(place) as runtime:
        with pytest.raises(NotAllowedNow):
            await runtime.transactions.run(fail, approved(1))
        assert await runtime.database.db.effects.count_documents({}) == 0
        assert await runtime.database.db.outbox.count_documents({}) == 0


async def test_an_operation_that_runs_twice_makes_the_same_ids(place: Place) -> None:
    made: list[tuple[str, str]] = []

    async def make_ids(event: Event, uow: UnitOfWork) -> None:
        made.append((uow.new_id(), uow.publish(event)))
        if len(made) == 1:
            raise NotAllowedNow

    async with runtime_of(place) as runtime:
        operation = Operation("operation-1", AT, "corr-1234")
        with pytest.raises(NotAllowedNow):
            await runtime.transactions.run(make_ids, approved(1), operation=operation)
        await runtime.transactions.run(make_ids, approved(1), operation=operation)
    assert made[0] == made[1]


async def test_an_operation_that_was_committed_cannot_publish_its_events_a_second_time(place: Place) -> None:
    async with runtime_of(place) as runtime:
        operation = Operation("operation-1", AT, "corr-1234")
        await runtime.transactions.run(publish_it, approved(1), operation=operation)
        await eventually(lambda: _empty(runtime.database.db.outbox))
        with pytest.raises(BulkWriteError):
            await runtime.transactions.run(publish_it, approved(1), operation=operation)
        assert await runtime.database.db.outbox.count_documents({}) == 0


async def test_a_poison_message_among_good_ones_is_parked_with_its_reason_and_harms_none(place: Place) -> None:
    async with runtime_of(place) as runtime:
        for number in range(40):
            reference = "POISON" if number == 20 else "GOOD"
            await runtime.transactions.run(publish_it, approved(number, reference=reference))
        await eventually(lambda: _counted(runtime, 39))
        dead = await eventually(lambda: runtime.database.db.dead_letters.find_one({}), within_s=30)
    assert (dead["reason"], dead["attempts"], dead["queue"]) == ("RuntimeError", 2, "documents.inbox")
    assert "name" not in dead["reason"]


@pytest.mark.parametrize(
    ("body", "reason", "field"),
    [
        (b"\xff\x00", "not-json", ""),
        (b'{"id": 7}', "not-a-cloudevent", "id"),
        (b'{"id": "e", "type": "application.approved.v99"}', "unknown-event-type", "type"),
        (
            b'{"id": "e", "type": "application.approved.v1", "data": {"sequence": "A1234567"}}',
            "event-data-invalid",
            "data/sequence",
        ),
        (b"[" * 200_000, "not-json", ""),
    ],
)
async def test_what_cannot_be_read_is_parked_at_once_and_names_the_field_but_not_the_value(
    place: Place, body: bytes, reason: str, field: str
) -> None:
    async with runtime_of(place) as runtime:
        await send(place, body, routing_key=ApplicationApproved.type)
        dead = await eventually(lambda: runtime.database.db.dead_letters.find_one({}))
    assert (dead["reason"], dead["field"], dead["attempts"]) == (reason, field, 0)


async def _counted(runtime: Runtime, expected: int) -> bool:
    return await runtime.database.db.effects.count_documents({}) == expected


async def _empty(collection: object) -> bool:
    return await collection.count_documents({}) == 0  # type: ignore[attr-defined, no-any-return]


async def _drained(place: Place) -> bool:
    await asyncio.sleep(1.5)
    return await place.queue_depth("documents.inbox") == 0
