"""What the daily purge deletes in notifications: by retention_rules/, in the words of the database."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from services.notifications.domain.notification import State
from services.notifications.use_cases.lose_track_of_notification import ASK_ABOUT_NOTIFICATION
from services.notifications.use_cases.queue_notification import SEND_NOTIFICATION
from shared.jobs.job import NewJob
from shared.mongo.purge_job import Retention
from shared.mongo.purging import Item, Purged
from shared.mongo.transactions import UnitOfWork

FOLDER: Final = Path(__file__).parent / "retention_rules"
_SETTLED: Final = [State.SENT, State.FAILED, State.UNKNOWN, State.SUPPRESSED]


async def _with_the_message(items: Sequence[Item], uow: UnitOfWork) -> None:
    """Its jobs, where they were given up."""
    jobs = [NewJob(SEND_NOTIFICATION, item.id, uow.at).id for item in items]
    jobs += [NewJob(ASK_ABOUT_NOTIFICATION, item.id, uow.at).id for item in items]
    await uow.db.jobs.delete_many({"_id": {"$in": jobs}}, session=uow.session)


MESSAGE = Purged(
    "message",
    "notifications",
    moment="state_at",
    closed={"state": {"$in": _SETTLED}},
    not_closed=("queued_at", {"state": {"$nin": _SETTLED}}),
    person="citizen_id",
    case="application_id",
    together=_with_the_message,
    at_least="P91D",  # while the inbox remembers its event, the ledger asks for the message
)


def retention() -> Retention:
    """Raises RulesUnusable."""
    return Retention.of("notifications", FOLDER, (MESSAGE,))
