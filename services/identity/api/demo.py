"""Signing in as one of the invented people. These routes exist on a local stack only."""

import asyncio

from fastapi import APIRouter

from services.identity import queries
from services.identity.api.schemas import Account, Accounts, DemoSession, DemoSignIn, Token
from services.identity.domain.access_token import grant_for
from services.identity.token_keys import TokenKeys
from shared.errors import Unavailable
from shared.web.commands import RequestQueries

SEED_WAIT_S = 1.5


def routes(keys: TokenKeys, seeded: asyncio.Event) -> APIRouter:
    """seeded: set once the people of the file are in the database; requests that come sooner wait a moment."""
    router = APIRouter(prefix="/api/demo", tags=["demo"])

    @router.get("/accounts")
    async def demo_accounts(reads: RequestQueries) -> Accounts:
        await _wait_for(seeded)
        return Accounts(accounts=[Account.of(person) for person in await reads.run(queries.accounts)])

    @router.post("/sign-in")
    async def demo_sign_in(body: DemoSignIn, reads: RequestQueries) -> DemoSession:
        """A token without any proof of who asks: nobody here is real. 404 for an account that is not in the list."""
        await _wait_for(seeded)
        person = await reads.run(queries.person_of_account, body.account)
        token = Token.of(keys.sign(grant_for(person, on=keys.now().date(), methods=["demo"])))
        return DemoSession(**token.model_dump(), person=Account.of(person))

    return router


async def _wait_for(seeded: asyncio.Event) -> None:
    try:
        await asyncio.wait_for(seeded.wait(), SEED_WAIT_S)
    except TimeoutError:
        raise Unavailable("demo-people-not-there-yet") from None
