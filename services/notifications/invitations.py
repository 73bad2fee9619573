"""Invitations of officers: the link is fetched from identity when it is sent, as one-time codes are, and kept nowhere."""

from collections.abc import Callable
from uuid import UUID, uuid5

import structlog

from services.notifications.channels.email import EmailChannel
from services.notifications.channels.outcomes import NotHandedOver
from services.notifications.domain.wording import Wording
from services.notifications.use_cases.queue_invitation import SEND_INVITATION
from shared.clock import Clock
from shared.contracts.http import OfficerInvitation
from shared.errors import NotFound
from shared.jobs.job import Job, JobKind, JobKinds, RetryLater
from shared.web.calls import ServiceCalls

log = structlog.get_logger(__name__)

_NAMES = UUID("0d6a3f8a-5d0f-5a0b-9c47-2b8f6f0e7d11")
PATH = "/api/internal/officers/invitations"


class Invitations:
    """identity: calls it with the scope codes:read."""

    def __init__(self, identity: ServiceCalls, wording: Wording, email: EmailChannel, clock: Callable[[], Clock]) -> None:
        self._identity, self._wording, self._email, self._clock = identity, wording, email, clock

    async def send(self, job: Job) -> None:
        """One try. Nothing is sent once the invitation is over. Raises RetryLater where the mail server took nothing."""
        try:
            answer = await self._identity.post(PATH, {"invitation_id": job.key})
        except NotFound:
            log.info("officer_invitation_not_sent", invitation_id=job.key, reason="over")
            return
        invitation = OfficerInvitation.model_validate_json(answer.content)
        email = self._wording.invitation_email(invitation.link, language=invitation.language)
        message_id = str(uuid5(_NAMES, invitation.invitation_id))
        outcome = await self._email.send(notification_id=message_id, to=invitation.email, email=email, at=self._clock().now())
        log.info("officer_invitation_handed_over", invitation_id=job.key, outcome=type(outcome).__name__)
        if isinstance(outcome, NotHandedOver):
            raise RetryLater(outcome.reason)


def invitation_job_kinds(invitations: Invitations) -> JobKinds:
    """An invitation lives three days: past it the job finds nothing to send, and is done."""
    return {SEND_INVITATION: JobKind(run=invitations.send, max_attempts=450, retry_s=2, retry_max_s=600, lease_s=10)}
