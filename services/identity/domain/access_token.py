"""What an access token says: who it is about, whom it is for, and for how long (RFC 9068 without its media type)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from services.identity.domain.grants import in_force
from services.identity.domain.person import Person, PersonKind

ISSUER = "eshik-identity"
LIFETIME = timedelta(minutes=15)
SERVICES = ("identity", "applications", "documents", "notifications")


@dataclass(frozen=True, slots=True)
class Grant:
    """The decision to give somebody a token. Claims are made from it at the moment of signing."""

    subject: str
    kind: str  # citizen, officer or service
    audience: tuple[str, ...]
    language: str | None = None
    post_id: str | None = None
    roles: tuple[tuple[str, str], ...] = ()  # (role, post), those in force
    methods: tuple[str, ...] = ()  # how they signed in, RFC 8176
    scopes: tuple[str, ...] = ()

    def claims(self, *, at: datetime, token_id: str) -> dict[str, str | int | list[str] | list[list[str]]]:
        issued = int(at.timestamp())
        claims: dict[str, str | int | list[str] | list[list[str]]] = {
            "iss": ISSUER,
            "aud": list(self.audience),
            "sub": self.subject,
            "kind": self.kind,
            "iat": issued,
            "exp": issued + int(LIFETIME.total_seconds()),
            "jti": token_id,
        }
        if self.language:
            claims["lang"] = self.language
        if self.kind == PersonKind.OFFICER:
            claims |= {"post": self.post_id or "", "grants": [[role, post] for role, post in self.roles]}
        if self.methods:
            claims["amr"] = list(self.methods)
        if self.scopes:
            claims["scope"] = " ".join(self.scopes)
        return claims


def grant_for(person: Person, *, on: date, methods: Sequence[str]) -> Grant:
    """A person's token opens every service: what they may do there is each service's own decision. on: roles of that day."""
    signed_in = tuple(methods)
    if person.kind is PersonKind.CITIZEN:
        return Grant(person.id, person.kind, SERVICES, language=person.language, methods=signed_in)
    return Grant(
        person.id,
        person.kind,
        SERVICES,
        language=person.language,
        post_id=person.post_id,
        roles=in_force(person.grants, on),
        methods=signed_in,
    )
