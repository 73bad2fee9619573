"""Each morning one e-mail to each officer whose cases, or whose posts' cases, run out of time: numbers and an address, no case.

Who has how many is asked of applications, who is in charge of identity, and where to write at the moment of sending.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID, uuid5

import structlog
from pymongo.errors import PyMongoError

from services.notifications.channels.email import EmailChannel
from services.notifications.channels.outcomes import NotHandedOver
from services.notifications.contacts import Contacts
from services.notifications.domain.wording import Wording
from services.notifications.use_cases.queue_digests import DIGEST, DIGESTS, QueueDigests, queue_digests
from shared.actors import EVERY_POST
from shared.contracts.http import OfficersInCharge, TermCount, TermsRunningOut
from shared.errors import NotFound, Unavailable
from shared.jobs.job import Finish, Job, JobKind, JobKinds, RetryLater
from shared.mongo.transactions import Transactions
from shared.texts import N_
from shared.waiting import told_to_end
from shared.web.calls import ServiceCalls

log = structlog.get_logger(__name__)

AT = time(1, tzinfo=UTC)  # the morning of all posts from Moscow to Vladivostok; further west it lies there as they come
LOOK_EVERY_S = 60.0
TERMS, IN_CHARGE = "/api/internal/terms", "/api/internal/officers/in-charge"
OWN_PAGE, POSTS_PAGE = "/officer/terms?mine=true", "/officer/terms"
SUBJECT = N_("Cases out of time: {overdue}; soon: {at_risk}")
BODY = N_(
    "Cases that are not answered and whose term is over: {overdue}.\n"
    "Cases with four fifths of their term used up: {at_risk}.\n\n"
    "This page says which, and who has each:\n\n{link}\n\n"
    "You get this once a morning, as long as there are any."
)
_NAMES = UUID("d2f3a6f1-6f0c-5a55-8c07-6a2f6f1f0b11")


@dataclass(frozen=True, slots=True)
class Told:
    """What one officer is told. page: of the pages that shows them."""

    overdue: int
    at_risk: int
    page: str


class TermDigests:
    """applications: calls it with the scope terms:read; None: nobody said where it is, and nobody is told."""

    def __init__(
        self,
        applications: ServiceCalls | None,
        identity: ServiceCalls,
        contacts: Contacts,
        wording: Wording,
        email: EmailChannel,
        transactions: Callable[[], Transactions],
    ) -> None:
        self._applications, self._identity, self._contacts = applications, identity, contacts
        self._wording, self._email, self._transactions = wording, email, transactions
        self._scheduled: date | None = None

    async def keep_scheduled(self) -> None:
        """Until cancelled: the next morning's job waits. One that was missed is still there, and runs at once."""
        while not told_to_end():
            at = next_morning(self._transactions().clock.now())
            try:
                if at.date() != self._scheduled:
                    await self._transactions().run(queue_digests, QueueDigests(at, {}))
                    self._scheduled = at.date()
            except (Unavailable, PyMongoError) as error:
                log.warning("digests_not_scheduled", error=type(error).__name__)
            await asyncio.sleep(LOOK_EVERY_S)

    async def list_people(self, job: Job) -> Finish | None:
        """Raises Unavailable where one of the two does not answer: the job then comes again."""
        if self._applications is None:
            return None
        terms = TermsRunningOut.model_validate_json((await self._applications.get(TERMS)).content)
        charge = OfficersInCharge.model_validate_json((await self._identity.get(IN_CHARGE)).content)
        at = datetime.combine(date.fromisoformat(job.key), AT)
        people = {person: {"overdue": t.overdue, "at_risk": t.at_risk, "page": t.page} for person, t in told(terms, charge)}
        return Finish(queue_digests, QueueDigests(at, people, charge.pages_url))

    async def send(self, job: Job) -> None:
        """One try. Raises RetryLater where the mail server took nothing."""
        person = job.key.partition(":")[2]
        try:
            contacts = await self._contacts.of(person)
        except NotFound:
            return
        if contacts.email is None:
            log.info("digest_not_sent", reason="no-address")
            return
        now = self._transactions().clock.now()
        words = {"overdue": job.data["overdue"], "at_risk": job.data["at_risk"], "link": job.data["link"]}
        email = self._wording.composed_email(SUBJECT, BODY, language=contacts.language, **words)
        outcome = await self._email.send(notification_id=str(uuid5(_NAMES, job.key)), to=contacts.email, email=email, at=now)
        log.info("digest_handed_over", outcome=type(outcome).__name__)
        if isinstance(outcome, NotHandedOver):
            raise RetryLater(outcome.reason)


def told(terms: TermsRunningOut, charge: OfficersInCharge) -> list[tuple[str, Told]]:
    """Whoever is in charge of posts, by all cases there and those that they have at other posts; any other by the cases they
    have. Each once, and only who has any."""
    found = {person: Told(count.overdue, count.at_risk, OWN_PAGE) for person, count in terms.officers.items()}
    for person, posts in charge.officers.items():
        headed = {post for post in terms.posts if post in posts or EVERY_POST in posts}
        elsewhere = [of[person] for post, of in terms.at_posts.items() if post not in headed and person in of]
        counts = [*(terms.posts[post] for post in headed), *elsewhere]
        found[person] = Told(_sum(counts, "overdue"), _sum(counts, "at_risk"), POSTS_PAGE)
    return sorted((person, each) for person, each in found.items() if each.overdue or each.at_risk)


def _sum(counts: list[TermCount], name: str) -> int:
    return sum(int(getattr(count, name)) for count in counts)


def next_morning(now: datetime) -> datetime:
    at = datetime.combine(now.astimezone(UTC).date(), AT)
    return at if at > now else at + timedelta(days=1)


def digest_job_kinds(digests: TermDigests) -> JobKinds:
    """Yesterday's numbers are no news: after some hours a digest is left."""
    return {
        DIGESTS: JobKind(digests.list_people, max_attempts=20, retry_s=5, retry_max_s=600),
        DIGEST: JobKind(digests.send, max_attempts=20, retry_s=5, retry_max_s=600),
    }
