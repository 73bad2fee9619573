"""What would keep a person's data here from being erased, for the person who thinks of asking for it."""

from collections.abc import Awaitable, Callable, Iterable

from fastapi import APIRouter, Request
from pydantic import BaseModel

from shared.mongo.database import Db
from shared.mongo.erasure import HOLDS
from shared.sealing.holds import hold_kinds
from shared.web.auth import CurrentCitizen
from shared.web.commands import RequestQueries
from shared.web.language import language_of

Reasons = Callable[[Db, str], Awaitable[Iterable[str]]]


class Hold(BaseModel):
    """account_stays: while it lasts, nothing is destroyed anywhere."""

    kind: str
    text: str
    account_stays: bool


class OwnHolds(BaseModel):
    holds: list[Hold]


def routes(reasons: Reasons) -> APIRouter:
    """reasons: kinds that the service sees itself in what it keeps of a person."""
    router = APIRouter(prefix="/api/me", tags=["rights"])

    @router.get("/holds")
    async def own_holds(by: CurrentCitizen, queries: RequestQueries, request: Request) -> OwnHolds:
        """Kinds of legal holds and open matters that this service has of you now, in words."""
        kinds, language = await queries.run(_kinds, by.id, reasons), language_of(request)
        known = [hold_kinds()[kind] for kind in kinds if kind in hold_kinds()]
        found = [Hold(kind=kind.name, text=kind.texts[language], account_stays=kind.account_stays) for kind in known]
        return OwnHolds(holds=found)

    return router


async def nothing_of_its_own(_db: Db, _person_id: str) -> list[str]:
    """Of a service that sees no reason by itself."""
    return []


async def _kinds(db: Db, person_id: str, reasons: Reasons) -> list[str]:
    open_ones = {"person_id": person_id, "released_at": None}
    by_hand = {row["kind"] async for row in db[HOLDS].find(open_ones, {"kind": 1})}
    return sorted({*by_hand, *await reasons(db, person_id)})
