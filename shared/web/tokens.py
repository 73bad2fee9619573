"""Access tokens: ES256 JWTs of identity, checked against its published keys. What a token says becomes an actor."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from math import inf
from typing import Any

import httpx
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from shared.actors import Assurance, Citizen, CounterGrant, Officer, ServiceCaller
from shared.base64url import from_base64url
from shared.clock import Clock
from shared.errors import Unavailable
from shared.web.tls import authorities

ISSUER = "eshik-identity"
KEYS_KEPT_S = 300.0
REFRESH_AT_MOST_EVERY_S = 5.0

_KNOWN = frozenset({"pwd", "pin", "kba"})  # RFC 8176, by what one must have to show it
_HELD = frozenset({"otp", "hwk", "swk", "pop", "sc", "sms", "tel"})
_BODY = frozenset({"face", "fpt", "iris", "retina", "vbm"})

Actor = Citizen | Officer | ServiceCaller
FetchKeys = Callable[[], Awaitable[dict[str, Any]]]


class InvalidToken(Exception):
    """The token is missing, expired, for someone else, or not signed by identity. reason: a code."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class KeysUnavailable(Unavailable):
    """Identity's keys cannot be had and none is remembered."""


class TokenVerifier:
    """Checks tokens for one audience. Remembered keys go on working while identity is away."""

    def __init__(self, audience: str, fetch_keys: FetchKeys, clock: Clock, *, local_stack: bool = False) -> None:
        """local_stack: there the demo's sign-in counts as two factors."""
        self._audience, self._fetch, self._clock, self._local_stack = audience, fetch_keys, clock, local_stack
        self._keys: KeySet | None = None
        self._fetched_at = -KEYS_KEPT_S
        self._failed_at = -inf
        self._refreshing = asyncio.Lock()

    async def verify(self, token: str) -> Actor:
        """Raises InvalidToken, or KeysUnavailable where nothing is known of identity's keys."""
        claims = self._valid(await self._signed(token), "citizen", "officer", "service")
        try:
            return actor_of(claims, local_stack=self._local_stack)
        except (KeyError, TypeError, ValueError):
            raise InvalidToken("token-not-valid-here-or-now") from None

    async def verify_counter_grant(self, token: str) -> CounterGrant:
        """The same for what an officer was given for a person at the counter."""
        claims = self._valid(await self._signed(token), "at-counter")
        try:
            person = Citizen(claims["sub"], str(claims["lang"]), Assurance(claims["acr"]))
            return CounterGrant(person, str(claims["act"]["sub"]), "code" if claims["how"] == "code" else "counter")
        except (KeyError, TypeError, ValueError):
            raise InvalidToken("token-not-valid-here-or-now") from None

    async def _signed(self, token: str) -> dict[str, Any]:
        # who could do with the remembered keys does not wait for another who asks for new ones: identity may hang
        known = self._keys if self._refreshing.locked() else None
        keys = known or await self._known_keys(older_than_s=KEYS_KEPT_S)
        try:
            return _decode(token, keys)
        except (JoseError, ValueError):
            # perhaps a new key: ask once more, at most every few seconds
            try:
                return _decode(token, await self._known_keys(older_than_s=REFRESH_AT_MOST_EVERY_S))
            except (JoseError, ValueError):
                raise InvalidToken("token-invalid") from None

    def _valid(self, claims: dict[str, Any], *kinds: str) -> dict[str, Any]:
        registry = jwt.JWTClaimsRegistry(
            now=lambda: int(self._clock.now().timestamp()),
            leeway=30,
            iss={"essential": True, "value": ISSUER},
            aud={"essential": True, "value": self._audience},
            sub={"essential": True},
            exp={"essential": True},
            kind={"essential": True, "values": [*kinds]},
        )
        try:
            registry.validate(claims)
        except JoseError:
            raise InvalidToken("token-not-valid-here-or-now") from None
        return claims

    async def _known_keys(self, *, older_than_s: float) -> KeySet:
        async with self._refreshing:
            now = time.monotonic()
            failed_just_now = self._keys is not None and now - self._failed_at < REFRESH_AT_MOST_EVERY_S
            if now - self._fetched_at >= older_than_s and not failed_just_now:
                try:
                    self._keys = KeySet.import_key_set(await self._fetch())  # type: ignore[arg-type]
                    self._fetched_at = time.monotonic()
                except (httpx.HTTPError, ValueError, JoseError):
                    self._failed_at = time.monotonic()
                    if self._keys is None:
                        raise KeysUnavailable("token-keys") from None
            if self._keys is None:
                raise KeysUnavailable("token-keys")
            return self._keys


def actor_of(claims: Mapping[str, Any], *, local_stack: bool = False) -> Actor:
    """Who the claims of a verified token speak of. Raises KeyError, TypeError or ValueError for claims that we never make."""
    language = str(claims.get("lang", "ky"))
    match claims["kind"]:
        case "citizen":
            return Citizen(claims["sub"], language, Assurance(claims.get("acr", Assurance.SELF_ASSERTED)))
        case "officer":
            strong = has_second_factor([*claims.get("amr", ())], local_stack=local_stack)
            return Officer(claims["sub"], str(claims["post"]), _grants(claims), language, strong)
        case _:
            return ServiceCaller(claims["sub"], frozenset(str(claims.get("scope", "")).split()))


def has_second_factor(methods: Sequence[str], *, local_stack: bool) -> bool:
    """methods: RFC 8176. Of two different kinds, because two of one kind are lost with one thing; or mfa, as of a passkey whose
    device made sure of its owner; on a local stack also the demo, where nobody is real."""
    shown = set(methods)
    of_kinds = sum(not kind.isdisjoint(shown) for kind in (_KNOWN, _HELD, _BODY))
    return of_kinds >= 2 or "mfa" in shown or (local_stack and "demo" in shown)


def _grants(claims: Mapping[str, Any]) -> frozenset[tuple[str, str]]:
    return frozenset((str(role), str(post)) for role, post in claims["grants"])


def keys_of(identity_url: str) -> FetchKeys:
    """How to read identity's key set (RFC 7517) over HTTP."""

    async def fetch() -> dict[str, Any]:
        async with httpx.AsyncClient(timeout=1.5, trust_env=False, verify=authorities()) as client:
            response = await client.get(f"{identity_url.rstrip('/')}/.well-known/jwks.json")
            response.raise_for_status()
            keys: dict[str, Any] = response.json()
            return keys

    return fetch


def claims_of(verified: str) -> dict[str, Any]:
    """What a token says that was verified before."""
    body = verified.split(".")[1]
    claims: dict[str, Any] = json.loads(from_base64url(body))
    return claims


def expiry_of(verified: str) -> datetime:
    """When a token that was verified expires; for answers that last."""
    return datetime.fromtimestamp(claims_of(verified)["exp"], UTC)


def _decode(token: str, keys: KeySet) -> dict[str, Any]:
    return dict(jwt.decode(token, keys, algorithms=["ES256"]).claims)
