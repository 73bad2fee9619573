"""Events that lie in the documents service's queue before a turn begins, as their bytes travel."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from cli.bench.bare_queue import fill
from cli.bench.child import Place
from cli.bench.frame import expect
from cli.bench.settled import queue_length
from cli.bench.stage import Stage
from pymongo import AsyncMongoClient
from shared.contracts.applications import ApplicationApproved, OutcomeKind
from shared.contracts.envelope import Envelope

SERVICE = "documents"
QUEUE = f"{SERVICE}.inbox"
PROJECTION = "standing"
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


async def queue_up(place: Place, count: int, repeated: int = 0) -> int:
    """So many events, of which the last so many are delivered a second time, spread among the others. Out: messages."""
    bodies = [body(number) for number in range(count)]
    if repeated:
        every = count // repeated
        bodies = [message for number, first in enumerate(bodies) for message in _with_twin(bodies, number, first, every)]
    await fill(place.rabbit_url, QUEUE, bodies)
    return len(bodies)
