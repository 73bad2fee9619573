"""Who looks at an application because it is their work, and who must say why."""

from services.applications.domain.application import Application
from services.applications.domain.permissions import officer_may
from services.applications.domain.relations import Relations
from shared.actors import Officer

WORK = {"claim", "propose", "decide", "record_blank", "identity_check", "handover", "note_body_answer", "record_arrival"}
_RANK = ("deciding", "head", "intake", "ministry")


def is_at_work(application: Application, by: Officer, relations: Relations) -> bool:
    """The officer has it, had a part in its decision, or may do now what it waits for."""
    proposer = application.proposal.by if application.proposal else None
    had_a_part = by.id in (application.claimed_by, proposer, application.decided_by)
    return had_a_part or not WORK.isdisjoint(officer_may(application, by, relations))


def role_of(by: Officer, post_id: str) -> str | None:
    """In which role they see what was handed in at that post; where they hold none there, in the one of their own post."""
    held = by.roles_at(post_id) or by.roles_at(by.post_id)
    return next((role for role in _RANK if role in held), None)
