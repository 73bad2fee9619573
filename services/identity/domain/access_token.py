"""What an access token says: who it is about, which one service it is for, and for how long (RFC 9068 without its media type)."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from services.identity.domain.grants import in_force
from services.identity.domain.person import Person, PersonKind
from services.identity.domain.session import Session
from shared.actors import Assurance

ISSUER = "eshik-identity"
LIFETIME = timedelta(minutes=15)
SERVICES = ("identity", "applications", "documents", "notifications")


@dataclass(frozen=True, slots=True)
class Grant:
    """The decision to give somebody a token for one service. Claims are made from it at the moment of signing."""

    subject: str
    kind: str  # citizen, officer or service
    audience: str
    language: str | None = None
    post_id: str | None = None
    grants: tuple[tuple[str, str], ...] = ()  # of an officer: role and post, those in force at signing
    scopes: tuple[str, ...] = ()
    session: Session | None = None  # of a person
    assurance: Assurance | None = None

    def claims(self, *, at: datetime, token_id: str) -> dict[str, Any]:
        issued = int(at.timestamp())
        claims: dict[str, Any] = {
            "iss": ISSUER,
            "aud": self.audience,
            "sub": self.subject,
            "kind": self.kind,
            "iat": issued,
            "exp": issued + int(LIFETIME.total_seconds()),
            "jti": token_id,
        }
        if self.session:
            opened = int(self.session.opened_at.timestamp())
            claims |= {"sid": self.session.id, "amr": list(self.session.methods), "auth_time": opened, "acr": self.assurance}
        if self.language:
            claims["lang"] = self.language
        if self.kind == PersonKind.OFFICER:
            claims |= {"post": self.post_id or "", "grants": [list(pair) for pair in self.grants]}
        if self.scopes:
            claims["scope"] = " ".join(self.scopes)
        return claims


def grant_for(person: Person, session: Session, audience: str, *, on: date) -> Grant:
    """A person gets a token for each service: what they may do there is each service's own decision.

    on: the day on which an officer's roles must be in force. What is known of who a person is, is the better of what this
    sign-in showed and what an officer saw.
    """
    officer = person.kind is PersonKind.OFFICER
    return Grant(
        person.id,
        person.kind,
        audience,
        language=person.language,
        post_id=person.post_id if officer else None,
        grants=in_force(person.grants, on) if officer else (),
        session=session,
        assurance=session.assurance if session.assurance.reaches(person.assurance) else person.assurance,
    )
