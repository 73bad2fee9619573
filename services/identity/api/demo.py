"""Signing in as one of the invented people. These routes exist on a local stack only."""

import asyncio

from fastapi import APIRouter, Response

from services.identity import queries
from services.identity.api.answers import NO_STORE
from services.identity.api.schemas import Account, Accounts, DemoSignIn, OpenSession
from services.identity.sessions import SessionTokens
from services.identity.use_cases.open_demo_session import OpenDemoSession, open_demo_session
from shared.errors import Unavailable
from shared.web.commands import RepeatableCommands, RequestQueries
from shared.web.description import also

SEED_WAIT_S = 1.5


def routes(tokens: SessionTokens, seeded: asyncio.Event) -> APIRouter:
    """seeded: set once the people of the file are in the database; requests that come sooner wait a moment."""
    router = APIRouter(prefix="/api/demo", tags=["demo"])

    @router.get("/accounts")
    async def demo_accounts(reads: RequestQueries) -> Accounts:
        await _wait_for(seeded)
        return Accounts(accounts=[Account.of(person) for person in await reads.run(queries.accounts)])

    @router.post("/sign-in", responses=also(404))
    async def demo_sign_in(body: DemoSignIn, commands: RepeatableCommands, response: Response) -> OpenSession:
        """A session without any proof of who asks: nobody here is real. 404 for an account that is not in the list."""
        await _wait_for(seeded)
        opened = await commands.run_repeatable(open_demo_session, OpenDemoSession(body.account, body.device))
        response.headers.update(NO_STORE)
        return OpenSession.of(opened, tokens.granted(opened, at=commands.at))

    return router


async def _wait_for(seeded: asyncio.Event) -> None:
    try:
        await asyncio.wait_for(seeded.wait(), SEED_WAIT_S)
    except TimeoutError:
        raise Unavailable("demo-people-not-there-yet") from None
