"""How long what is kept, what falls due next, and what was deleted by which rule: for the ministry and auditors."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from services.portal.access import Asked, CurrentRetentionReader, Drawn
from services.portal.apis import SERVICES, Api, Service, or_none
from services.portal.rendering import Pages
from shared.texts import N_

router = APIRouter(prefix="/retention")
SHOWN = 60  # lines of the report: some nights

COUNTED_FROM = {
    "started": N_("from when it was begun"),
    "closed": N_("from when it was closed"),
    "settled": N_("from when it was sent or given up"),
    "issued": N_("from when it was issued"),
    "written": N_("from when it was written down"),
    "died": N_("from when it was given up"),
    "released": N_("from when it was released"),
    "ended": N_("from when it ended"),
    "done": N_("from when it was done"),
    "expires": N_("from when it is over"),
    "handled": N_("from when it was handled"),
    "asked": N_("from when it was asked for"),
    "used": N_("from when it was last used"),
}
THEN = {
    "delete": N_("deleted"),
    "delete-content": N_("its content is deleted; that there was one stays known"),
    "destroy-keys": N_("unreadable for ever, once its person asks for erasure"),
    "keep": N_("kept for ever"),
    "transfer": N_("kept for ever, or handed over to an archive"),
}
HELD = {
    "not-closed": N_("not closed"),
    "event-not-sent": N_("others were not told yet"),
    "still-valid": N_("the document is still valid"),
    "signed-late": N_("signed later than it was written"),
    "objection-open": N_("an objection is not answered"),
    "original-held": N_("an original was not given back"),
    "not-readable": N_("it cannot be read: a person must look at it"),
    "hold": N_("held by law"),
}
STATES = {"running": N_("runs"), "done": N_("done"), "failed": N_("given up")}


@dataclass(frozen=True, slots=True)
class Told:
    """Of one service; None: it did not answer."""

    service: Service
    rules: Mapping[str, Any] | None
    reports: Mapping[str, Any] | None


@router.get("")
async def overview(request: Request, pages: Drawn, api: Asked, _who: CurrentRetentionReader) -> Response:
    first, *rest = SERVICES  # where a token runs out, it is renewed once and not four times
    told = [await _of(api, first), *await asyncio.gather(*(_of(api, name) for name in rest))]
    lines = [line | {"service": one.service} for one in told if one.reports for line in one.reports["reports"]]
    lines.sort(key=lambda line: (str(line["run"]), str(line["began_at"])), reverse=True)
    return pages.render(
        request,
        "audit/retention.html",
        told=told,
        of_all=_of_all(told),
        lines=[line | {"held": _held(line["held"], request, pages)} for line in lines[:SHOWN]],
        counted_from=COUNTED_FROM,
        then=THEN,
        states=STATES,
    )


async def _of(api: Api, service: Service) -> Told:
    rules = await or_none(api.get(service, "/api/retention"))
    reports = await or_none(api.get(service, "/api/retention/reports")) if rules else None
    return Told(service, rules, reports)


def _of_all(told: list[Told]) -> set[str]:
    """Kinds that each service has: shown once."""
    kinds = [{rule["kind"] for rule in one.rules["rules"]} for one in told if one.rules]
    return set.intersection(*kinds) if len(kinds) > 1 else set()


def _held(held: Mapping[str, int], request: Request, pages: Pages) -> list[str]:
    words = {reason: HELD.get(reason) or HELD.get(reason.partition("-")[0], "") for reason in held}
    return [f"{pages.say(request, words[reason]) if words[reason] else reason}: {count}" for reason, count in held.items()]
