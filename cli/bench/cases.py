"""What the event pipelines of the benchmark are about: cases of a kilobyte, and the event that one was handed in."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from shared.contracts.applications import ApplicationSubmitted
from shared.mongo.transactions import UnitOfWork

_BASE = 0xC0000000_0000_4000_8000_000000000000
SUBMITTED = ApplicationSubmitted.type
CITIZEN, SERVICE, POST = "a5f0c0de-0000-4000-8000-000000000001", "consular-registration-certificate", "yek"


def case_id(number: int) -> str:
    return str(UUID(int=_BASE + number))


def case_document(number: int, sequence: int) -> dict[str, Any]:
    """As long as an application with its answers."""
    answers = {f"question_{position}": "answer " * 8 for position in range(12)}
    return {
        "_id": f"{case_id(number)}:{sequence}",
        "version": sequence,
        "status": "submitted",
        "post_id": POST,
        "answers": answers,
    }


def submitted(number: int, sequence: int, at: datetime) -> ApplicationSubmitted:
    return ApplicationSubmitted(
        sequence=sequence,
        occurred_at=at,
        application_id=case_id(number),
        citizen_id=CITIZEN,
        reference=f"YEK-26-{number:08d}",
        service_id=SERVICE,
        post_id=POST,
    )


async def hand_in(case: tuple[int, int], uow: UnitOfWork) -> None:
    """The use case: a case and its event, in one transaction. case: its number and version."""
    uow.insert("cases", case_document(*case))
    uow.publish(submitted(*case, uow.at))


async def on_submitted(event: ApplicationSubmitted, uow: UnitOfWork) -> None:
    """The handler: a row for the message that is due, and one for the list that a post sees."""
    key = f"{event.application_id}:{event.sequence}"
    uow.insert("notes", note(key, event.application_id, event.citizen_id, uow.at))
    uow.insert("list_rows", list_row(key, event.application_id, event.reference, event.sequence, uow.at))


def note(key: str, application_id: str, citizen_id: str, at: datetime) -> dict[str, Any]:
    about = {"_id": f"{key}:application_received", "application_id": application_id, "citizen_id": citizen_id}
    return about | {"kind": "application_received", "channel": "email", "status": "queued", "attempts": 0, "at": at}


def list_row(key: str, application_id: str, reference: str, sequence: int, at: datetime) -> dict[str, Any]:
    about = {"_id": key, "application_id": application_id, "reference": reference, "service_id": SERVICE, "post_id": POST}
    return about | {"status": "submitted", "version": sequence, "since": at}
