"""A service's own ledger: asked over the real route, carried on from look to look, and said when it does not hold."""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.notifications.app import create_app as notifications
from shared.errors import Unavailable
from shared.jobs.job import JobState
from shared.ledger import EMPTY_FOR, KEPT_FOR
from shared.ledger_watch import LedgerWatch
from shared.messaging import topology
from shared.mongo.database import Document
from shared.runtime import Runtime
from shared.web.ledger import PATH
from tests.integration.test_notifications_delivery import around, keys  # noqa: F401 (fixtures)
from tests.support.notifying import Surroundings
from tests.support.places import Place
from tests.support.replaying import eshik
from tests.support.serving import serving
from tests.support.tokens import TestTokens

KIND = "application.submitted.v1"


class Asking:
    """Asks the real route, with a token of the test's own; or nobody, while it is away."""

    def __init__(self, client: httpx.AsyncClient, headers: dict[str, str]) -> None:
        self._client, self._headers, self.away = client, headers, False

    async def known(self, events: Mapping[str, Sequence[str]]) -> tuple[Mapping[str, str], int | None]:
        if self.away:
            raise Unavailable("away")
        answer = await self._client.post(
            PATH, json={"events": {kind: list(ids) for kind, ids in events.items()}}, headers=self._headers
        )
        assert answer.status_code == 200, answer.text
        known = answer.json()
        return known["places"], known["queued"]


@pytest.fixture
async def subscriber(
    around: Surroundings,  # noqa: F811
    tokens: TestTokens,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[Asking]:
    for name, value in around.environment("notifications").items():
        monkeypatch.setenv(name, value)
    async with serving(notifications(), tokens) as client:
        yield Asking(client, tokens.service("applications", "ledger:notifications"))


@pytest.fixture
async def runtime(place: Place, tmp_path: Path) -> AsyncIterator[Runtime]:
    """Of applications, which publishes; with nothing that hears here."""
    made = Runtime("deaf", place.settings(clock_file=tmp_path / "clock"), handlers={}, jobs={}, indexes={})
    await made.start()
    await made.prepared()
    yield made
    await made.stop()


async def published(runtime: Runtime, event_id: str, *, age_s: float = 90) -> None:
    at = runtime.clock.now() - timedelta(seconds=age_s)
    await runtime.database.db.published_events.insert_one({"_id": event_id, "type": KIND, "at": at})


async def last(runtime: Runtime) -> Document:
    found = await runtime.database.db.ledger.find_one({"_id": "last"})
    assert found is not None
    return found


def later(tmp_path: Path, by: timedelta) -> None:
    (tmp_path / "clock").write_text(str(by.total_seconds()))


async def test_an_event_that_arrived_nowhere_is_told_once_its_queues_were_empty_for_long_enough(
    runtime: Runtime, subscriber: Asking, place: Place, tmp_path: Path
) -> None:
    heard = place.database_prefix + "notifications"
    inbox = runtime.database.client[heard].inbox
    for number in range(3):
        await published(runtime, f"e{number}")
    await inbox.insert_one({"_id": "on_application_submitted:e0", "handled_at": runtime.clock.now()})
    unsent = {"_id": "e1", "held_until": runtime.clock.now() + timedelta(days=1)}
    await runtime.database.db.outbox.insert_one(unsent)
    watch = LedgerWatch(runtime, lambda _db, _now, _span: (), {"notifications": subscriber})

    await watch.look()
    assert (await last(runtime))["holds"]  # a message in a consumer's hands is in no count
    later(tmp_path, EMPTY_FOR)
    await watch.look()
    found = await last(runtime)
    assert (found["holds"], found["faults"], found["ids"]) == (False, {"events": 1}, {"events": ["e2"]})

    await inbox.insert_one({"_id": "on_application_submitted:e2", "handled_at": runtime.clock.now()})
    await watch.look()
    assert (await last(runtime))["holds"]
    carried = await runtime.database.db.ledger.find_one({"_id": "missing"})
    assert carried is not None
    assert [item["event_id"] for item in carried["deliveries"]] == ["e1"]  # it is still to be sent


async def test_a_subscriber_that_is_away_makes_no_fault_and_is_asked_again(
    runtime: Runtime, subscriber: Asking, tmp_path: Path
) -> None:
    await published(runtime, "e0")
    watch = LedgerWatch(runtime, lambda _db, _now, _span: (), {"notifications": subscriber})
    subscriber.away = True
    await watch.look()
    later(tmp_path, EMPTY_FOR * 2)
    await watch.look()
    assert (await last(runtime))["holds"]
    subscriber.away = False
    await watch.look()
    later(tmp_path, EMPTY_FOR * 4)
    await watch.look()
    assert (await last(runtime))["ids"] == {"events": ["e0"]}


async def test_more_events_than_one_look_takes_are_all_looked_at_however_close_together_they_came(
    runtime: Runtime, subscriber: Asking, place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.ledger_watch.AT_MOST", 10)
    inbox = runtime.database.client[place.database_prefix + "notifications"].inbox
    for number in range(50):  # within the overlap of two looks
        await published(runtime, f"e{number:02}", age_s=190 - 2 * number)
        if number != 40:
            await inbox.insert_one({"_id": f"on_application_submitted:e{number:02}", "handled_at": runtime.clock.now()})
    watch = LedgerWatch(runtime, lambda _db, _now, _span: (), {"notifications": subscriber})
    for minute in range(10):
        later(tmp_path, timedelta(minutes=minute))
        await watch.look()
    assert (await last(runtime))["ids"] == {"events": ["e40"]}


async def test_a_subscription_of_a_later_release_owes_nothing_of_before_it(
    runtime: Runtime, subscriber: Asking, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hears = topology.SUBSCRIPTIONS["notifications"]
    earlier = tuple(event for event in hears if event.type != KIND)
    monkeypatch.setitem(topology.SUBSCRIPTIONS, "notifications", earlier)
    watch = LedgerWatch(runtime, lambda _db, _now, _span: (), {"notifications": subscriber})
    await watch.look()
    await published(runtime, "before")
    monkeypatch.setitem(topology.SUBSCRIPTIONS, "notifications", hears)
    await watch.look()
    await published(runtime, "after", age_s=-1)
    later(tmp_path, EMPTY_FOR)
    await watch.look()
    later(tmp_path, EMPTY_FOR * 2)
    await watch.look()
    assert (await last(runtime))["ids"] == {"events": ["after"]}


async def test_a_lost_event_is_told_for_as_long_as_a_ledger_looks_back_and_no_longer(
    runtime: Runtime, subscriber: Asking, tmp_path: Path
) -> None:
    await published(runtime, "e0")
    watch = LedgerWatch(runtime, lambda _db, _now, _span: (), {"notifications": subscriber})
    await watch.look()
    later(tmp_path, EMPTY_FOR)
    await watch.look()
    assert (await last(runtime))["ids"] == {"events": ["e0"]}
    later(tmp_path, KEPT_FOR)
    await watch.look()
    assert (await last(runtime))["holds"]


async def test_a_job_in_a_state_that_nobody_knows_is_told_by_its_own_service(runtime: Runtime) -> None:
    job = {"_id": "count:1", "kind": "count", "state": "half-done", "due_at": runtime.clock.now()}
    await runtime.database.db.jobs.insert_many([job, {**job, "_id": "count:2", "state": JobState.WAITING}])
    await LedgerWatch(runtime, lambda _db, _now, _span: (), {}).look()
    assert (await last(runtime))["faults"] == {"jobs": 1}


async def test_the_command_reads_the_databases_while_no_service_runs(place: Place, runtime: Runtime) -> None:
    assert json.loads(await eshik(place, "ledger", "--json"))["holds"]
    there = runtime.database.client[f"{place.settings().database_prefix}identity"]  # a service that the command knows
    await there.jobs.insert_one({"_id": "count:1", "kind": "count", "state": "half-done"})
    assert "count:1" in await eshik(place, "ledger", expect=1)


async def test_the_question_is_for_a_publisher_with_the_scope_and_is_bounded(subscriber: Asking, tokens: TestTokens) -> None:
    async def status(headers: dict[str, str], events: dict[str, Any]) -> int:
        return (await subscriber._client.post(PATH, json={"events": events}, headers=headers)).status_code

    right = tokens.service("applications", "ledger:notifications")
    assert await status(right, {KIND: ["e0"], "a.kind.v9": ["e1"]}) == 200
    assert await status(right, {KIND: ["e"] * 501}) == 422
    assert await status(tokens.service("applications", "ledger:documents"), {}) == 403
    assert await status(tokens.officer("ermek", "administrator"), {}) == 403
    assert await status({}, {}) == 401
