"""Searching the audit of all services, for auditors and heads of posts. What is searched for stands in no address."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from services.portal import audit_csv
from services.portal.access import Asked, CurrentAuditReader, Drawn
from services.portal.apis import SERVICES, Api, ApiProblem, Service, language_in_use
from services.portal.audit_search import Found, Names, Question, found_by, names_in
from services.portal.csrf import form_of
from services.portal.days import PARTS, day_of
from services.portal.forms import TO_LANGUAGE, Faults
from services.portal.rendering import Pages, see_other
from services.portal.words import choices
from shared.texts import N_

router = APIRouter(prefix="/audit")
TEXTS = ("reference", "case", "person", "name", "officer", "act")
DAYS = ("since", "until")
LONGEST = 200
MOST_NAMESAKES = 20
ORDER = N_("The last day lies before the first.")
NO_CASE = N_("There is no case with this reference that you may search for.")
NOBODY = N_("No officer whose entries you may search for has this name or login.")
WHICH = N_("Several officers are called so. Choose one.")
Sent = Annotated[str, Form(max_length=40)]


@router.get("")
async def search_page(request: Request, pages: Drawn, _who: CurrentAuditReader) -> Response:
    return _draw(request, pages, {}, Faults())


@router.post("")
async def search(request: Request, pages: Drawn, api: Asked, _who: CurrentAuditReader, then: Sent = "") -> Response:
    """The entries of all services together. Each search is an entry itself, in each service."""
    typed, asked, faults = await _asked(request, pages)
    form = await form_of(request)
    if faults or (then == TO_LANGUAGE and not form.get("found")):
        return _draw(request, pages, typed, faults, status=422 if faults else 200)
    namesakes = await _resolved(request, pages, api, typed, asked, faults)
    if faults:
        return _draw(request, pages, typed, faults, namesakes=namesakes, status=422)
    given = {name: str(form.get(f"before-{name}", "")) for name in SERVICES}
    asked.before = {name: int(text) for name, text in given.items() if text.isascii() and text.isdecimal() and int(text[:15]) > 0}
    found = await found_by(api, asked)
    return _draw(request, pages, typed, faults, found=found, names=await names_in(api, found.rows))


@router.get("/export")
async def back_from_export(_who: CurrentAuditReader) -> Response:
    return see_other("/audit")


@router.post("/export")
async def export(request: Request, pages: Drawn, api: Asked, _who: CurrentAuditReader) -> Response:
    """All that the same search finds, as a table for a spreadsheet. Each service writes down that it was saved."""
    typed, asked, faults = await _asked(request, pages)
    if not faults:
        await _resolved(request, pages, api, typed, asked, faults)
    if faults:
        return _draw(request, pages, typed, faults, status=422)
    return await audit_csv.table(request, pages, api, asked)


async def _asked(request: Request, pages: Pages) -> tuple[dict[str, str], Question, Faults]:
    form, faults = await form_of(request), Faults()
    typed = {name: str(form.get(name, "")).strip()[:LONGEST] for name in TEXTS}
    typed |= {f"{name}-{part}": str(form.get(f"{name}-{part}", "")).strip()[:4] for name in DAYS for part in PARTS}
    days = {name: day_of(request, pages, typed, name, faults) for name in DAYS}
    if days["since"] and days["until"] and days["until"] < days["since"]:
        faults.add("until", pages.say(request, ORDER), target="until-day")
    asked = Question(
        {name: typed[name] for name in ("case", "person", "officer", "act") if typed[name]}, days["since"], days["until"]
    )
    return typed, asked, faults


async def _resolved(
    request: Request, pages: Pages, api: Api, typed: dict[str, str], asked: Question, faults: Faults
) -> list[dict[str, str]]:
    """Puts the ids of the case and of the officer into what is asked. Out: officers to choose from, where several fit."""
    if typed["reference"]:
        cases = await _named(api, "applications", "cases", {"reference": typed["reference"]})
        if cases:
            asked.fields["case"] = cases[0]["id"]
        else:
            faults.add("reference", pages.say(request, NO_CASE))
    if not typed["name"]:
        return []
    officers = await _named(api, "identity", "officers", {"name": typed["name"]})
    if typed["officer"]:  # chosen among them a moment ago
        officers = [each for each in officers if each["id"] == typed["officer"]]
    if len(officers) == 1:
        asked.fields["officer"] = officers[0]["id"]
        typed["name"] = "" if typed["officer"] else typed["name"]  # the id alone says it from now on
        return []
    if officers:
        faults.add("officer", pages.say(request, WHICH))
    else:
        faults.add("name", pages.say(request, NOBODY))
    return officers[:MOST_NAMESAKES]


async def _named(api: Api, service: Service, what: str, body: dict[str, str]) -> list[dict[str, str]]:
    """Empty for what is no reference at all."""
    try:
        found: list[dict[str, str]] = (await api.post(service, f"/api/audit/searches/{what}", body))[what]
    except ApiProblem as problem:
        if problem.status not in (404, 422):
            raise
        return []
    return found


def _draw(
    request: Request,
    pages: Pages,
    typed: dict[str, str],
    faults: Faults,
    *,
    found: Found | None = None,
    names: Names | None = None,
    namesakes: list[dict[str, str]] | None = None,
    status: int = 200,
) -> Response:
    context = {"typed": typed, "faults": faults, "found": found, "names": names, "namesakes": namesakes or []}
    acts = choices("acts", language_in_use(request))
    return pages.render(request, "audit/search.html", status, **context, acts=acts, path="/audit", language_form="search-form")
