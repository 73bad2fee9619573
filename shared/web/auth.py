"""Route dependencies that say who is asking. Every route uses one of these or is listed as public."""

from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from shared.actors import CASE_ROLES, Citizen, Officer, ServiceCaller
from shared.errors import NotAllowed, SecondFactorNeeded
from shared.texts import N_
from shared.web.asking import remember_asker
from shared.web.limiting import COUNTED, Counted
from shared.web.problems import HttpProblem
from shared.web.tokens import Actor, InvalidToken, TokenVerifier

_bearer = HTTPBearer(auto_error=False, description="Access token of identity (ES256, 15 minutes)")
_SIGN_IN = N_("Sign in again: the access token is missing, expired, or meant for another service.")
_OTHER_KIND = N_("This is not open to your kind of account. Sign in with the right one.")
A = TypeVar("A", Citizen, Officer, ServiceCaller)


async def _actor(request: Request, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]) -> Actor:
    verifier: TokenVerifier = request.app.state.verifier
    try:
        if credentials is None:
            raise InvalidToken("token-missing")
        actor = await verifier.verify(credentials.credentials)
    except InvalidToken as error:
        challenge = {"WWW-Authenticate": 'Bearer realm="eshik"'}
        raise HttpProblem(401, error.reason, _SIGN_IN, headers=challenge) from None
    request.state.subject = actor.name if isinstance(actor, ServiceCaller) else actor.id
    request.state.language = getattr(actor, "language", "")
    remember_asker(request, actor, credentials.credentials)
    await _count(request, actor)
    return actor


async def _count(request: Request, actor: Actor) -> None:
    """Of people, whoever's proxy they come through; what our own processes ask is not counted. Raises HttpProblem 429."""
    counted: Counted | None = getattr(request.state, COUNTED, None)
    if counted and not isinstance(actor, ServiceCaller) and (refused := await counted.of_account(actor.id)):
        told = HttpProblem(refused.status, refused.code, refused.detail, headers=refused.headers)
        told.params = dict(refused.params)
        raise told


_Actor = Annotated[Actor, Depends(_actor)]


async def citizen(actor: _Actor) -> Citizen:
    return _of_kind(actor, Citizen)


def officer_with(*roles: str, strong: bool = False) -> Callable[[Actor], Awaitable[Officer]]:
    """A dependency that lets in officers who hold one of the roles anywhere. strong: only with a second factor.

    What they may do with one case or at one post is asked of the domain and of queries, by roles_at.
    """

    async def holder(actor: _Actor) -> Officer:
        found = _of_kind(actor, Officer)
        if not found.roles & set(roles):
            raise NotAllowed
        if strong and not found.second_factor:
            raise SecondFactorNeeded
        return found

    return holder


officer = officer_with(*CASE_ROLES)  # not an administrator or auditor alone, whatever their post


async def anybody(actor: _Actor) -> Citizen | Officer:
    if isinstance(actor, ServiceCaller):
        raise HttpProblem(403, "wrong-kind-of-account", _OTHER_KIND)
    return actor


async def person(actor: _Actor) -> Citizen | Officer:
    return await officer(actor) if isinstance(actor, Officer) else await anybody(actor)


def service_with(scope: str) -> Callable[[Actor], Awaitable[ServiceCaller]]:
    """A dependency that lets in a service of ours whose token carries the scope."""

    async def service(actor: _Actor) -> ServiceCaller:
        caller = _of_kind(actor, ServiceCaller)
        if scope not in caller.scopes:
            raise HttpProblem(403, "scope-missing", _OTHER_KIND)
        return caller

    return service


AUTHENTICATES = _actor  # what the architecture test looks for in each route
CurrentCitizen = Annotated[Citizen, Depends(citizen)]
CurrentOfficer = Annotated[Officer, Depends(officer)]
CurrentAdministrator = Annotated[Officer, Depends(officer_with("administrator"))]  # how the system runs, and no case
CurrentGrantor = Annotated[Officer, Depends(officer_with("administrator", "head", strong=True))]
CurrentPerson = Annotated[Citizen | Officer, Depends(person)]  # who may have to do with a case
SignedIn = Annotated[Citizen | Officer, Depends(anybody)]


def _of_kind(actor: Actor, kind: type[A]) -> A:
    if not isinstance(actor, kind):
        raise HttpProblem(403, "wrong-kind-of-account", _OTHER_KIND)
    return actor
