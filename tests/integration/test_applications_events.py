"""What applications hears: documents that are issued, or cannot be; messages that did not arrive. Over the real broker."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from services.applications.app import create_app
from shared.contracts.base import Event
from shared.contracts.documents import DocumentIssued, DocumentIssueFailed
from shared.contracts.notifications import NotificationUndeliverable
from shared.mongo.transactions import UnitOfWork
from shared.runtime import Runtime
from tests.integration.applications_client import Headers, act, aigerim, approved, database_of, gulnara, nurlan, submitted
from tests.support.places import Place
from tests.support.serving import eventually, serving
from tests.support.tokens import TestTokens
from tests.unit.applications.cases import REGISTRATION, RETURN

pytestmark = pytest.mark.places_again

__all__ = ["aigerim", "gulnara", "nurlan"]
AT = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Running:
    api: httpx.AsyncClient
    runtime: Runtime
    place: Place

    async def tell(self, *events: Event) -> None:
        """As the other service does: by an outbox and the broker."""
        for event in events:
            await self.runtime.transactions.run(_publish, event)

    async def seen(self, who: Headers, application_id: str) -> dict[str, Any]:
        found: dict[str, Any] = (await self.api.get(f"/api/applications/{application_id}", headers=who)).json()
        return found

    async def actions(self, who: Headers, application_id: str) -> list[str]:
        answer = await self.api.get(f"/api/officer/applications/{application_id}/journal", headers=who)
        return [line["action"].partition(":")[2] for line in answer.json()["entries"]]


async def _publish(event: Event, uow: UnitOfWork) -> str:
    return uow.publish(event)


@pytest.fixture
async def running(place: Place, tokens: TestTokens) -> AsyncIterator[Running]:
    app = create_app(place.settings())
    async with serving(app, tokens) as client:
        yield Running(client, app.state.runtime, place)


def issued(application_id: str, document_id: str = "d1") -> DocumentIssued:
    return DocumentIssued(**about(application_id, document_id))


def issue_failed(application_id: str) -> DocumentIssueFailed:
    return DocumentIssueFailed(**about(application_id, "d1"), reason="unprintable-text")


def about(application_id: str, document_id: str) -> dict[str, Any]:
    return {
        "sequence": 1, "occurred_at": AT, "document_id": document_id, "application_id": application_id, "citizen_id": "aigerim",
        "reference": "YEK-26-AAAAAAAA", "service_id": REGISTRATION, "revision": 1,
    }  # fmt: skip


async def test_an_issued_document_makes_the_application_ready_once_however_often_it_is_told(
    running: Running, aigerim: Headers, nurlan: Headers, gulnara: Headers
) -> None:
    application_id = await approved(running.api, (aigerim, nurlan, gulnara), REGISTRATION)
    await running.tell(issued(application_id), issued(application_id))

    async def ready() -> bool:
        return bool((await running.seen(aigerim, application_id))["status"] == "ready")

    await eventually(ready)
    await running.tell(issue_failed(application_id))  # late
    await eventually(lambda: _inbox_is(running, 3))
    seen = await running.seen(aigerim, application_id)
    assert (seen["document_id"], seen["held_by"]["role"]) == ("d1", "citizen")
    assert (await running.actions(nurlan, application_id))[-2:] == ["approve", "mark_ready"]


async def test_a_failed_issue_is_shown_without_its_reason_and_healed_by_a_later_document(
    running: Running, aigerim: Headers, nurlan: Headers, gulnara: Headers
) -> None:
    application_id = await approved(running.api, (aigerim, nurlan, gulnara), REGISTRATION)
    await running.tell(issue_failed(application_id))
    await eventually(lambda: _inbox_is(running, 1))
    seen = await running.seen(aigerim, application_id)
    assert seen["status"] == "approved"
    assert "узагыраак" in seen["what_next"]
    assert "unprintable" not in str(seen)
    row = (await running.api.get("/api/officer/applications?status=approved", headers=nurlan)).json()["applications"][0]
    assert row["issue_problem"] == "unprintable-text"
    await running.tell(issued(application_id))
    await eventually(lambda: _inbox_is(running, 2))
    assert (await running.seen(aigerim, application_id))["status"] == "ready"


async def test_a_message_that_did_not_arrive_is_in_the_journal(running: Running, aigerim: Headers, nurlan: Headers) -> None:
    application_id = await submitted(running.api, aigerim)
    event = NotificationUndeliverable(
        sequence=1, occurred_at=AT, notification_id="n1", application_id=application_id, channel="sms", reason="no-such-number"
    )  # fmt: skip
    await running.tell(event)
    await eventually(lambda: _inbox_is(running, 1))
    assert (await running.actions(nurlan, application_id))[-1] == "note_undeliverable"
    assert (await running.seen(aigerim, application_id))["status"] == "submitted"


async def test_a_document_nobody_waits_for_is_parked_for_a_person_and_stops_nothing(
    running: Running, aigerim: Headers, nurlan: Headers, gulnara: Headers
) -> None:
    people = (aigerim, nurlan, gulnara)
    waiting, good = await approved(running.api, people, RETURN), await approved(running.api, people, REGISTRATION)
    await running.tell(issued(waiting), issued("no-such-application"), issued(good))

    async def ready() -> bool:
        return bool((await running.seen(aigerim, good))["status"] == "ready")

    async def parked() -> bool:
        async with database_of(running.place) as db:
            return await db.dead_letters.count_documents({}) == 2

    await eventually(ready)
    await eventually(parked)
    assert (await running.seen(aigerim, waiting))["status"] == "awaiting_blank"


async def test_a_document_on_a_blank_is_collected_at_its_post_and_handed_over_once(
    running: Running, aigerim: Headers, nurlan: Headers, gulnara: Headers
) -> None:
    application_id = await approved(running.api, (aigerim, nurlan, gulnara), RETURN)
    english = aigerim | {"Accept-Language": "en"}
    early = await act(running.api, nurlan, application_id, "handover")
    assert (early.status_code, early.json()["type"]) == (409, "/problems/application-not-ready")
    await act(running.api, nurlan, application_id, "blank", {"blank_number": "СВ-0000017"})
    await running.tell(issued(application_id))
    await eventually(lambda: _inbox_is(running, 1))
    seen = await running.seen(english, application_id)
    assert (seen["status"], seen["held_by"]["role"], seen["held_by"]["post"]["id"]) == ("ready", "counter", "yek")
    assert "Consulate General of the Kyrgyz Republic in Yekaterinburg" in seen["what_next"]

    done = await act(running.api, nurlan, application_id, "handover")
    assert (done.status_code, done.json()["status"]) == (200, "handed_over")
    again = await act(running.api, gulnara, application_id, "handover")
    assert (again.status_code, again.json()["type"]) == (409, "/problems/already-handed-over")
    seen = await running.seen(english, application_id)
    assert (seen["held_by"], seen["until"], seen["may"]) == (None, None, [])
    assert seen["what_happened"] == "Your document was handed over to you at the post."
    assert (await running.actions(nurlan, application_id))[-2:] == ["mark_ready", "record_handover"]


async def test_a_digital_document_is_not_handed_over(
    running: Running, aigerim: Headers, nurlan: Headers, gulnara: Headers
) -> None:
    application_id = await approved(running.api, (aigerim, nurlan, gulnara), REGISTRATION)
    await running.tell(issued(application_id))
    await eventually(lambda: _inbox_is(running, 1))
    refused = await act(running.api, nurlan, application_id, "handover")
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/nothing-to-hand-over")


async def test_every_event_leaves_the_outbox(running: Running, aigerim: Headers) -> None:
    await submitted(running.api, aigerim)

    async def empty() -> bool:
        async with database_of(running.place) as db:
            return await db.outbox.count_documents({}) == 0

    await eventually(empty)


async def _inbox_is(running: Running, handled: int) -> bool:
    async with database_of(running.place) as db:
        return await db.inbox.count_documents({}) == handled
