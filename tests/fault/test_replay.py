"""Dead letters are replayed without a second effect, visibly, and never past what the inbox remembers."""

import email
from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta
from email.policy import default
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from deploy.local.keys import make_keys
from services.notifications.app import create_app
from services.notifications.domain.notification import Channel, notification_id
from shared.clock import SystemClock
from shared.contracts.applications import ApplicationSubmitted
from shared.contracts.envelope import Envelope
from shared.mongo.database import Database
from shared.mongo.inbox import RETENTION_DAYS
from tests.support.faults import AT, Child, Counts, Load, approved, envelope_of, is_empty, key_of
from tests.support.notifying import BOTH, Surroundings, surroundings
from tests.support.places import Place
from tests.support.replaying import AUDITED, dead, deliver, let_die, state_hash
from tests.support.serving import eventually, serving
from tests.support.tokens import TestTokens


@pytest.fixture
async def around(place: Place, tmp_path: Path) -> AsyncIterator[Surroundings]:
    async with surroundings(place, make_keys(tmp_path / "keys"), tmp_path) as parts, parts.identity():
        yield parts


@pytest.fixture
async def notifications(
    around: Surroundings, tokens: TestTokens, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[httpx.AsyncClient]:
    for name, value in around.environment("notifications").items():
        monkeypatch.setenv(name, value)
    async with serving(create_app(), tokens) as client:
        yield client


@pytest.fixture
async def database(place: Place) -> AsyncIterator[Database]:
    opened = Database(place.mongo_url, f"{place.database_prefix}notifications")
    yield opened
    await opened.close()


def submitted(number: int) -> Envelope:
    event = ApplicationSubmitted(
        sequence=2, occurred_at=SystemClock().now(), application_id=f"a{number}", citizen_id=BOTH, reference="YEK-26-A1B2",
        service_id="return-certificate", post_id="yek",
    )  # fmt: skip
    return Envelope(str(uuid4()), "eshik/applications", event, "corr-1234", None, None)


async def letters(database: Database, **query: Any) -> int:
    return await database.db.dead_letters.count_documents(query)


async def arrived(around: Surroundings) -> Counter[str]:
    """How often each message reached the mail server or the SMS gateway, by its id."""
    contents = [kept.content for kept in around.mailbox.kept if isinstance(kept.content, bytes)]
    mails = [email.message_from_bytes(content, policy=default)["Message-ID"].strip("<").partition("@")[0] for content in contents]
    sms = (await around.gateway.get("/messages")).json()
    return Counter(mails) + Counter({message["id"]: message["deliveries"] for message in sms})


@pytest.mark.usefixtures("notifications")
async def test_replaying_everything_twice_changes_nothing_the_second_time_and_sends_no_message_twice(
    around: Surroundings, place: Place, database: Database, counts: Counts
) -> None:
    envelopes = [submitted(number) for number in range(counts.pick(10, 200))]
    handled_before = envelopes[::2]
    await deliver(place, "notifications", handled_before)  # and a second delivery of these dies all the same

    async def all_sent(of: list[Envelope]) -> bool:
        return await database.db.notifications.count_documents({"state": "sent"}) == len(of) * len(Channel)

    async def replayed(times: int) -> bool:
        return await letters(database, state="replayed", replays=times) == len(envelopes)

    await eventually(lambda: all_sent(handled_before), within_s=counts.pick(40, 400))
    await let_die(place, "notifications", envelopes)
    await eventually(lambda: _is(letters(database, state="parked"), len(envelopes)))
    everything = ("leases", "ledger", *AUDITED[1:])  # but what a running service writes by itself
    before = await state_hash(database.db, leaving_out=everything)

    planned = await dead(place, "replay", "--all", "--dry-run")
    assert (len(planned["chosen"]), planned["too_old"]) == (len(envelopes), [])
    assert await state_hash(database.db, leaving_out=everything) == before

    await dead(place, "replay", "--all", "--rate", "100", "--who", "ainura")
    await eventually(lambda: replayed(1), within_s=counts.pick(40, 400))
    await eventually(lambda: all_sent(envelopes), within_s=counts.pick(40, 400))
    after_first, sent = await state_hash(database.db), await arrived(around)

    await dead(place, "replay", "--all", "--again", "--rate", "100", "--who", "ainura")
    await eventually(lambda: replayed(2), within_s=counts.pick(40, 400))
    await eventually(lambda: is_empty(place, "notifications.inbox"))
    assert await state_hash(database.db) == after_first
    assert await arrived(around) == sent

    wanted = {notification_id(envelope.event_id, channel) for envelope in envelopes for channel in Channel}
    counts.compare(wanted, wanted, await arrived(around))
    counts.redelivered += len(envelopes) + len(handled_before)
    acts = await database.db.audit.find().sort("at", 1).to_list()
    assert [(act["who"]["id"], act["act"], len(act["about"]["dead_letters"])) for act in acts] == [
        ("ainura", "dead:replay", len(envelopes))
    ] * len(acts)
    assert len(acts) == 2
    counts.check()


async def test_a_dead_letter_older_than_the_inbox_remembers_is_refused_and_has_no_second_effect(
    place: Place, documents: Database, child: Child, load: Load, counts: Counts
) -> None:
    """The effects of this child are not idempotent by themselves: only the refusal is between them and a second one."""
    await child.start()
    long_ago = AT - timedelta(days=RETENTION_DAYS)
    events = [approved(number).model_copy(update={"occurred_at": long_ago}) for number in range(counts.pick(10, 100))]
    await deliver(place, "documents", [envelope_of(event) for event in events])
    await eventually(lambda: _is(documents.db.effects.count_documents({}), len(events)))
    await documents.db.inbox.delete_many({})  # as time does it
    await let_die(place, "documents", [envelope_of(event) for event in events])
    await eventually(lambda: _is(letters(documents, state="parked"), len(events)))

    refused = await dead(place, "replay", "--all", expect=1)
    assert (refused["chosen"], len(refused["too_old"])) == ([], len(events))
    await _order_all_the_same(documents)
    await eventually(lambda: _is(letters(documents, state="parked", refused="older-than-the-inbox"), len(events)))
    await eventually(lambda: is_empty(place))

    counts.compare({key_of(event) for event in events}, {key_of(event) for event in events}, await load.effects())
    assert await documents.db.audit.count_documents({}) == 0
    counts.check()
    assert await child.stop() == 0


async def _order_all_the_same(documents: Database) -> None:
    """The jobs of a command that came just in time, while its service was down: they are worked when it is too late."""
    now = SystemClock().now()
    await documents.db.dead_letters.update_many({}, {"$set": {"state": "replaying", "replays": 1}})
    ids = [row["_id"] async for row in documents.db.dead_letters.find({}, {"_id": 1})]
    common = {"kind": "replay_dead_letter", "state": "waiting", "due_at": now, "attempts": 0, "fence": 0, "owner": None}
    traced = {"correlation_id": "corr-1234", "traceparent": None, "causation_id": None, "leased_until_ms": 0, "reason": None}
    jobs = [
        {**common, **traced, "_id": f"replay_dead_letter:{i}:1", "key": f"{i}:1", "data": {"dead_letter_id": i, "replay": 1}}
        for i in ids
    ]
    await documents.db.jobs.insert_many(jobs)


async def _is(counted: Any, wanted: int) -> bool:
    return bool(await counted == wanted)
