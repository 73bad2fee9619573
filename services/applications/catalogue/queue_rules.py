"""For how long an officer keeps a case without working on it, and is not offered what they gave back: data, as the services."""

from datetime import timedelta
from functools import cache
from pathlib import Path

from services.applications.catalogue.files import read
from services.applications.domain.sourced import Definition, Limit

FILE = Path(__file__).parent / "queue.toml"


class QueueRules(Definition):
    claim_hours: Limit
    offered_again_hours: Limit

    @property
    def claim_lasts(self) -> timedelta:
        return timedelta(hours=self.claim_hours.value)

    @property
    def offered_again_after(self) -> timedelta:
        return timedelta(hours=self.offered_again_hours.value)


@cache
def queue_rules() -> QueueRules:
    """Raises CatalogueError where the file cannot be used."""
    return read(FILE, QueueRules)
