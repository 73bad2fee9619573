"""What goes in and out of identity's routes."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from services.identity.domain.contact import ContactKind
from services.identity.domain.person import Person, PersonKind
from services.identity.domain.session import Session
from services.identity.sessions import GrantedTokens, OpenedSession
from services.identity.token_keys import SignedToken
from shared.actors import Assurance


class Token(BaseModel):
    """RFC 6749, 5.1."""

    access_token: str
    token_type: str = "Bearer"  # noqa: S105  (no secret, the scheme)
    expires_in: int
    scope: str | None = None

    @classmethod
    def of(cls, signed: SignedToken, *, scope: str | None = None) -> "Token":
        return cls(access_token=signed.access_token, expires_in=signed.expires_in_s, scope=scope)


class Asked(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


Device = Annotated[
    str,
    Field(max_length=40, description="What you call the device you sign in with, to know it again in the list of your sessions"),
]


class DemoSignIn(Asked):
    account: str = Field(min_length=1, max_length=64, description="Login or id of a demo account")
    device: Device = ""


class ContactGiven(Asked):
    contact: str = Field(
        min_length=3, max_length=254, description="An e-mail address, or a telephone number with its country code"
    )
    language: Literal["ky", "ru", "en"] = Field(description="In which the message is written")


class CodeRequested(BaseModel):
    """The same for every contact."""

    challenge: str
    binding: str = Field(description="For the browser that asked, and nobody else: without it the code is worth nothing")
    channel: ContactKind
    digits: int
    expires_in: int


class CodeShown(Asked):
    challenge: str = Field(min_length=1, max_length=64)
    code: str = Field(pattern="^[0-9]{6}$")
    binding: str = Field(min_length=1, max_length=64, pattern="^[A-Za-z0-9_-]+$")
    device: Device = ""


class ChallengeNamed(Asked):
    challenge_id: str = Field(min_length=1, max_length=64)


class RefreshToken(Asked):
    refresh_token: str = Field(min_length=1, max_length=200)


class Account(BaseModel):
    """A person without contact points."""

    id: str
    kind: PersonKind
    login: str
    name: str
    language: str
    post_id: str | None
    roles: list[str]
    assurance: Assurance = Field(description="What is known of who a citizen is: self-asserted, counter-seen or e-id")

    @classmethod
    def of(cls, person: Person) -> "Account":
        return cls(
            id=person.id,
            kind=person.kind,
            login=person.login,
            name=person.name,
            language=person.language,
            post_id=person.post_id,
            roles=person.roles,
            assurance=person.assurance,
        )


class Accounts(BaseModel):
    accounts: list[Account]


class OpenSession(BaseModel):
    """What a sign-in and a refresh answer: a token for each service, and one to get the next ones with."""

    access_tokens: dict[str, str] = Field(description="By service: identity, applications, documents, notifications")
    token_type: str = "Bearer"  # noqa: S105  (no secret, the scheme)
    expires_in: int
    refresh_token: str = Field(description="Worth something once; the answer to the refresh brings the next one")
    refresh_expires_in: int
    session_id: str
    person: Account

    @classmethod
    def of(cls, opened: OpenedSession, tokens: GrantedTokens) -> "OpenSession":
        return cls(
            access_tokens=tokens.access_tokens,
            expires_in=tokens.expires_in_s,
            refresh_token=tokens.refresh_token,
            refresh_expires_in=tokens.refresh_expires_in_s,
            session_id=opened.session.id,
            person=Account.of(opened.person),
        )


class OwnSession(BaseModel):
    """One place where somebody is signed in. methods: RFC 8176, how they showed who they are."""

    id: str
    here: bool = Field(description="The one that asks")
    device: str
    methods: list[str]
    opened_at: datetime
    renewed_at: datetime
    expires_at: datetime

    @classmethod
    def of(cls, session: Session, *, here: bool) -> "OwnSession":
        return cls(
            id=session.id,
            here=here,
            device=session.device,
            methods=session.methods,
            opened_at=session.opened_at,
            renewed_at=session.renewed_at,
            expires_at=session.expires_at,
        )


class OwnSessions(BaseModel):
    sessions: list[OwnSession]


class Ended(BaseModel):
    ended: int = Field(description="How many sessions were ended by this")


class Me(Account):
    """The signed-in person, to themselves."""

    email: str | None
    phone: str | None

    @classmethod
    def of(cls, person: Person) -> "Me":
        return cls(**Account.of(person).model_dump(), email=person.email, phone=person.phone)
