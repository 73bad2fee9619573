"""Issuing was given up: say so in the register, and tell applications, so that an officer sees it."""

from services.documents.repository import Register
from shared.jobs.job import Alarm
from shared.mongo.transactions import UnitOfWork


async def note_issue_failure(alarm: Alarm, uow: UnitOfWork) -> None:
    register = Register(uow)
    entry = await register.get(alarm.job.data["document_id"])
    uow.publish(entry.fail(reason=alarm.reason, at=uow.at))
    await register.save(entry)
