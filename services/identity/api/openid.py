"""Signing in with an account elsewhere: the ministry's for officers, a national e-ID for citizens."""

import hmac
import secrets
from collections.abc import Mapping

import pyotp
import structlog
from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field
from pymongo.errors import DuplicateKeyError

from services.identity.api.answers import NO_STORE
from services.identity.api.officer_invitations import Binding
from services.identity.api.schemas import Asked, Device, OpenSession
from services.identity.api.sign_in import SignIn, may_begin
from services.identity.domain.invitation import InvitationOver, invitation_of
from services.identity.domain.sign_in_secret import fingerprint
from services.identity.openid_client import OpenIdClient, OpenIdRefused
from services.identity.sessions import OpenedSession
from services.identity.use_cases.begin_openid import LIFETIME, BeginOpenid, Flow, begin_openid, use_flow
from services.identity.use_cases.open_invitation import OpenInvitation, open_invitation_once
from services.identity.use_cases.open_session_by_openid import OpenSessionByOpenid, open_session_by_openid
from shared.errors import NotAllowedNow
from shared.texts import N_
from shared.web.commands import Commands, RepeatableCommands, RequestQueries
from shared.web.description import also
from shared.web.problems import HttpProblem

log = structlog.get_logger(__name__)

_REFUSED = N_("The other account did not sign you in here. Begin again; if it stays so, choose another way to sign in.")
_UNKNOWN = N_("This account is of nobody who was invited here. Open the link of your invitation first, and sign in from there.")


class NotOffered(NotAllowedNow):
    code = "openid-not-offered"
    message = N_("This way to sign in is not offered here. Choose another.")


class ProviderView(BaseModel):
    id: str
    kind: str
    names: dict[str, str]


class Providers(BaseModel):
    providers: list[ProviderView]


class Beginning(Asked):
    invitation: str | None = Field(None, max_length=200, description="An invited officer's token: links this account to them")
    opened_with: Binding | None = Field(None, description="What the link was opened with, where this browser opened it before")


class SentThere(BaseModel):
    """Send the browser to authorization_url, and keep binding in it: without it the answer is worth nothing."""

    authorization_url: str
    binding: str
    expires_in: int


class CameBack(Asked):
    """What the provider sent the browser back with."""

    code: str = Field(min_length=1, max_length=4000)
    state: str = Field(min_length=1, max_length=200)
    binding: str = Field(min_length=1, max_length=64, pattern="^[A-Za-z0-9_-]+$")
    iss: str | None = Field(None, max_length=500, description="RFC 9207, where the provider says it")
    device: Device = ""


def routes(clients: Mapping[str, OpenIdClient], parts: SignIn) -> APIRouter:
    router = APIRouter(prefix="/api/openid", tags=["sign-in"])

    @router.get("/providers")
    async def providers() -> Providers:
        """With whose account one can sign in here."""
        found = [ProviderView(id=id_, kind=c.provider.kind, names={**c.provider.names}) for id_, c in clients.items()]
        return Providers(providers=found)

    @router.post("/{provider}/begin")
    async def begin(
        provider: str, body: Beginning, request: Request, commands: RepeatableCommands, reads: RequestQueries, response: Response
    ) -> SentThere:
        """Begin signing in there. 409 for a provider that is not in the settings, 503 while it does not answer, 429 past a
        limit."""
        client = _client(clients, provider)
        await may_begin(parts, request, commands, reads)
        invitation_id = None
        if body.invitation is not None and (invitation_id := invitation_of(body.invitation, parts.secret)) is None:
            raise InvitationOver
        flow_id, binding = commands.new_id(), secrets.token_urlsafe(32)
        url = await client.authorization_url(flow_id, invitation_id)
        if invitation_id:  # good in one browser, whichever way it is used
            opening = OpenInvitation(invitation_id, body.opened_with or binding, pyotp.random_base32())
            await commands.run_repeatable(open_invitation_once, opening)
        begun = BeginOpenid(flow_id, provider, binding, invitation_id)
        await commands.run_repeatable(begin_openid, begun, operation=commands.next_operation())
        response.headers.update(NO_STORE)
        return SentThere(authorization_url=url, binding=binding, expires_in=int(LIFETIME.total_seconds()))

    @router.post("/{provider}/finish", responses=also(401, 403))
    async def finish(
        provider: str, body: CameBack, commands: RepeatableCommands, reads: RequestQueries, response: Response
    ) -> OpenSession:
        """Come back with the code: once, from the browser that went. 401 whatever is wrong; 403 for an officer's account
        that nobody was invited for."""
        client = _client(clients, provider)
        flow_id = client.flow_of(body.state)
        flow = await reads.run(use_flow, flow_id, provider, at=commands.at) if flow_id else None
        try:
            opened = await _opened(client, flow, body, commands)
        except OpenIdRefused as refusal:
            log.warning("openid_refused", provider=provider, reason=refusal.reason)
            raise HttpProblem(401, "openid-refused", _REFUSED) from None
        if opened is None:
            raise HttpProblem(403, "openid-account-unknown", _UNKNOWN)
        response.headers.update(NO_STORE)
        return OpenSession.of(opened, parts.tokens.granted(opened, at=commands.at))

    return router


async def _opened(client: OpenIdClient, flow: Flow | None, body: CameBack, commands: Commands) -> OpenedSession | None:
    """Raises OpenIdRefused."""
    if flow is None:
        raise OpenIdRefused("flow")
    if not hmac.compare_digest(flow.binding, fingerprint(body.binding)):
        raise OpenIdRefused("binding")
    if body.iss is not None and body.iss != client.provider.issuer:
        raise OpenIdRefused("issuer")
    claims = await client.claims(flow.id, body.code, invitation_id=flow.invitation_id, at=commands.at)
    told = {field: str(claims.get(claim, ""))[:200] for field, claim in client.provider.claims.items()}
    command = OpenSessionByOpenid(
        client.name,
        client.provider.kind,
        claims["sub"],
        tuple(client.methods(claims)),
        client.provider.assurance,
        name=told.get("name", ""),
        language=told.get("language", "")[:2],
        invitation_id=flow.invitation_id,
        device=body.device,
    )
    try:
        return await commands.run_repeatable(open_session_by_openid, command)
    except DuplicateKeyError:  # the same person came twice at this moment
        return await commands.run_repeatable(open_session_by_openid, command, operation=commands.next_operation())


def _client(clients: Mapping[str, OpenIdClient], provider: str) -> OpenIdClient:
    """Raises NotOffered."""
    if provider not in clients:
        raise NotOffered
    return clients[provider]
