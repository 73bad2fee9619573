"""Looking at a person's data: an entry of the audit is written before the answer leaves, with the reason.

A route takes RequestLooks and calls it once it knows what it is about to show; where no entry can be written, nothing is shown:

    await looks("application:view", about={"case": id, "person": citizen_id, "post": post_id}, at_work=at_work(case, by))

A person's look at their own data is no entry. An officer who works on the case needs no word; any other gives a reason of the
list in the header Eshik-Access-Reason, and is asked for it by 428 where it is missing.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated
from uuid import uuid4

from fastapi import Depends, Header, Request

from shared.audit.entry import About, Kind, Who
from shared.audit.reasons import UNCHOSEN, WORKING, all_reasons, reasons_to_choose
from shared.contracts.http import WorkOnCase
from shared.errors import NotFound, Unavailable
from shared.mongo.audit import AUDIT, audit_row
from shared.mongo.database import REQUEST_TIMEOUT_S, bounded
from shared.runtime import Runtime
from shared.texts import N_
from shared.tracing import trace
from shared.web.asking import asker, asking_officer
from shared.web.language import language_of
from shared.web.problems import HttpProblem

HEADER = "Eshik-Access-Reason"
REASON_NEEDED = "access-reason-needed"
_SAY_WHY = N_("You do not work on this case. Choose why you look at it; the applicant can see who looked, and why.")


class Looks:
    """For one request."""

    def __init__(self, request: Request, given: str | None) -> None:
        self._request, self._given = request, given

    async def __call__(
        self,
        act: str,
        *,
        about: About,
        at_work: bool | None = None,
        reason: str | None = None,
        role: str | None = None,
    ) -> None:
        """about: person is whose data it is. at_work: the officer needs no reason of the list; None: this service does not know
        the case, and asks the one that does where the officer says that they work on it. reason: of a service, or of what is no
        single case.

        Raises HttpProblem 428 with the list, or DatabaseUnavailable.
        """
        who = asker(self._request)
        if who is None or (who.kind == "citizen" and who.id == about.get("person")):
            return
        if who.kind == "officer" and reason is None:
            reason = await self._reason(at_work, about.get("case"))
        await self._write(act, [about], who, reason, role)

    async def of_each(self, act: str, abouts: Sequence[About], *, role: str | None = None) -> None:
        """Of several at once, as a search finds them, for a reason of the list: nobody works on all that they search among.

        Raises HttpProblem 428 with the list, or DatabaseUnavailable: then some may be written, and nothing is shown.
        """
        if (who := asker(self._request)) is not None:
            await self._write(act, abouts, who, await self._reason(at_work=False, case=None), role)

    async def _write(self, act: str, abouts: Sequence[About], who: Who, reason: str | None, role: str | None) -> None:
        runtime: Runtime = self._request.app.state.runtime
        who = replace(who, role=role or who.role)
        at, request_id = runtime.clock.now(), trace().correlation_id
        rows = [
            audit_row(str(uuid4()), at, who, act, about, kind=Kind.LOOK, reason=reason, request=request_id) for about in abouts
        ]
        await bounded(runtime.database.db[AUDIT].insert_many(rows), REQUEST_TIMEOUT_S)

    async def _reason(self, at_work: bool | None, case: object) -> str:
        given = all_reasons().get(self._given or "")
        if given and given.given_by == "officer" and given.chosen:
            return given.code
        if given and given.code in UNCHOSEN and case and await self._is_so(given.code, at_work, str(case)):
            return given.code
        if at_work:
            return WORKING
        language = language_of(self._request)
        offered = [{"code": reason.code, "text": reason.texts[language]} for reason in reasons_to_choose()]
        raise HttpProblem(428, REASON_NEEDED, _SAY_WHY, more={"reasons": offered})

    async def _is_so(self, reason: str, at_work: bool | None, case: str) -> bool:
        """What no list offers is not believed: who works on a case, and who has just acted on it, is known by the service that
        has it. While that one is away, the officer chooses a reason."""
        if reason == WORKING and at_work is not None:
            return at_work
        officer, ask = asking_officer(self._request), getattr(self._request.app.state, "at_work", None)
        if officer is None or ask is None:
            return False
        try:
            work: WorkOnCase = await ask(case, officer)
        except (NotFound, Unavailable):
            return False
        return work.at_work if reason == WORKING else work.acted_now


# async: a plain function is sent to a thread
async def _looks(
    request: Request,
    reason: Annotated[
        str | None, Header(alias=HEADER, max_length=64, description="Why an officer looks who does not work on the case: a code")
    ] = None,
) -> Looks:
    return Looks(request, reason)


RECORDS = _looks  # what the architecture test looks for in each route that shows somebody else's data
RequestLooks = Annotated[Looks, Depends(_looks)]
