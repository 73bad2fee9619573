"""Reading from another service of ours: a narrow token, a short time-out, one error for all that may heal by itself."""

import time
from collections.abc import Mapping
from typing import Any

import httpx
from opentelemetry.trace import SpanKind

from shared.config import Settings
from shared.errors import NotFound, Unavailable
from shared.spans import span
from shared.tracing import trace
from shared.web.tls import authorities

TIMEOUT_S = 5.0
TOKEN_MARGIN_S = 60


class ServiceUnavailable(Unavailable):
    """The other service, or identity, does not answer, or not as agreed."""


class ServiceCalls:
    """Calls one service. name: who we are at identity; scope: all that the token may be used for."""

    def __init__(self, settings: Settings, *, name: str, base_url: str, audience: str, scope: str) -> None:
        self._settings, self._name, self._audience, self._scope = settings, name, audience, scope
        self._client = httpx.AsyncClient(base_url=base_url, timeout=TIMEOUT_S, trust_env=False, verify=authorities())
        self._token, self._token_until = "", 0.0

    async def get(self, path: str, params: Mapping[str, str | list[str]] | None = None) -> httpx.Response:
        """Raises NotFound for 404, ServiceUnavailable for all else that is not a success."""
        return await self._answered("GET", path, {"params": params})

    async def post(self, path: str, question: Mapping[str, Any]) -> httpx.Response:
        """A question too long for an address. Raises like get."""
        return await self._answered("POST", path, {"json": question})

    async def _answered(self, method: str, path: str, content: Mapping[str, Any]) -> httpx.Response:
        try:
            response = await self._asked(method, path, content)
            if response.status_code == 401:  # the token ended sooner than it said: identity's keys or the clock have changed
                self._token_until = 0.0
                response = await self._asked(method, path, content)
        except httpx.HTTPError as error:
            raise ServiceUnavailable(f"{self._audience}-{type(error).__name__}") from error
        if response.status_code == 404:
            raise NotFound
        if not response.is_success:
            raise ServiceUnavailable(f"{self._audience}-{response.status_code}")
        return response

    async def _asked(self, method: str, path: str, content: Mapping[str, Any]) -> httpx.Response:
        authorization = {"Authorization": f"Bearer {await self._access_token()}"}
        with span(f"{method} {self._audience}", kind=SpanKind.CLIENT, attributes={"http.request.method": method}) as call:
            headers = {"X-Correlation-Id": trace().correlation_id, "traceparent": trace().traceparent}
            response = await self._client.request(method, path, headers=headers | authorization, **content)
            call.set_attribute("http.response.status_code", response.status_code)
        return response

    async def close(self) -> None:
        await self._client.aclose()

    async def _access_token(self) -> str:
        if time.monotonic() >= self._token_until:
            response = await self._client.post(
                f"{self._settings.identity_url.rstrip('/')}/oauth/token",
                auth=(self._name, self._settings.service_secret.get_secret_value()),
                data={"grant_type": "client_credentials", "scope": self._scope, "audience": self._audience},
            )
            if not response.is_success:
                raise ServiceUnavailable(f"identity-{response.status_code}")
            granted = response.json()
            self._token = granted["access_token"]
            self._token_until = time.monotonic() + granted["expires_in"] - TOKEN_MARGIN_S
        return self._token
