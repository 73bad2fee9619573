"""Open to all: the keys that verify tokens, and the token endpoint, where a service shows its own credentials."""

from base64 import b64decode
from binascii import Error as BadBase64
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, unquote_plus

import structlog
from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse
from fastapi.security.http import HTTPBase

from services.identity.api.answers import NO_STORE
from services.identity.api.schemas import Token
from services.identity.domain.service_client import GrantRefused, ServiceClients
from services.identity.token_keys import TokenKeys

log = structlog.get_logger(__name__)

_FORM = {
    "type": "object",
    # RFC 6749, 3.2: what is not known here is ignored
    "additionalProperties": {"type": "string", "maxLength": 1000},
    "propertyNames": {"maxLength": 100},
    "maxProperties": 10,
    "required": ["grant_type", "scope", "audience"],
    "properties": {
        "grant_type": {"const": "client_credentials"},
        "scope": {"type": "string", "maxLength": 500, "description": "Separated by spaces"},
        "audience": {"type": "string", "maxLength": 64, "description": "The service that shall accept the token"},
    },
}
_KEY_SET: dict[str, Any] = {"content": {"application/jwk-set+json": {"schema": {"type": "object", "required": ["keys"]}}}}
_ERROR = {"type": "object", "required": ["error"], "properties": {"error": {"type": "string"}}}
_REFUSED: dict[int | str, dict[str, Any]] = {
    400: {"description": "RFC 6749, 5.2", "content": {"application/json": {"schema": _ERROR}}},
    401: {"description": "RFC 6749, 5.2: invalid_client", "content": {"application/json": {"schema": _ERROR}}},
}
_TOKEN_API = {
    "requestBody": {"required": True, "content": {"application/x-www-form-urlencoded": {"schema": _FORM}}},
}


_basic = HTTPBase(scheme="basic", scheme_name="clientCredentials", description="Client id and secret", auto_error=False)


def routes(keys: TokenKeys, clients: ServiceClients) -> APIRouter:
    router = APIRouter(tags=["tokens"])

    @router.get("/.well-known/jwks.json", response_class=Response, responses={200: _KEY_SET})
    async def token_keys() -> Response:
        """The public keys (RFC 7517). A verifier may remember them, and asks again for a kid it does not know."""
        headers = {"Cache-Control": "public, max-age=300"}
        return Response(keys.jwks_json, media_type="application/jwk-set+json", headers=headers)

    @router.post(
        "/oauth/token", response_model=Token, openapi_extra=_TOKEN_API, responses=_REFUSED, dependencies=[Depends(_basic)]
    )
    async def token(request: Request) -> JSONResponse:
        """Client credentials (RFC 6749, 4.4) with HTTP Basic: a token for one scope at one service. Errors: RFC 6749, 5.2."""
        try:
            asked = _asked(request.headers.get("content-type", ""), await request.body())
            client_id, secret = _credentials(request.headers.get("authorization", ""))
            grant = clients.grant(client_id, secret, scopes=asked.scopes, audience=asked.audience)
        except GrantRefused as refusal:
            log.warning("service_token_refused", error=refusal.error)
            return _refused(refusal.error)
        body = Token.of(keys.sign(grant), scope=" ".join(grant.scopes))
        return JSONResponse(body.model_dump(), headers=NO_STORE)

    return router


@dataclass(frozen=True, slots=True)
class _Asked:
    scopes: tuple[str, ...]
    audience: str


def _asked(content_type: str, body: bytes) -> _Asked:
    """Read the form. Raises GrantRefused."""
    if content_type.partition(";")[0].strip().lower() != "application/x-www-form-urlencoded":
        raise GrantRefused("invalid_request")
    try:
        form = parse_qs(body.decode("ascii"), max_num_fields=10, errors="strict")
    except ValueError:
        raise GrantRefused("invalid_request") from None
    if any(len(values) > 1 for values in form.values()) or not {"grant_type", "audience"} <= set(form):
        raise GrantRefused("invalid_request")
    if form["grant_type"] != ["client_credentials"]:
        raise GrantRefused("unsupported_grant_type")
    return _Asked(tuple(form.get("scope", [""])[0].split()), form["audience"][0])


def _credentials(authorization: str) -> tuple[str, str]:
    """Client id and secret from HTTP Basic, both form-encoded in it (RFC 6749, 2.3.1). Raises GrantRefused."""
    scheme, _, encoded = authorization.partition(" ")
    try:
        client_id, colon, secret = b64decode(encoded, validate=True).decode().partition(":")
    except (BadBase64, ValueError):
        raise GrantRefused("invalid_client") from None
    if scheme.lower() != "basic" or not colon:
        raise GrantRefused("invalid_client")
    return unquote_plus(client_id), unquote_plus(secret)


def _refused(error: str) -> JSONResponse:
    if error == "invalid_client":
        return JSONResponse({"error": error}, 401, headers={**NO_STORE, "WWW-Authenticate": 'Basic realm="eshik"'})
    return JSONResponse({"error": error}, 400, headers=NO_STORE)
