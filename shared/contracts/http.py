"""What services read from each other by HTTP at the moment of use: personal data that must not travel by the broker."""

from datetime import date, datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from shared.contracts.applications import OutcomeKind

_Word = Annotated[str, Field(max_length=100)]


class HttpContract(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class EventsAskedFor(HttpContract):
    """POST /api/internal/ledger/events of a service that hears events (scope ledger:<service>): ids by event type."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    events: dict[_Word, Annotated[list[_Word], Field(max_length=500)]] = Field(max_length=50)


class EventsKnown(HttpContract):
    """places: handled or parked, by id, for those that are known; queued: messages that wait in its queues, null if unknown."""

    places: dict[str, str]
    queued: int | None


class DossierFact(HttpContract):
    """One answer that belongs on the paper; label and value by language (ky, ru, en)."""

    key: str
    label: dict[str, str]
    value: dict[str, str]


class Dossier(HttpContract):
    """GET /api/internal/applications/{id}/dossier of applications (scope dossier:read): all that a paper needs.

    .../dossier-draft gives the same for an application that is not decided, with approved_at as the moment of asking.
    """

    application_id: str
    reference: str
    citizen_id: str
    service_id: str
    document_kind: str
    outcome: OutcomeKind
    post_id: str
    post_names: dict[str, str]  # by language: ky, ru, en
    post_cities: dict[str, str]
    post_time_zone: str  # IANA name: the date printed is the post's
    holder_name: str
    holder_name_latin: str
    holder_birth_date: date
    holder_citizenship: str = "KGZ"  # ISO 3166-1 alpha-3
    holder_pin: str | None = None
    language: str
    facts: tuple[DossierFact, ...] = ()
    blank_number: str | None = None
    valid_days: int | None = None  # None: no end of validity is printed
    approved_at: datetime


class WorkAskedFor(HttpContract):
    """POST /api/internal/applications/{id}/work of applications (scope cases:work): does this officer work on the case?"""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    officer_id: _Word
    post_id: _Word
    grants: list[_Word] = Field(max_length=500)  # each as role@post
    second_factor: bool


class WorkOnCase(HttpContract):
    """at_work: they have it, had a part in it, or may do now what it waits for. acted_now: that, or they acted on it in the last
    minutes, or had it before them as their work."""

    at_work: bool
    acted_now: bool


class ContactPoints(HttpContract):
    """GET /api/internal/people/{id}/contacts of identity (scope contacts:read).

    unwanted: the person withdrew the consent to messages; the contacts are then left out.
    """

    person_id: str
    language: str
    email: str | None = None
    phone: str | None = None  # E.164
    unwanted: bool = False


class TermCount(HttpContract):
    at_risk: int
    overdue: int


class TermsRunningOut(HttpContract):
    """GET /api/internal/terms of applications (scope terms:read): how many cases run out of time, where, and with whom.
    at_posts: of the cases of each post, by who has them."""

    posts: dict[str, TermCount]
    officers: dict[str, TermCount]
    at_posts: dict[str, dict[str, TermCount]] = {}


class OfficersInCharge(HttpContract):
    """GET /api/internal/officers/in-charge of identity (scope contacts:read): posts by the ids of who is in charge there; * for
    all of them."""

    officers: dict[str, list[str]]
    pages_url: str


class SignInCode(HttpContract):
    """POST /api/internal/sign-in/codes {challenge_id} of identity (scope codes:read), while the challenge lives."""

    challenge_id: str
    channel: str  # email or sms
    contact: str
    language: str
    code: str
    expires_at: datetime


class OfficerInvitation(HttpContract):
    """POST /api/internal/officers/invitations {invitation_id} of identity (scope codes:read), while it is open."""

    invitation_id: str
    email: str
    language: str
    link: str
    expires_at: datetime
