"""What an access token says: who it is about, whom it is for, and for how long (RFC 9068 without its media type)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

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
    roles: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()

    def claims(self, *, at: datetime, token_id: str) -> dict[str, str | int | list[str]]:
        issued = int(at.timestamp())
        claims: dict[str, str | int | list[str]] = {
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
            claims |= {"post": self.post_id or "", "roles": list(self.roles)}
        if self.scopes:
            claims["scope"] = " ".join(self.scopes)
        return claims


def grant_for(person: Person) -> Grant:
    """A person's token opens every service: what they may do there is each service's own decision."""
    if person.kind is PersonKind.CITIZEN:
        return Grant(person.id, person.kind, SERVICES, language=person.language)
    return Grant(person.id, person.kind, SERVICES, language=person.language, post_id=person.post_id, roles=tuple(person.roles))
