"""Events that lie in the documents service's queue before a turn begins, as their bytes travel."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from pymongo import AsyncMongoClient

from cli.bench.bare_queue import fill
from cli.bench.child import Place
from cli.bench.frame import expect
from cli.bench.settled import queue_length
from cli.bench.stage import Stage
from shared.contracts.applications import ApplicationApproved, OutcomeKind
from shared.contracts.envelope import Envelope

SERVICE = "documents"
QUEUE = f"{SERVICE}.inbox"
PROJECTION = "standing"
FAR = 1_000
AT = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)


def event(number: int) -> ApplicationApproved:
    return ApplicationApproved(
        sequence=4,
        occurred_at=AT,
        application_id=str(UUID(int=number)),
        citizen_id=str(UUID(int=number + 1_000_000)),
        reference=f"YEK-26-{number:08d}",
        service_id="certificate-of-no-criminal-record",
        post_id="yek",
        outcome=OutcomeKind.DIGITAL_DOCUMENT,
    )


def body(number: int) -> bytes:
    said = event(number)
    correlation_id = str(UUID(int=number + 3_000_000))
    envelope = Envelope(str(UUID(int=number + 2_000_000)), "eshik/applications", said, correlation_id, correlation_id, None)
    return json.dumps(envelope.to_body(), ensure_ascii=False, separators=(",", ":")).encode()


def standing(data: dict[str, Any]) -> dict[str, Any]:
    """The projection's row: where an application stands. The same in every variant."""
    row = {name: data[name] for name in ("citizen_id", "reference", "service_id", "post_id", "outcome", "sequence")}
    return {"_id": data["application_id"], **row, "status": "approved", "schema_version": 1}


async def queue_up(place: Place, count: int, *, repeated: bool = False) -> int:
    """So many events; repeated: three of ten come twice, at once or 1,000 messages later. Out: how many messages."""
    order = [(float(number), number) for number in range(count)]
    if repeated:
        order += [(number + (0.5 if number % 2 else FAR + 0.5), number) for number in range(count) if number % 10 < 3]
    await fill(place.rabbit_url, QUEUE, [body(number) for _, number in sorted(order)])
    return len(order)


async def verify(stage: Stage, count: int) -> None:
    """Each event has its mark and its row, once, and nothing is left in the queue."""
    async with AsyncMongoClient[dict[str, Any]](stage.place.mongo_url) as client:
        db = stage.database(client, SERVICE)
        for name in ("inbox", PROJECTION):
            expect(f"documents in {name}", await db[name].count_documents({}), count)
    await stage.end()  # what a process still held goes back to the queue
    expect("messages left in the queue", await queue_length(stage.place, QUEUE), 0)
