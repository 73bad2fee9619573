"""Messages between a citizen and the post about one case, and the originals that the post holds for it."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from services.applications.domain import authority, life_errors
from services.applications.domain.application import Application
from services.applications.domain.journal import Act, Action, ActorRef, citizen, officer
from services.applications.domain.relations import NONE_DECLARED, Relations
from services.applications.domain.status import Status
from shared.actors import Citizen, Officer
from shared.contracts import applications as events
from shared.contracts.applications import Custody, Writer
from shared.errors import SecondFactorNeeded

LONGEST: Final = 2_000
MOST_UNANSWERED: Final = 10


@dataclass(slots=True)
class Message:
    id: str
    application_id: str
    citizen_id: str  # whose case it is
    post_id: str
    written_by: Writer
    by: str
    role: str
    text: str
    at: datetime
    version: int = 1


@dataclass(slots=True)
class Original:
    """kind: a code of catalogue/casework.toml. kept_where: in the post, as its officers say it. pouch_id: it travels with it."""

    id: str
    application_id: str
    citizen_id: str
    post_id: str
    kind: str
    kept_where: str
    received_at: datetime
    received_by: str
    pouch_id: str | None = None
    returned_at: datetime | None = None
    returned_by: str | None = None
    version: int = 1

    @property
    def is_here(self) -> bool:
        return self.returned_at is None and self.pouch_id is None


@dataclass(slots=True)
class Pouch:
    """What one diplomatic pouch carries. to: a body of catalogue/departments.toml that is asked, or a post. seal: the number on
    it. arrived: those of its originals that were found in it; of pouches from before they were confirmed one by one, none are
    named."""

    id: str
    post_id: str
    to: str
    seal: str
    originals: tuple[str, ...]
    sent_at: datetime
    sent_by: str
    arrived_at: datetime | None = None
    arrived_by: str | None = None
    arrived: tuple[str, ...] = ()
    version: int = 1

    @property
    def missing(self) -> tuple[str, ...]:
        """What it should have carried, and was not in it when it was opened."""
        return tuple(each for each in self.originals if each not in self.arrived) if self.arrived_at and self.arrived else ()

    def arrive(self, found: Collection[str], *, by: str, at: datetime) -> "Pouch":
        """found: what was in it, or what was missing and came later. Raises PouchArrived, OriginalNotFound."""
        awaited = self.originals if self.arrived_at is None else self.missing
        if not awaited:
            raise life_errors.PouchArrived
        if not found or not set(found) <= set(awaited):
            raise life_errors.OriginalNotFound
        arrived = tuple(each for each in self.originals if each in {*self.arrived, *found})
        return replace(self, arrived_at=self.arrived_at or at, arrived_by=by, arrived=arrived, version=self.version + 1)


def write_to_post(case: Application, *, by: Citizen, unanswered: int, at: datetime) -> Act:
    """unanswered: how many of their messages have no answer. Raises ApplicationNotFound, NothingToWriteTo, TooManyMessages."""
    case.must_be_seen_by(by)
    if case.status in (Status.DRAFT, Status.EXPIRED):
        raise life_errors.NothingToWriteTo
    if unanswered >= MOST_UNANSWERED:
        raise life_errors.TooManyMessages(most=MOST_UNANSWERED)
    case.unanswered_since = case.unanswered_since or at
    event = case._event(events.ApplicationMessageWritten, at, written_by=Writer.CITIZEN)
    return case._done(Action.WRITE_TO_POST, citizen(by), at, event)


def write_to_citizen(case: Application, *, by: Officer, at: datetime, relations: Relations = NONE_DECLARED) -> Act:
    """Answers all that the citizen wrote so far."""
    role = authority.to_write(case, by, relations)
    case.unanswered_since = None
    event = case._event(events.ApplicationMessageWritten, at, written_by=Writer.POST)
    return case._done(Action.WRITE_TO_CITIZEN, officer(by, role), at, event)


def keep_original(case: Application, *, by: Officer, at: datetime) -> Act:
    return _custody(case, Action.KEEP_ORIGINAL, Custody.KEPT, by, at)


def return_original(case: Application, *, by: Officer, at: datetime) -> Act:
    return _custody(case, Action.RETURN_ORIGINAL, Custody.RETURNED, by, at)


def put_in_pouch(case: Application, *, by: Officer, at: datetime, post: str = "") -> Act:
    """post: where the original lies, for the case may be another's by now. None: where the case is."""
    role = _role_at_an_end((post,), by) if post else authority.at_counter(case, by)
    return _custody_by(case, Action.PUT_IN_POUCH, Custody.SENT_WITH_POUCH, officer(by, role), at)


def note_pouch_arrived(case: Application, *, by: Officer, at: datetime, places: Collection[str] = ()) -> Act:
    """places: where the pouch was sent from and to, for the case may have moved meanwhile. None: where the case is."""
    role = _role_at_an_end(places, by) if places else authority.at_counter(case, by)
    return _custody_by(case, Action.NOTE_POUCH_ARRIVED, Custody.ARRIVED_WITH_POUCH, officer(by, role), at)


def _role_at_an_end(places: Collection[str], by: Officer) -> str:
    """At a post, or in a department of the ministry."""
    if not by.is_ministry or any(by.roles_at(place) & set(authority.COUNTER_ROLES) for place in places):
        return authority.at_counter_of(places, by)
    if not by.second_factor:
        raise SecondFactorNeeded
    return authority.MINISTRY


def _custody(case: Application, action: Action, change: Custody, by: Officer, at: datetime) -> Act:
    return _custody_by(case, action, change, officer(by, authority.at_counter(case, by)), at)


def _custody_by(case: Application, action: Action, change: Custody, by: ActorRef, at: datetime) -> Act:
    event = case._event(events.ApplicationCustodyChanged, at, change=change)
    return case._done(action, by, at, event)
