"""A provider that has become a hundred times slower: what waits for it waits in the database, and for nobody else."""

import asyncio
import os
import time
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest

from deploy.local.keys import make_keys
from services.notifications.domain.notification import Channel, Notification
from services.notifications.schema import INDEXES, MAPPER
from services.notifications.use_cases.queue_notification import SEND_NOTIFICATION
from shared.contracts.applications import ApplicationApproved, OutcomeKind
from shared.jobs.job import JobState, NewJob, job_document
from shared.jobs.worker import AT_ONCE
from shared.messaging import topology
from shared.mongo.database import Database, Db
from shared.mongo.indexes import KERNEL_INDEXES
from shared.mongo.operation import Operation
from tests.support.faults import AT, Child, Counts, approved, broker_channel, is_empty, key_of, message_of
from tests.support.killing import ServiceProcess
from tests.support.notifying import ONLY_PHONE, Surroundings, free_port, surroundings
from tests.support.places import Place
from tests.support.serving import eventually

SLOW_S = 1.0  # an SMS takes the gateway of the local stack about 10 ms
MORE_MEMORY = 1.15  # of what it was with next to nothing waiting, while thousands wait
EVENTS = 60


@pytest.fixture
async def around(place: Place, tmp_path: Path) -> AsyncIterator[Surroundings]:
    async with surroundings(place, make_keys(tmp_path / "keys"), tmp_path) as parts, parts.identity():
        yield parts


@pytest.fixture
async def notifications(around: Surroundings) -> AsyncIterator[ServiceProcess]:
    service = ServiceProcess("notifications", free_port(), {**os.environ, **around.environment("notifications")})
    yield service
    await service.stop()


@pytest.fixture
async def db(place: Place) -> AsyncIterator[Db]:
    database = Database(place.mongo_url, f"{place.database_prefix}notifications")
    await database.ensure_indexes({**KERNEL_INDEXES, **INDEXES})
    yield database.db
    await database.close()


async def queue_messages(db: Db, numbers: range) -> list[str]:
    """As the handlers queue them: a message, and a job to send it."""
    waiting = [
        Notification.queue(
            event_id=f"e{number}", channel=Channel.SMS, at=AT, event_type="application.submitted.v1",
            notice="application_received", citizen_id=ONLY_PHONE, application_id=f"n{number}", reference="YEK-26-AAAA",
            post_id="yek",
        )
        for number in numbers
    ]  # fmt: skip
    operation = Operation("test", AT, "corr-1234")
    await db.notifications.insert_many([MAPPER.to_document(message) for message in waiting])
    await db.jobs.insert_many([job_document(NewJob(SEND_NOTIFICATION, message.id, AT), operation) for message in waiting])
    return [message.id for message in waiting]


def heard_by_both(number: int) -> ApplicationApproved:
    return approved(number).model_copy(update={"citizen_id": ONLY_PHONE, "outcome": OutcomeKind.PRINT_ON_BLANK})


async def test_a_provider_a_hundred_times_slower_leaves_memory_flat_and_the_other_queues_alone(
    place: Place, around: Surroundings, notifications: ServiceProcess, child: Child, documents: Database, db: Db, counts: Counts
) -> None:
    waiting, slow_for_s = counts.pick(1500, 10_000), counts.pick(6, 600)
    await around.gateway.put("/behaviour", json={"mode": "normal", "times": 0, "delay_s": SLOW_S})
    await notifications.start()
    await child.start()
    assert notifications.process is not None
    process = psutil.Process(notifications.process.pid)
    ids = await queue_messages(db, range(20))
    await eventually(lambda: sent(db, 2 * AT_ONCE))  # warm: each part of it has worked
    before = process.memory_info().rss
    ids += await queue_messages(db, range(20, waiting))
    began, most, at_once = time.monotonic(), before, 0
    events = [heard_by_both(number) for number in range(EVENTS)]
    async with broker_channel(place) as channel:
        exchange = await channel.get_exchange(topology.EXCHANGE, ensure=False)
        await asyncio.gather(*(exchange.publish(message_of(event), event.type) for event in events))
    while time.monotonic() - began < slow_for_s or not await left_alone(place, documents):
        most = max(most, process.memory_info().rss)
        at_once = max(at_once, await db.jobs.count_documents({"state": JobState.LEASED}))
        await asyncio.sleep(0.1)
    still = await db.notifications.count_documents({"state": "queued"})
    counts.notes.append(f"{waiting} messages waited, {still} of them still when the others' events were handled; at "
                        f"once with it at most {at_once}; memory {before >> 20} MB, then at most {most >> 20} MB")  # fmt: skip
    keys = {key_of(event) for event in events}
    counts.compare(keys, keys, Counter([row["key"] async for row in documents.db.effects.find({})]))
    await around.gateway.put("/behaviour", json={"mode": "normal"})
    await eventually(lambda: sent(db, counts.pick(60, waiting)), within_s=counts.pick(60, 1800))
    handed = Counter({message_id: times for message_id in ids[:60] if (times := await around.sms_deliveries(message_id))})
    counts.compare(set(ids), set(handed), handed)
    counts.doubled += sum(1 for times in handed.values() if times > 1)
    counts.check()
    assert still > waiting // 2
    assert at_once <= AT_ONCE
    assert most < before * MORE_MEMORY


async def sent(db: Db, count: int) -> bool:
    return await db.notifications.count_documents({"state": "sent"}) >= count


async def left_alone(place: Place, documents: Database) -> bool:
    """The other service has handled all, and so has the one with the slow provider: its handlers only queue."""
    handled = await documents.db.effects.count_documents({}) == EVENTS
    return handled and await is_empty(place, topology.inbox("notifications"))
