"""The jobs of one message: send it (contact point, fence, provider, outcome), and ask later what became of an unknown one.

What this process saw happen it remembers until the database has it, so that an outage just after a call does not turn a
known outcome into an unknown one.
"""

from collections import OrderedDict
from collections.abc import Awaitable, Callable

import structlog

from services.notifications.channels.email import EmailChannel
from services.notifications.channels.outcomes import Accepted, NotHandedOver, Outcome, Rejected, Uncertain
from services.notifications.channels.sms import SmsChannel
from services.notifications.contacts import Contacts
from services.notifications.domain.notification import (
    NO_CONTACT_POINT,
    NOT_WANTED,
    TOO_OLD,
    Channel,
    MessageAlreadyTaken,
    Notification,
    State,
)
from services.notifications.domain.wording import Wording
from services.notifications.queries import notification
from services.notifications.use_cases.erase_person import erase_person
from services.notifications.use_cases.fail_notification import FailNotification, fail_notification, give_up_sending
from services.notifications.use_cases.lose_track_of_notification import (
    ASK_ABOUT_NOTIFICATION,
    LoseTrackOfNotification,
    lose_track_of_notification,
)
from services.notifications.use_cases.mark_notification_sent import MarkNotificationSent, mark_notification_sent
from services.notifications.use_cases.note_delivered import ASK_DELIVERY, NoteMessageDelivered, note_message_delivered
from services.notifications.use_cases.put_notification_back import PutNotificationBack, put_notification_back
from services.notifications.use_cases.queue_notification import SEND_NOTIFICATION
from services.notifications.use_cases.start_sending import StartSending, start_sending
from services.notifications.use_cases.suppress_notification import SuppressNotification, suppress_notification
from shared.contracts.http import ContactPoints
from shared.crash_points import crash_point
from shared.errors import NotFound
from shared.jobs.job import Finish, Job, JobKind, JobKinds, RetryLater
from shared.mongo.erasure import ERASE_PERSON, erasing_kind
from shared.mongo.transactions import Transactions

log = structlog.get_logger(__name__)

REMEMBERED = 1_000
Send = Callable[[], Awaitable[Outcome]]


class MessageJobs:
    def __init__(
        self,
        transactions: Callable[[], Transactions],
        contacts: Contacts,
        wording: Wording,
        email: EmailChannel,
        sms: SmsChannel,
    ) -> None:
        self._transactions, self._contacts, self._wording = transactions, contacts, wording
        self._email, self._sms = email, sms
        self._seen: OrderedDict[str, Outcome] = OrderedDict()  # by run

    async def send(self, job: Job) -> Finish | None:
        """One try. Raises RetryLater where the provider provably took nothing."""
        message = await notification(self._transactions().database.db, job.key)
        if message.settled:
            return None
        if not message.waiting:
            return await self._settle(message, self._seen.get(message.run or "", Uncertain("interrupted")))
        if message.expires_at <= self._transactions().clock.now():
            return Finish(fail_notification, FailNotification(message.id, TOO_OLD))
        contacts = await self._contact_points(message)
        if contacts.unwanted:
            return Finish(suppress_notification, SuppressNotification(message.id, NOT_WANTED))
        send = self._prepared(message, contacts)
        if send is None:
            if contacts.email or contacts.phone:
                return Finish(suppress_notification, SuppressNotification(message.id, NO_CONTACT_POINT))
            return Finish(fail_notification, FailNotification(message.id, NO_CONTACT_POINT))
        return await self._settle(message, await self._call(message, f"{job.id}:{job.fence}", send))

    async def ask(self, job: Job) -> Finish | None:
        """Whether the SMS gateway has a message after all. Raises RetryLater while it does not say so."""
        message = await notification(self._transactions().database.db, job.key)
        if message.state is not State.UNKNOWN:
            return None
        if not await self._sms.knows(message.id):
            raise RetryLater("gateway-does-not-know-it")
        return Finish(mark_notification_sent, MarkNotificationSent(message.id))

    async def ask_delivery(self, job: Job) -> Finish:
        """Whether a message is on the phone it went to. Raises RetryLater while the gateway does not say so."""
        if not await self._sms.has_delivered(job.key):
            raise RetryLater("no-receipt-yet")
        return Finish(note_message_delivered, NoteMessageDelivered(job.key))

    async def _call(self, message: Notification, run: str, send: Send) -> Outcome:
        crash_point("notifications.before_fence")
        self._remember(run, NotHandedOver("not-called"))  # holds when the fence's commit is not confirmed to us
        try:
            await self._transactions().run(start_sending, StartSending(message.id, run))
        except MessageAlreadyTaken:
            raise RetryLater("taken-by-another-run") from None
        message.run = run
        crash_point("notifications.after_fence")
        self._remember(run, Uncertain("interrupted"))
        outcome = await send()
        self._remember(run, outcome)
        crash_point("notifications.after_send")
        return outcome

    async def _settle(self, message: Notification, outcome: Outcome) -> Finish:
        log.info(
            "provider_answered",
            notification_id=message.id,
            channel=message.channel,
            outcome=type(outcome).__name__,
            reason=getattr(outcome, "reason", None),
        )
        match outcome:
            case Accepted():
                return Finish(mark_notification_sent, MarkNotificationSent(message.id))
            case Rejected(reason):
                return Finish(fail_notification, FailNotification(message.id, reason))
            case NotHandedOver(reason):
                back = PutNotificationBack(message.id, message.run or "")
                await self._transactions().run(put_notification_back, back)
                raise RetryLater(reason)
            case Uncertain():
                if message.channel is Channel.SMS and await self._sms.knows(message.id):
                    return Finish(mark_notification_sent, MarkNotificationSent(message.id))
                return Finish(lose_track_of_notification, LoseTrackOfNotification(message.id))

    async def _contact_points(self, message: Notification) -> ContactPoints:
        try:
            return await self._contacts.of(message.citizen_id)
        except NotFound:
            return ContactPoints(person_id=message.citizen_id, language="")

    def _prepared(self, message: Notification, contacts: ContactPoints) -> Send | None:
        """The call to make, everything composed; None where the person has no such contact point."""
        words = self._words(message, contacts.language)
        if message.channel is Channel.EMAIL and (address := contacts.email):
            email = self._wording.email(message.notice, **words)
            return lambda: self._email.send(notification_id=message.id, to=address, email=email, at=message.queued_at)
        if message.channel is Channel.SMS and (number := contacts.phone):
            text = self._wording.sms(message.notice, **words)
            return lambda: self._sms.send(notification_id=message.id, to=number, text=text)
        return None

    def _words(self, message: Notification, language: str) -> dict[str, str]:
        words = {"language": language, "reference": message.reference, "moment": message.when, "day": message.last_day}
        if message.amount_minor is not None and message.currency:
            words["amount"] = self._wording.amount(message.amount_minor, message.currency, language=language)
        return words

    def _remember(self, run: str, outcome: Outcome) -> None:
        self._seen[run] = outcome
        if len(self._seen) > REMEMBERED:
            self._seen.popitem(last=False)


def job_kinds(messages: MessageJobs) -> JobKinds:
    """48 tries with waits up to ten minutes are about seven hours: longer than most outages of a provider. An SMS that
    the gateway does not know after an hour stays unknown, and its job is left to a person."""
    return {
        SEND_NOTIFICATION: JobKind(
            run=messages.send, max_attempts=48, retry_s=2, retry_max_s=600, lease_s=10, on_alarm=give_up_sending
        ),
        ASK_ABOUT_NOTIFICATION: JobKind(run=messages.ask, max_attempts=6, retry_s=60, retry_max_s=3_600),
        ASK_DELIVERY: JobKind(run=messages.ask_delivery, max_attempts=12, retry_s=60, retry_max_s=3_600),
        ERASE_PERSON: erasing_kind(erase_person),
    }
