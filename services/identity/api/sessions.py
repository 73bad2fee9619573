"""A person's sessions: going on with one, ending one or all of them, and the list of one's own."""

from fastapi import APIRouter, Request, Response

from services.identity import queries
from services.identity.api.answers import NO_STORE
from services.identity.api.schemas import Ended, OpenSession, OwnSession, OwnSessions, RefreshToken
from services.identity.sessions import SessionTokens
from services.identity.use_cases.end_session import EndAllSessions, EndSession, end_all_sessions, end_session
from services.identity.use_cases.renew_session import RenewSession, renew_session
from shared.errors import ConcurrentUpdate, NotFound
from shared.texts import N_
from shared.web.auth import SignedIn
from shared.web.commands import RepeatableCommands, RequestQueries
from shared.web.description import also
from shared.web.problems import HttpProblem
from shared.web.tokens import claims_of

_OVER = N_("You are signed out here. Sign in again.")


router = APIRouter(prefix="/api/sessions", tags=["sessions"])


def routes(tokens: SessionTokens) -> APIRouter:
    """Those for whoever holds a refresh token. The others are for whoever holds an access token."""
    shown_token = APIRouter(prefix="/api/sessions", tags=["sessions"])

    @shown_token.post("/refresh", responses=also(401))
    async def refresh(body: RefreshToken, commands: RepeatableCommands, response: Response) -> OpenSession:
        """New tokens for a refresh token, which is worth nothing after. The one before it, shown again within 30 seconds,
        gets the same successor; anything older ends the session. 401 where the session is over."""
        shown = tokens.shown(body.refresh_token)
        opened = None
        if shown:
            try:
                opened = await commands.run_repeatable(renew_session, RenewSession(*shown))
            except ConcurrentUpdate:  # two at once: the other one was faster, and this one is a repetition of it
                again = commands.next_operation()
                opened = await commands.run_repeatable(renew_session, RenewSession(*shown), operation=again)
        if opened is None:
            raise HttpProblem(401, "session-over", _OVER)
        response.headers.update(NO_STORE)
        return OpenSession.of(opened, tokens.granted(opened, at=commands.at))

    @shown_token.post("/end")
    async def end(body: RefreshToken, commands: RepeatableCommands) -> Ended:
        """Sign out here. Whoever holds a refresh token of the session, also one that was used before, may end it."""
        if (shown := tokens.shown(body.refresh_token)) is None:
            return Ended(ended=0)
        try:
            await commands.run_repeatable(end_session, EndSession(shown[0]))
        except NotFound:
            return Ended(ended=0)
        return Ended(ended=1)

    return shown_token


@router.post("/end-all")
async def end_all(who: SignedIn, commands: RepeatableCommands) -> Ended:
    """Sign out everywhere. Access tokens that are out already are good for up to 15 minutes more."""
    return Ended(ended=await commands.run_repeatable(end_all_sessions, EndAllSessions(who.id)))


@router.get("")
async def own_sessions(who: SignedIn, reads: RequestQueries, request: Request) -> OwnSessions:
    """Where one is signed in: when, how, and what one calls the device. The newest first."""
    here = claims_of(request.headers["authorization"].partition(" ")[2]).get("sid")
    now = request.app.state.runtime.clock.now()
    found = await reads.run(queries.live_sessions, who.id, at=now)
    return OwnSessions(sessions=[OwnSession.of(session, here=session.id == here) for session in found])


@router.post("/{session_id}/end")
async def end_one(session_id: str, who: SignedIn, commands: RepeatableCommands) -> Ended:
    """Sign out on one device of one's list. 404 for one that is not one's own."""
    await commands.run_repeatable(end_session, EndSession(session_id, person_id=who.id))
    return Ended(ended=1)
