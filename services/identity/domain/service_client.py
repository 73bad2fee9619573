"""Our own services as OAuth 2.0 clients (RFC 6749, section 4.4): one narrow scope at one audience at a time."""

import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256

from services.identity.domain.access_token import Grant

AUDIENCE_OF_SCOPE = {
    "dossier:read": "applications",
    "cases:work": "applications",
    "terms:read": "applications",
    "contacts:read": "identity",
    "codes:read": "identity",
    "ledger:identity": "identity",
    "ledger:applications": "applications",
    "ledger:documents": "documents",
    "ledger:notifications": "notifications",
}
_NOBODY = sha256(b"no client has this secret").hexdigest()


class GrantRefused(Exception):
    """Why no token was given, as the error code of RFC 6749 (5.2) or RFC 8707 (2)."""

    def __init__(self, error: str) -> None:
        super().__init__(error)
        self.error = error


@dataclass(frozen=True, slots=True)
class ServiceClient:
    secret_sha256: str
    scopes: frozenset[str]


class ServiceClients:
    """All clients, by their id, which is the service's name."""

    def __init__(self, clients: Mapping[str, ServiceClient]) -> None:
        self._clients = clients

    def authenticate(self, client_id: str, secret: str) -> ServiceClient:
        """The client. Raises GrantRefused(invalid_client), after the same work for an unknown id as a wrong secret."""
        client = self._clients.get(client_id)
        expected = client.secret_sha256 if client else _NOBODY
        matches = hmac.compare_digest(sha256(secret.encode()).hexdigest(), expected)
        if client is None or not matches:
            raise GrantRefused("invalid_client")
        return client

    def grant(self, client_id: str, secret: str, *, scopes: Iterable[str], audience: str) -> Grant:
        """The token these credentials earn. Raises GrantRefused: invalid_client, invalid_scope, invalid_target."""
        client = self.authenticate(client_id, secret)
        wanted = tuple(sorted(set(scopes)))
        if not wanted or not set(wanted) <= client.scopes:
            raise GrantRefused("invalid_scope")
        if {AUDIENCE_OF_SCOPE.get(scope) for scope in wanted} != {audience}:
            raise GrantRefused("invalid_target")
        return Grant(client_id, "service", audience, scopes=wanted)
