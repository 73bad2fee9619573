"""Nothing waits for an officer: said under the same Idempotency-Key, so that a repeated request gets what the first one took."""

from dataclasses import dataclass

from services.applications.domain.application import Application
from services.applications.domain.queue_errors import NothingToTake
from shared.mongo.transactions import UnitOfWork


@dataclass(frozen=True, slots=True)
class TakeNothing:
    pass


async def take_nothing(_command: TakeNothing, _uow: UnitOfWork) -> Application:
    """Raises NothingToTake."""
    raise NothingToTake
