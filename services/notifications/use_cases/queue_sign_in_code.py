"""Somebody asked for a one-time code: a job sends it. Neither the code nor where it goes is known here."""

from dataclasses import dataclass

from shared.jobs.job import NewJob
from shared.mongo.transactions import UnitOfWork

SEND_SIGN_IN_CODE = "send_sign_in_code"


@dataclass(frozen=True, slots=True)
class QueueSignInCode:
    challenge_id: str


async def queue_sign_in_code(command: QueueSignInCode, uow: UnitOfWork) -> None:
    uow.schedule(NewJob(SEND_SIGN_IN_CODE, command.challenge_id, uow.at))
