"""What goes in and out of identity's routes."""

from pydantic import BaseModel, ConfigDict, Field

from services.identity.domain.person import Person, PersonKind
from services.identity.token_keys import SignedToken


class Token(BaseModel):
    """RFC 6749, 5.1."""

    access_token: str
    token_type: str = "Bearer"  # noqa: S105  (no secret, the scheme)
    expires_in: int
    scope: str | None = None

    @classmethod
    def of(cls, signed: SignedToken, *, scope: str | None = None) -> "Token":
        return cls(access_token=signed.access_token, expires_in=signed.expires_in_s, scope=scope)


class DemoSignIn(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    account: str = Field(min_length=1, max_length=64, description="Login or id of a demo account")


class Account(BaseModel):
    """A person without contact points."""

    id: str
    kind: PersonKind
    login: str
    name: str
    language: str
    post_id: str | None
    roles: list[str]

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
        )


class Accounts(BaseModel):
    accounts: list[Account]


class DemoSession(Token):
    person: Account


class Me(Account):
    """The signed-in person, to themselves."""

    email: str | None
    phone: str | None

    @classmethod
    def of(cls, person: Person) -> "Me":
        return cls(**Account.of(person).model_dump(), email=person.email, phone=person.phone)
