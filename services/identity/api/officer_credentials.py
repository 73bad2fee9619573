"""What an officer who is signed in has to sign in with, and new recovery codes in place of those that are used, lost or seen."""

from datetime import datetime

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from services.identity.api.answers import NO_STORE
from services.identity.api.officer_invitations import RecoveryCodes
from services.identity.domain.credentials import hash_recovery_code, new_recovery_codes
from services.identity.domain.sign_in_secret import SignInSecret
from services.identity.officers_queries import KnownOfficer, credentials_of
from services.identity.use_cases.renew_recovery_codes import RenewRecoveryCodes, renew_recovery_codes
from shared.actors import Citizen, Officer
from shared.errors import SecondFactorNeeded
from shared.texts import N_
from shared.web.auth import SignedIn
from shared.web.commands import RequestCommands, RequestQueries
from shared.web.problems import HttpProblem
from shared.web.recent import SignedInJustNow

_NO_PASSWORD = N_("You have no password here. You sign in with the ministry's account.")
_OFFICERS = N_("This is not open to your kind of account. Sign in with the right one.")


class OwnCredentials(BaseModel):
    has_password: bool
    password_set_at: datetime | None
    recovery_codes_left: int = Field(ge=0)


def routes(secret: SignInSecret) -> APIRouter:
    router = APIRouter(prefix="/api/me", tags=["officers"])

    @router.get("/credentials")
    async def own_credentials(who: SignedIn, reads: RequestQueries) -> OwnCredentials:
        """Without a password: they sign in with the ministry's account, or as one of the invented people."""
        known = await _known(who, reads)
        has = known is not None and known.credentials.password is not None
        left = len(known.credentials.recovery) if known else 0
        return OwnCredentials(
            has_password=has, password_set_at=known.credentials.set_at if known and has else None, recovery_codes_left=left
        )

    @router.post("/recovery-codes")
    async def take_new_codes(
        who: SignedInJustNow, commands: RequestCommands, reads: RequestQueries, response: Response
    ) -> RecoveryCodes:
        """Ten new ones, shown this once; those of before are worth nothing from now on. 409 for who has no password here."""
        known = await _known(who, reads)
        if isinstance(who, Officer) and not who.second_factor:
            raise SecondFactorNeeded
        if known is None or known.credentials.password is None:
            raise HttpProblem(409, "no-password", _NO_PASSWORD)
        codes = new_recovery_codes()
        hashes = [hash_recovery_code(code, secret) for code in codes]
        await commands.run_repeatable(renew_recovery_codes, RenewRecoveryCodes(who.id, hashes))
        response.headers.update(NO_STORE)
        return RecoveryCodes(login=known.person.login, recovery_codes=codes)

    return router


async def _known(who: Citizen | Officer, reads: RequestQueries) -> KnownOfficer | None:
    """Raises HttpProblem 403 for a citizen."""
    if not isinstance(who, Officer):
        raise HttpProblem(403, "wrong-kind-of-account", _OFFICERS)
    return await reads.run(credentials_of, who.id)
