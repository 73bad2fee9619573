"""Who may open a page, and how often: dependencies of routes. What they may see there is decided by the APIs."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import Depends, Request

from services.portal.apis import Api, SignedOut, api_of
from services.portal.rendering import Pages, pages_of
from services.portal.session import Person, session_of
from shared.web.limiting import address_in
from shared.web.rates import TRIES, RateClass, Rates


class WrongAccount(Exception):
    """Signed in, but as somebody for whom this page is not."""


class TooManyTries(Exception):
    """An address tried too often. headers: what tells it when to come again."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        super().__init__("too-many-tries")
        self.headers = headers


class Tries:
    """At most so many tries a minute from one address, of all that is limited. Counted in this process; the API behind it, which
    is told the same address, counts them once more, so that a second portal doubles nothing."""

    def __init__(self, per_minute: int) -> None:
        self._rates = Rates("portal", per_address=0, per_account=0, tries=per_minute)
        self._tries = RateClass(TRIES, per_minute, 0)

    async def count(self, address: str) -> None:
        """Raises TooManyTries."""
        if over := await self._rates.count_address(address, self._tries):
            raise TooManyTries(over.headers)


async def counted(request: Request) -> None:
    """For what anybody may try: signing in, and checking a document. Raises TooManyTries."""
    tries: Tries = request.app.state.tries
    await tries.count(address_in(request.scope))


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


def answerer(who: Annotated[Person, Depends(person)]) -> Person:
    if not who.answers_rights:
        raise WrongAccount
    return who


def retention_reader(who: Annotated[Person, Depends(person)]) -> Person:
    if not who.reads_retention:
        raise WrongAccount
    return who


def overseer(who: Annotated[Person, Depends(person)]) -> Person:
    if not who.reads_objections:
        raise WrongAccount
    return who


def cash_reader(who: Annotated[Person, Depends(person)]) -> Person:
    if not who.reads_cash:
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
CurrentAnswerer = Annotated[Person, Depends(answerer)]
CurrentRetentionReader = Annotated[Person, Depends(retention_reader)]
CurrentOverseer = Annotated[Person, Depends(overseer)]
CurrentCashReader = Annotated[Person, Depends(cash_reader)]
CurrentGrantor = Annotated[Person, Depends(grantor)]
Drawn = Annotated[Pages, Depends(pages_of)]
Asked = Annotated[Api, Depends(api_of)]
Counted = Depends(counted)
