"""What the daily purge deletes in identity: by retention_rules/, in the words of the database."""

from pathlib import Path
from typing import Final

from shared.mongo.purge_job import Retention
from shared.mongo.purging import Purged

FOLDER: Final = Path(__file__).parent / "retention_rules"
RIGHTS_REQUEST: Final = Purged(
    "rights-request",
    "rights_requests",
    moment="answered_at",
    closed={"state": {"$ne": "open"}},
    not_closed=("asked_at", {"state": "open"}),
    person="person_id",
)


def retention() -> Retention:
    """Raises RulesUnusable."""
    return Retention.of("identity", FOLDER, (RIGHTS_REQUEST,))
