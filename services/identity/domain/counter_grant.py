"""What an officer is given once it is known for whom they fill in at the counter: a word of identity's, for them alone."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from services.identity.domain.access_token import ISSUER, LIFETIME
from shared.actors import Assurance

KIND = "at-counter"  # of no account: nobody signs in with it
How = Literal["code", "counter"]


@dataclass(frozen=True, slots=True)
class CounterGrant:
    """officer_id: who alone may use it, and for this person alone. how: the person showed a code that was sent to them, or their
    papers."""

    person_id: str
    language: str
    assurance: Assurance
    officer_id: str
    how: How
    audience: str = "applications"

    def claims(self, *, at: datetime, token_id: str) -> dict[str, Any]:
        issued = int(at.timestamp())
        return {
            "iss": ISSUER,
            "aud": self.audience,
            "sub": self.person_id,
            "kind": KIND,
            "act": {"sub": self.officer_id},
            "how": self.how,
            "lang": self.language,
            "acr": self.assurance,
            "iat": issued,
            "exp": issued + int(LIFETIME.total_seconds()),
            "jti": token_id,
        }
