"""Officers are told of terms that run out: a job lists them each morning, and one each sends the e-mail."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.jobs.job import NewJob
from shared.mongo.transactions import UnitOfWork

DIGESTS, DIGEST = "list_term_digests", "send_term_digest"


@dataclass(frozen=True, slots=True)
class QueueDigests:
    """at: of the morning. people: by their ids what each is told; none: the morning lies ahead, and its job is to list them."""

    at: datetime
    people: Mapping[str, Mapping[str, Any]]
    pages_url: str = ""


async def queue_digests(command: QueueDigests, uow: UnitOfWork) -> None:
    """Whatever comes twice: one job a morning, and one a morning and person."""
    day = command.at.date().isoformat()
    if not command.pages_url:
        uow.schedule(NewJob(DIGESTS, day, command.at))
    for person, told in command.people.items():
        data = {"overdue": told["overdue"], "at_risk": told["at_risk"], "link": f"{command.pages_url}{told['page']}"}
        uow.schedule(NewJob(DIGEST, f"{day}:{person}", uow.at, data))
