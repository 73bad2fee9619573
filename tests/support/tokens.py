"""Tokens like identity's, for tests of one service alone: a key made here, and the key set to check them with."""

from datetime import timedelta
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from shared.actors import grants_at
from shared.clock import Clock
from shared.web.tokens import ISSUER

AUDIENCES = ["identity", "applications", "documents", "notifications"]


class TestTokens:
    __test__ = False

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._key = ECKey.generate_key("P-256", auto_kid=True)

    async def keys(self) -> dict[str, Any]:
        return dict(KeySet([self._key]).as_dict(private=False))

    def citizen(self, person_id: str = "aigul", language: str = "ky", **claims: object) -> dict[str, str]:
        """One whose papers were seen."""
        return self._header({"sub": person_id, "kind": "citizen", "lang": language, "acr": "counter-seen", **claims})

    def officer(self, person_id: str, *roles: str, post: str = "yek", **claims: object) -> dict[str, str]:
        """With these roles at the post, signed in with two factors."""
        granted = {"post": post, "grants": sorted(map(list, grants_at(post, roles or ("intake",)))), "amr": ["pwd", "otp"]}
        signed = self._header({"sub": person_id, "kind": "officer", "lang": "ru", **granted, **claims})
        return signed | {"Eshik-Access-Reason": "covering-for-colleague"}  # what they may see is the question of most tests

    def counter_grant(self, person_id: str, officer_id: str, how: str = "counter", **claims: object) -> str:
        """Identity's word that this officer fills in for this person."""
        said: dict[str, object] = {"sub": person_id, "kind": "at-counter", "act": {"sub": officer_id}, "how": how}
        said |= {"lang": "ky", "acr": "counter-seen"}
        return self._header({**said, **claims})["Authorization"].removeprefix("Bearer ")

    def service(self, name: str, scope: str, **claims: object) -> dict[str, str]:
        return self._header({"sub": name, "kind": "service", "scope": scope, **claims})

    def _header(self, claims: dict[str, object]) -> dict[str, str]:
        now = self._clock.now()
        default = {"iss": ISSUER, "aud": AUDIENCES, "iat": now, "exp": now + timedelta(minutes=15)}
        default["auth_time"] = int(now.timestamp())
        token = jwt.encode({"alg": "ES256", "kid": self._key.kid}, {**default, **claims}, self._key)
        return {"Authorization": f"Bearer {token}"}
