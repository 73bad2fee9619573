"""What is told of changes as they happen, and to whom: an id, a status and a version, and nothing about a person."""

from services.applications.domain.status import Status
from services.applications.queries import OF_A_POST
from shared.actors import Citizen, Officer
from shared.mongo.change_feed import Change, Wanted

FIELDS = ("citizen_id", "post_id", "status", "version")


def of_the_post(officer: Officer) -> Wanted:
    """What was handed in at the officer's own post."""

    def wanted(change: Change) -> bool:
        return change.fields["post_id"] == officer.post_id and Status(change.fields["status"]) in OF_A_POST

    return wanted


def of_their_own(citizen: Citizen) -> Wanted:
    def wanted(change: Change) -> bool:
        return bool(change.fields["citizen_id"] == citizen.id)

    return wanted
