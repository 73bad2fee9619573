"""One provider's side of OpenID Connect, spoken with Authlib: authorization code with PKCE, state and nonce.

State, nonce and the verifier of PKCE are derived from the flow's id under identity's secret, so none of them is stored.
"""

import asyncio
import hmac
import json
import time
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import httpx
import httpx2  # what Authlib speaks HTTP with
from authlib.integrations.base_client import OAuthError  # type: ignore[import-untyped]
from authlib.integrations.httpx_client import AsyncOAuth2Client  # type: ignore[import-untyped]
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from pydantic import BaseModel, ConfigDict, ValidationError

from services.identity.domain.sign_in_secret import SignInSecret
from services.identity.openid_providers import Provider
from shared.base64url import base64url
from shared.errors import Unavailable
from shared.web.tls import authorities

TIMEOUT_S = 4.0
KEPT_S = 600.0
KEYS_AT_MOST_EVERY_S = 5.0
AWAY_S = 5.0  # nobody waits in line for a provider that did not answer just now
LEEWAY_S = 30
LARGEST = 512 * 1024  # of what a provider says of itself
METHODS = frozenset({"pwd", "otp", "hwk", "mfa"})  # of RFC 8176, those that we count


class OpenIdRefused(Exception):
    """What came back signs nobody in. reason: a code."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class ProviderAway(Unavailable):
    """The provider does not answer, or not as a provider does."""


class _Metadata(BaseModel):
    """OpenID Connect Discovery 1.0, section 3: what we use of it."""

    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str


class OpenIdClient:
    def __init__(self, name: str, provider: Provider, *, redirect_uri: str, secret: SignInSecret, max_age_s: int = 600) -> None:
        """max_age_s: how long ago somebody may have signed in there: our sign-in counts as one of this moment."""
        self.name, self.provider, self._redirect_uri, self._secret = name, provider, redirect_uri, secret
        self._max_age_s = max_age_s
        self._metadata: _Metadata | None = None
        self._keys: KeySet | None = None
        self._metadata_at = self._keys_at = -KEPT_S
        self._away_at = -AWAY_S
        self._asking = asyncio.Lock()

    async def authorization_url(self, flow_id: str, invitation_id: str | None = None) -> str:
        """Where the browser is sent. invitation_id: what the flow is to link an account to. Raises ProviderAway."""
        metadata = await self._known_metadata()
        async with self._client() as client:
            url, _ = client.create_authorization_url(
                metadata.authorization_endpoint,
                state=self.state(flow_id),
                nonce=self._nonce(flow_id, invitation_id),
                code_verifier=self._derived("verifier", flow_id),
                max_age=self._max_age_s,
            )
        return str(url)

    def state(self, flow_id: str) -> str:
        return f"{flow_id}.{self._derived('state', flow_id)}"

    def flow_of(self, state: str) -> str | None:
        """None for a state that was not made here, for this provider."""
        flow_id = state.partition(".")[0]
        return flow_id if hmac.compare_digest(self.state(flow_id).encode(), state.encode()) else None

    async def claims(self, flow_id: str, code: str, *, invitation_id: str | None = None, at: datetime) -> dict[str, Any]:
        """What the provider says of who signed in there. Raises OpenIdRefused, ProviderAway."""
        metadata = await self._known_metadata()
        try:
            async with self._client() as client:
                answer = await client.fetch_token(
                    metadata.token_endpoint, code=code, code_verifier=self._derived("verifier", flow_id)
                )
        except OAuthError:
            raise OpenIdRefused("code-refused") from None
        except (httpx2.HTTPError, ValueError):
            raise ProviderAway("openid-token") from None
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise OpenIdRefused("no-id-token")
        claims = await self._verified(token)
        self._check(claims, self._nonce(flow_id, invitation_id), at)
        return claims

    async def _verified(self, token: str) -> dict[str, Any]:
        for patience in (KEPT_S, KEYS_AT_MOST_EVERY_S):  # perhaps a new key: ask once more
            keys = await self._known_keys(patience)
            try:
                return dict(jwt.decode(token, keys, algorithms=list(self.provider.algorithms)).claims)
            except (JoseError, ValueError):
                continue
        raise OpenIdRefused("signature")

    def _nonce(self, flow_id: str, invitation_id: str | None) -> str:
        """Of both: who can write the database could else put somebody's open invitation into a flow of their own."""
        return self._derived("nonce", f"{flow_id}:{invitation_id}" if invitation_id else flow_id)

    def _check(self, claims: dict[str, Any], nonce: str, at: datetime) -> None:
        """OpenID Connect Core 1.0, 3.1.3.7. Raises OpenIdRefused."""
        registry = jwt.JWTClaimsRegistry(
            now=lambda: int(at.timestamp()),
            leeway=LEEWAY_S,
            iss={"essential": True, "value": self.provider.issuer},
            aud={"essential": True, "value": self.provider.client_id},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
            nonce={"essential": True, "value": nonce},
        )
        try:
            registry.validate(claims)
        except JoseError as error:
            raise OpenIdRefused(f"claim-{getattr(error, 'claim', 'unknown')}") from None
        several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
        if (several or "azp" in claims) and claims.get("azp") != self.provider.client_id:
            raise OpenIdRefused("claim-azp")
        signed_in_at = claims.get(
            "auth_time", int(at.timestamp())
        )  # who was asked for max_age says it, and is believed otherwise
        if not isinstance(signed_in_at, int | float) or at.timestamp() - signed_in_at > self._max_age_s + LEEWAY_S:
            raise OpenIdRefused("claim-auth_time")
        if not isinstance(claims["sub"], str) or not 0 < len(claims["sub"]) <= 255:
            raise OpenIdRefused("claim-sub")

    def methods(self, claims: dict[str, Any]) -> list[str]:
        told = claims.get("amr")
        counted = sorted(METHODS & {*told}) if self.provider.trust_methods and isinstance(told, list) else []
        return counted or ["openid"]

    async def _known_metadata(self) -> _Metadata:
        async with self._asking:
            if time.monotonic() - self._metadata_at >= KEPT_S:
                if time.monotonic() - self._away_at < AWAY_S:
                    raise ProviderAway("openid-provider")
                try:
                    found = await self._got(f"{self.provider.issuer.rstrip('/')}/.well-known/openid-configuration")
                except ProviderAway:
                    self._away_at = time.monotonic()
                    raise
                try:
                    metadata = _Metadata.model_validate_json(found)
                except ValidationError:
                    raise ProviderAway("openid-metadata") from None
                addresses = (metadata.authorization_endpoint, metadata.token_endpoint, metadata.jwks_uri)
                if metadata.issuer != self.provider.issuer or not all(map(self.provider.is_at_home, addresses)):
                    raise ProviderAway("openid-metadata-of-another")
                self._metadata, self._metadata_at = metadata, time.monotonic()
            assert self._metadata  # noqa: S101 (known, or made above)
            return self._metadata

    async def _known_keys(self, patience_s: float) -> KeySet:
        metadata = await self._known_metadata()
        async with self._asking:
            if self._keys is None or time.monotonic() - self._keys_at >= patience_s:
                try:
                    self._keys = KeySet.import_key_set(json.loads(await self._got(metadata.jwks_uri)))
                except (ValueError, JoseError, KeyError):
                    raise ProviderAway("openid-keys") from None
                self._keys_at = time.monotonic()
            return self._keys

    async def _got(self, url: str) -> bytes:
        try:
            async with (
                httpx.AsyncClient(timeout=TIMEOUT_S, trust_env=False, verify=authorities(), follow_redirects=False) as client,
                client.stream("GET", url) as answer,
            ):
                answer.raise_for_status()  # which a redirect is an error for
                content = bytearray()
                async for piece in answer.aiter_bytes():
                    content += piece
                    if len(content) > LARGEST:
                        raise ProviderAway("openid-too-large")
                return bytes(content)
        except httpx.HTTPError:
            raise ProviderAway("openid-provider") from None

    def _client(self) -> AsyncOAuth2Client:
        return AsyncOAuth2Client(
            client_id=self.provider.client_id,
            client_secret=self.provider.secret(),
            scope=self.provider.scope,
            redirect_uri=self._redirect_uri,
            code_challenge_method="S256",
            timeout=TIMEOUT_S,
            trust_env=False,
            verify=authorities(),
        )

    def _derived(self, what: str, flow_id: str) -> str:
        mac = hmac.digest(self._secret.key("openid"), f"{what}:{self.name}:{flow_id}".encode(), "sha256")
        return base64url(mac)


def clients_of(
    providers: Mapping[str, Provider], pages_url: str, secret: SignInSecret, max_age_s: int
) -> Mapping[str, OpenIdClient]:
    """Each sends people back to a page of its own name."""
    return {
        name: OpenIdClient(name, provider, redirect_uri=f"{pages_url}/sign-in/openid/{name}", secret=secret, max_age_s=max_age_s)
        for name, provider in providers.items()
    }
