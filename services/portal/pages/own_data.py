"""A person's own data as a download: how much it is, and the zip, made while it is sent."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from services.portal.access import Asked, CurrentPerson, Drawn
from services.portal.apis import SERVICES, Api, ApiProblem, Service, or_none
from services.portal.forms import Faults
from services.portal.handing_on import HEADERS, HandedOn
from services.portal.own_copy import WITHIN_S, OwnCopy
from services.portal.own_copy_pages import TITLES
from services.portal.rendering import Pages
from shared.clock import clock_from
from shared.texts import N_

router = APIRouter(prefix="/my-data/export")
AT_ONCE, OF_ONE = 8, 2  # in this process, and of one account; each holds about a megabyte
STALLED_S = WITHIN_S + 60  # then its place is given to others: a browser may stop reading and stay
RECORD_BYTES = 600  # about what a record takes in the zip
NAME = N_("My data in Eshik")
TOO_MANY = "too-many-exports"


class Running:
    """How many downloads are on their way."""

    def __init__(self) -> None:
        self._of: Counter[str] = Counter()

    @contextmanager
    def one(self, account: str) -> Iterator[None]:
        """Raises ApiProblem 503 where there are as many as are let be: nobody takes all places."""
        if self._of.total() >= AT_ONCE or self._of[account] >= OF_ONE:
            raise ApiProblem(503, "busy", retry_after="30")
        self._of[account] += 1
        try:
            yield
        finally:
            self._of[account] -= 1
            if not self._of[account]:
                del self._of[account]


running = Running()


@dataclass
class Amount:
    """away: services that do not answer, so that it is more than this."""

    records: dict[Service, int] = field(default_factory=dict)
    files: int = 0
    bytes: int = 0
    away: list[Service] = field(default_factory=list)


@router.get("")
async def before(request: Request, pages: Drawn, api: Asked, _who: CurrentPerson) -> Response:
    return await _draw(request, pages, api, Faults())


@router.post("")
async def download(
    request: Request, pages: Drawn, api: Asked, who: CurrentPerson, key: Annotated[str, Form(max_length=128)] = ""
) -> Response:
    """Asked of identity first, which wants a sign-in of the last minutes and counts how often."""
    async with AsyncExitStack() as opened:
        opened.enter_context(running.one(who.account))
        await api.renew(lasts_s=WITHIN_S)
        try:
            await api.post("identity", "/api/me/data/exports", {}, key=key)
        except ApiProblem as problem:
            if problem.code != TOO_MANY:
                raise
            faults = Faults()
            faults.add_line(problem.detail)
            return await _draw(request, pages, api, faults, 429)
        return _zip(request, pages, api, opened)


def _zip(request: Request, pages: Pages, api: Api, opened: AsyncExitStack) -> Response:
    """opened: what ends with the download."""
    at = clock_from(request.app.state.settings.clock_file).now()
    name = f"{pages.say(request, NAME)} {at:%Y-%m-%d}.zip"
    headers = HEADERS | {
        "Content-Disposition": f"attachment; filename=\"eshik-{at:%Y-%m-%d}.zip\"; filename*=UTF-8''{quote(name)}"
    }
    pieces = OwnCopy(api, pages, at=at).pieces()
    opened.push_async_callback(pieces.aclose)
    return HandedOn(pieces, opened.pop_all(), media_type="application/zip", headers=headers, within_s=STALLED_S)


async def _draw(request: Request, pages: Pages, api: Api, faults: Faults, status: int = 200) -> Response:
    amount = await _amount(api)
    about = sum(amount.records.values()) * RECORD_BYTES + amount.bytes
    return pages.render(
        request, "my_data/export.html", status, amount=amount, about=about, titles=TITLES, faults=faults, path="/my-data/export"
    )


async def _amount(api: Api) -> Amount:
    async def of(service: Service) -> dict[str, Any] | None:
        found: dict[str, Any] | None = await or_none(api.get(service, "/api/me/data/summary"))
        return found

    first, *rest = SERVICES  # where a token runs out, it is renewed once and not four times
    found = dict(zip(SERVICES, [await of(first), *await asyncio.gather(*map(of, rest))], strict=True))
    amount = Amount(away=[name for name, told in found.items() if told is None])
    for name, told in found.items():
        if told is not None:
            amount.records[name] = sum(told["counts"].values())
            amount.files, amount.bytes = amount.files + told["files"], amount.bytes + told["bytes_of_files"]
    return amount
