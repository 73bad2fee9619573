"""What is told of changes as they happen, and to whom: an id, a status and a version, and nothing about a person."""

from services.applications.scopes import is_seen
from shared.actors import Citizen, Officer
from shared.mongo.change_feed import Change, Wanted

FIELDS = ("citizen_id", "post_id", "deciding_at", "status", "submitted_at", "version")


def seen_by(officer: Officer) -> Wanted:
    """What was handed in at the officer's posts, and what was given to them to decide; all for the ministry."""

    def wanted(change: Change) -> bool:
        return is_seen(officer, change.fields)

    return wanted


def of_their_own(citizen: Citizen) -> Wanted:
    def wanted(change: Change) -> bool:
        return bool(change.fields["citizen_id"] == citizen.id)

    return wanted
