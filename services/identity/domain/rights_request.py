"""A request about one's own personal data: for a copy, for a correction, for erasure; with a clock, and one answer.

Law of 14 Apr 2008 No. 58, art. 17: answered within a week, a refusal in writing and with its reason. What the person writes and
what they are answered is sealed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from shared.contracts.identity import RightsRequestAnswered
from shared.errors import FieldError, InvalidInput, NotAllowedNow, NotFound
from shared.texts import N_

LONGEST_WORDS = 2000
BY_ITSELF = "system"  # an answer that no officer gave
MOST_OPEN = 10


class RequestKind(StrEnum):
    EXPORT = "export"
    CORRECTION = "correction"
    ERASURE = "erasure"


class RequestState(StrEnum):
    OPEN = "open"
    ANSWERED = "answered"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class Clock(StrEnum):
    """How the time to answer stands."""

    RUNNING = "running"
    SOON = "soon"
    LATE = "late"
    TOLD = "told"  # the person knows what holds it: nothing is owed but the rest
    STOPPED = "stopped"


_NEXT: Mapping[RequestState, frozenset[RequestState]] = {
    RequestState.OPEN: frozenset({RequestState.ANSWERED, RequestState.REFUSED, RequestState.WITHDRAWN}),
    RequestState.ANSWERED: frozenset(),
    RequestState.REFUSED: frozenset(),
    RequestState.WITHDRAWN: frozenset(),
}


class RequestNotFound(NotFound):
    code = "rights-request-not-found"


class AlreadyEnded(NotAllowedNow):
    code = "rights-request-ended"
    message = N_("This request has ended already: it was answered or taken back.")


class NotByHand(NotAllowedNow):
    code = "rights-request-answers-itself"
    message = N_("Nobody answers this request by hand: the services say what they hold and why.")


class TooManyOpen(NotAllowedNow):
    code = "too-many-open-requests"
    message = N_("Some of your requests are still open. Wait for an answer, or take one back, before you ask for more.")


@dataclass(frozen=True, slots=True)
class Term:
    """version: of the data file that says it."""

    version: int
    length: timedelta


@dataclass(frozen=True, slots=True)
class Wish:
    """What is wrong and what it should be, in the person's own words. service: where it lies (account, applications, documents,
    messages). where: the reference of the case and the question, as they name it."""

    service: str
    where: str
    wrong: str
    right: str

    def must_be_readable(self) -> None:
        """Raises InvalidInput."""
        said = {"wrong": self.wrong, "right": self.right}
        missing = [FieldError(f"/{name}", N_("Write this in a few words.")) for name, text in said.items() if not text.strip()]
        if missing:
            raise InvalidInput(missing)


@dataclass(slots=True)
class RightsRequest:
    """post_id: whose head answers it; None: the ministry. told_at: when the person learnt what holds an erasure. ground: the code
    of a refusal, or the kinds of holds that stay. words: of the answer. wish and words are sealed."""

    id: str
    person_id: str
    kind: RequestKind
    post_id: str | None
    asked_at: datetime
    due_at: datetime
    term_version: int
    state: RequestState = RequestState.OPEN
    told_at: datetime | None = None
    answered_at: datetime | None = None
    answered_by: str | None = None
    ground: list[str] = field(default_factory=list)
    wish: dict[str, str] | None = None
    words: str | None = None
    version: int = 1

    @classmethod
    def ask(
        cls,
        request_id: str,
        person_id: str,
        kind: RequestKind,
        *,
        term: Term,
        at: datetime,
        post_id: str | None = None,
        wish: Wish | None = None,
    ) -> "RightsRequest":
        """Raises InvalidInput for a wish that says nothing."""
        said = None
        if wish:
            wish.must_be_readable()
            said = {"service": wish.service, "where": wish.where, "wrong": wish.wrong, "right": wish.right}
        return cls(request_id, person_id, kind, post_id, at, at + term.length, term.version, wish=said)

    @property
    def reference(self) -> str:
        """What a person names on the telephone. Not unique by itself: it goes with who asks."""
        return self.id[:8].upper()

    @property
    def is_open(self) -> bool:
        return self.state is RequestState.OPEN

    def clock(self, now: datetime, soon: timedelta) -> Clock:
        if not self.is_open:
            return Clock.STOPPED
        if self.told_at:
            return Clock.TOLD
        if now > self.due_at:
            return Clock.LATE
        return Clock.SOON if self.due_at - now <= soon else Clock.RUNNING

    def answer(self, words: str, *, by: str, at: datetime) -> RightsRequestAnswered:
        """An officer did what was asked, and says what. Raises AlreadyEnded, NotByHand, InvalidInput."""
        self._by_hand()
        self._end(RequestState.ANSWERED, by=by, at=at, words=_written(words))
        return self._told(at)

    def refuse(self, ground: str, words: str, *, by: str, at: datetime) -> RightsRequestAnswered:
        """An officer does not do it: ground is a code of the data file, words are for this person.

        Raises AlreadyEnded, NotByHand, InvalidInput."""
        self._by_hand()
        self._end(RequestState.REFUSED, by=by, at=at, words=_written(words), ground=[ground])
        return self._told(at)

    def answered_itself(self, *, at: datetime, ground: list[str] | None = None) -> None:
        """A copy was taken, or the account is erased; ground: what is kept all the same. Raises AlreadyEnded."""
        self._end(RequestState.ANSWERED, by=BY_ITSELF, at=at, ground=ground)

    def held(self, ground: list[str], *, at: datetime) -> RightsRequestAnswered | None:
        """The services said what holds an erasure. Out: what the person is told, where it is news; None where it is not.

        Raises AlreadyEnded."""
        if not self.is_open:
            raise AlreadyEnded
        if self.told_at and ground == self.ground:
            return None
        self.told_at, self.ground = self.told_at or at, ground
        self.version += 1
        return self._told(at)

    def withdraw(self, *, at: datetime, by: str) -> None:
        """Raises AlreadyEnded."""
        self._end(RequestState.WITHDRAWN, by=by, at=at)

    def _by_hand(self) -> None:
        if self.kind is not RequestKind.CORRECTION:
            raise NotByHand

    def _end(
        self, state: RequestState, *, by: str, at: datetime, words: str | None = None, ground: list[str] | None = None
    ) -> None:
        if state not in _NEXT[self.state]:
            raise AlreadyEnded
        self.state, self.answered_by, self.answered_at = state, by, at
        self.words, self.ground = words, ground or []
        self.version += 1

    def _told(self, at: datetime) -> RightsRequestAnswered:
        return RightsRequestAnswered(
            sequence=self.version,
            occurred_at=at,
            request_id=self.id,
            person_id=self.person_id,
            reference=self.reference,
            kind=self.kind.value,
        )


def _written(words: str) -> str:
    """Raises InvalidInput: an answer is in writing, with its reason."""
    if not words.strip():
        raise InvalidInput([FieldError("/words", N_("Write to the person what was done, or why it is not done."))])
    return words.strip()
