"""One-time codes: fetched from identity when they are sent, sent while they can still sign somebody in, and kept nowhere.

Nothing is stored but the job, which names the challenge. So a process killed between sending and saying so sends the same
code once more; the gateway and the mailbox know the message by its id. Whoever got none asks for another.
"""

from collections.abc import Callable
from uuid import UUID, uuid5

import structlog

from services.notifications.channels.email import EmailChannel
from services.notifications.channels.outcomes import NotHandedOver, Outcome
from services.notifications.channels.sms import SmsChannel
from services.notifications.domain.notification import Channel
from services.notifications.domain.wording import Wording
from services.notifications.use_cases.queue_sign_in_code import SEND_SIGN_IN_CODE
from shared.clock import Clock
from shared.contracts.http import SignInCode
from shared.errors import NotFound
from shared.jobs.job import Job, JobKind, JobKinds, RetryLater
from shared.web.calls import ServiceCalls

log = structlog.get_logger(__name__)

_NAMES = UUID("7f1f0d4e-52a3-5b8e-8a51-54b6f2f0c1aa")
PATH = "/api/internal/sign-in/codes"


class SignInCodes:
    """identity: calls it with the scope codes:read."""

    def __init__(
        self, identity: ServiceCalls, wording: Wording, email: EmailChannel, sms: SmsChannel, clock: Callable[[], Clock]
    ) -> None:
        self._identity, self._wording, self._email, self._sms, self._clock = identity, wording, email, sms, clock

    async def send(self, job: Job) -> None:
        """One try. Nothing is sent once the challenge is over. Raises RetryLater where the provider took nothing."""
        try:
            answer = await self._identity.post(PATH, {"challenge_id": job.key})
        except NotFound:
            log.info("sign_in_code_not_sent", challenge_id=job.key, reason="over")
            return
        code = SignInCode.model_validate_json(answer.content)
        if code.expires_at <= self._clock().now():
            return
        outcome = await self._handed_over(code)
        kind, reason = type(outcome).__name__, getattr(outcome, "reason", None)
        log.info("sign_in_code_handed_over", challenge_id=job.key, channel=code.channel, outcome=kind, reason=reason)
        if isinstance(outcome, NotHandedOver):
            raise RetryLater(outcome.reason)

    async def _handed_over(self, code: SignInCode) -> Outcome:
        message_id = str(uuid5(_NAMES, code.challenge_id))
        if code.channel == Channel.EMAIL:
            email = self._wording.code_email(code.code, language=code.language)
            return await self._email.send(notification_id=message_id, to=code.contact, email=email, at=self._clock().now())
        text = self._wording.code_sms(code.code, language=code.language)
        return await self._sms.send(notification_id=message_id, to=code.contact, text=text)


def code_job_kinds(codes: SignInCodes) -> JobKinds:
    """A challenge lives ten minutes: past it the job finds nothing to send, and is done. No try is the last one before."""
    return {SEND_SIGN_IN_CODE: JobKind(run=codes.send, max_attempts=200, retry_s=2, retry_max_s=20, lease_s=10)}
