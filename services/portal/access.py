"""Who may open a page, and how often: dependencies of routes. What they may see there is decided by the APIs."""

from typing import Annotated

from fastapi import Depends, Request
from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import MovingWindowRateLimiter

from services.portal.apis import Api, SignedOut, api_of
from services.portal.rendering import Pages, pages_of
from services.portal.session import Person, session_of


class WrongAccount(Exception):
    """Signed in, but as somebody for whom this page is not."""


class TooManyTries(Exception):
    """An address tried too often."""


class Tries:
    """At most so many tries a minute from one address, of all that is limited. Counted in this process only."""

    def __init__(self, per_minute: int) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._limit = RateLimitItemPerMinute(per_minute)

    async def count(self, address: str) -> None:
        """Raises TooManyTries."""
        if not await self._limiter.hit(self._limit, address):
            raise TooManyTries


async def counted(request: Request) -> None:
    """For what anybody may try: signing in, and checking a document. Raises TooManyTries."""
    tries: Tries = request.app.state.tries
    await tries.count(request.client.host if request.client else "")


def person(request: Request) -> Person:
    who = session_of(request).person
    if who is None:
        raise SignedOut
    return who


def citizen(who: Annotated[Person, Depends(person)]) -> Person:
    if not who.is_citizen:
        raise WrongAccount
    return who


def officer(who: Annotated[Person, Depends(person)]) -> Person:
    if not who.is_officer:
        raise WrongAccount
    return who


def administrator(who: Annotated[Person, Depends(person)]) -> Person:
    if not who.is_administrator:
        raise WrongAccount
    return who


def audit_reader(who: Annotated[Person, Depends(person)]) -> Person:
    if not who.reads_audit:
        raise WrongAccount
    return who


def overseer(who: Annotated[Person, Depends(person)]) -> Person:
    if not who.reads_objections:
        raise WrongAccount
    return who


def answerer(who: Annotated[Person, Depends(person)]) -> Person:
    if not who.answers_rights:
        raise WrongAccount
    return who


def retention_reader(who: Annotated[Person, Depends(person)]) -> Person:
    if not who.reads_retention:
        raise WrongAccount
    return who


def grantor(who: Annotated[Person, Depends(person)]) -> Person:
    if not who.gives_roles:
        raise WrongAccount
    return who


CurrentPerson = Annotated[Person, Depends(person)]
CurrentCitizen = Annotated[Person, Depends(citizen)]
CurrentOfficer = Annotated[Person, Depends(officer)]
CurrentAdministrator = Annotated[Person, Depends(administrator)]
CurrentAuditReader = Annotated[Person, Depends(audit_reader)]
CurrentOverseer = Annotated[Person, Depends(overseer)]
CurrentAnswerer = Annotated[Person, Depends(answerer)]
CurrentRetentionReader = Annotated[Person, Depends(retention_reader)]
CurrentGrantor = Annotated[Person, Depends(grantor)]
Drawn = Annotated[Pages, Depends(pages_of)]
Asked = Annotated[Api, Depends(api_of)]
Counted = Depends(counted)
