"""Searching the audit of all services, for auditors and heads of posts. What is searched for stands in no address."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.datastructures import FormData

from services.portal.access import Asked, CurrentAuditReader, Drawn
from services.portal.apis import SERVICES, Api, Service, or_none
from services.portal.csrf import form_of
from services.portal.days import PARTS, day_of
from services.portal.forms import TO_LANGUAGE, Faults
from services.portal.rendering import Pages
from shared.texts import N_

router = APIRouter(prefix="/audit")
TEXTS = ("case", "person", "officer", "act")
DAYS = ("since", "until")
SHOWN = 50
LONGEST = 200
ORDER = N_("The last day lies before the first.")


@dataclass(frozen=True, slots=True)
class Found:
    """rows: newest first, each with its service. away: services that did not answer. before: where each goes on."""

    rows: list[dict[str, Any]]
    away: list[str]
    before: dict[str, int]


@router.get("")
async def search_page(request: Request, pages: Drawn, _who: CurrentAuditReader) -> Response:
    return _draw(request, pages, {}, Faults())


@router.post("")
async def search(request: Request, pages: Drawn, api: Asked, _who: CurrentAuditReader) -> Response:
    """The entries of all services together. Each search is an entry itself, in each service."""
    form, faults = await form_of(request), Faults()
    typed = {name: str(form.get(name, "")).strip()[:LONGEST] for name in TEXTS}
    typed |= {f"{name}-{part}": str(form.get(f"{name}-{part}", "")).strip()[:4] for name in DAYS for part in PARTS}
    days = {name: day_of(request, pages, typed, name, faults) for name in DAYS}
    if days["since"] and days["until"] and days["until"] < days["since"]:
        faults.add("until", pages.say(request, ORDER), target="until-day")
    if faults:
        return _draw(request, pages, typed, faults, status=422)
    if form.get("then") == TO_LANGUAGE and not form.get("found"):
        return _draw(request, pages, typed, faults)
    found = await _found(api, typed, days, _before(form))
    return _draw(request, pages, typed, faults, found=found)


async def _found(api: Api, typed: dict[str, str], days: dict[str, date | None], before: dict[str, int]) -> Found:
    """Of each service as many as are shown, for all may be of one; where the next page begins follows from what was shown."""
    asked: dict[str, Any] = {name: typed[name] for name in TEXTS if typed[name]} | {"limit": SHOWN}
    if since := days["since"]:
        asked["since"] = datetime.combine(since, time(), UTC).isoformat()
    if until := days["until"]:
        asked["until"] = (datetime.combine(until, time(), UTC) + timedelta(days=1, microseconds=-1)).isoformat()

    async def of(service: Service) -> dict[str, Any] | None:
        place = {"before": before[service]} if service in before else {}
        answer: dict[str, Any] | None = await or_none(api.post(service, "/api/audit/searches", asked | place))
        return answer

    names = [name for name in SERVICES if not before or name in before]
    first, *rest = names  # where a token runs out, it is renewed once and not four times
    answers = dict(zip(names, [await of(first), *await asyncio.gather(*(of(name) for name in rest))], strict=True))
    rows = [line | {"service": name} for name, page in answers.items() if page for line in page["entries"]]
    rows.sort(key=lambda row: str(row["entry"]["at"]), reverse=True)
    shown, left = rows[:SHOWN], rows[SHOWN:]
    further = {}
    for name, page in answers.items():
        if page and (page["next"] or any(row["service"] == name for row in left)):
            numbers = [row["number"] for row in shown if row["service"] == name]
            place = (
                min(numbers) if numbers else before.get(name) or max(row["number"] for row in left if row["service"] == name) + 1
            )
            further[name] = place
    return Found(shown, [name for name, page in answers.items() if page is None], further)


def _before(form: FormData) -> dict[str, int]:
    given = {name: str(form.get(f"before-{name}", "")) for name in SERVICES}
    return {name: int(text) for name, text in given.items() if text.isascii() and text.isdecimal() and int(text[:15]) > 0}


def _draw(
    request: Request, pages: Pages, typed: dict[str, str], faults: Faults, *, found: Found | None = None, status: int = 200
) -> Response:
    return pages.render(
        request, "audit/search.html", status, typed=typed, faults=faults, found=found, path="/audit", language_form="search-form"
    )
