"""For anyone who holds a paper: was it issued here, is it in force? Nothing asked or answered stands in an address."""

import re
from datetime import date
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.datastructures import FormData, UploadFile

from services.portal.access import Asked, Counted, Drawn
from services.portal.apis import Api, ApiProblem
from services.portal.csrf import form_of
from services.portal.forms import Faults
from services.portal.rendering import Pages, see_other
from shared.texts import N_

router = APIRouter(prefix="/v")

REDRAWN = {409, 413, 415, 422}
FIELDS = {"/number": "number", "/issued_on": "issued_on", "/check_code": "check_code"}
DATE_FIELDS = ("issued_on-day", "issued_on-month", "issued_on-year")
LONGEST = 200  # of what is typed and drawn again; documents refuses far less
LONGEST_SEAL = 4096
WHOLE_DATE = re.compile(r"\s*(\d{1,2})[\s./-]+(\d{1,2})[\s./-]+(\d{2,4})\s*", re.ASCII)
NO_NUMBER = N_("Type the number of the document, for example YEK-KU-2026-000001.")
NO_DATE = N_("Type the date of issue as it is printed: day, month and year.")
NOT_A_DATE = N_("There is no such date. Type it as it is printed: day, month and year in figures.")
SHORT_YEAR = N_("Write the year with four digits, for example 2026.")
NO_CODE = N_("Type the check code. It stands beside the square code at the foot of the paper.")
NO_FILE = N_("Choose a picture or a PDF of the paper first.")


@router.get("")
@router.get("/")  # what the code on the paper leads to: /v/#SEAL
async def check(request: Request, pages: Drawn) -> Response:
    return _form(request, pages)


@router.get("/file")
@router.get("/seal")
async def form_again() -> Response:
    """Somebody came back to the address of an answer: answers are not kept."""
    return see_other("/v")


@router.post("", dependencies=[Counted])
async def by_what_is_printed(request: Request, pages: Drawn, api: Asked) -> Response:
    form = await form_of(request)
    typed = _typed(form)
    if form.get("then") == "language":  # the language was changed: nothing is asked yet
        return _form(request, pages, typed=typed)
    day = _day(typed)
    if faults := _missing(request, pages, typed, day):
        return _form(request, pages, 422, typed=typed, faults=faults)
    asked = {"number": typed["number"], "issued_on": str(day), "check_code": typed["check_code"]}
    try:
        answer = await api.post("documents", "/api/verifications", asked)
    except ApiProblem as problem:
        if problem.status not in REDRAWN:
            raise
        return _form(request, pages, problem.status, typed=typed, faults=Faults.of_problem(problem, FIELDS))
    return _answer(request, pages, answer, typed=typed)


@router.post("/file", dependencies=[Counted])
async def by_picture(request: Request, pages: Drawn, api: Asked) -> Response:
    faults = Faults()
    file = (await form_of(request)).get("file")
    if not isinstance(file, UploadFile) or not file.size:
        faults.add("file", pages.say(request, NO_FILE))
        return _form(request, pages, 422, faults=faults)
    try:
        answer = await _send_file(api, file)
    except ApiProblem as problem:
        if problem.status not in REDRAWN:
            raise
        faults.add("file", problem.detail)
        return _form(request, pages, problem.status, faults=faults)
    return _answer(request, pages, answer)


@router.post("/seal", dependencies=[Counted])
async def by_code(request: Request, pages: Drawn, api: Asked) -> Response:
    """What a phone read off the paper: seal.js takes it out of the address and sends it here."""
    seal = str((await form_of(request)).get("seal") or "").strip()
    if not seal:
        return see_other("/v")
    # what is longer than any code of ours is cut and is then no code of ours either
    return _answer(request, pages, await api.post("documents", "/api/verifications/seal", {"seal": seal[:LONGEST_SEAL]}))


def _form(
    request: Request, pages: Pages, status: int = 200, *, typed: dict[str, str] | None = None, faults: Faults | None = None
) -> Response:
    return pages.render(request, "verifier/check.html", status, typed=typed or {}, faults=faults, path="/v")


def _answer(request: Request, pages: Pages, answer: dict[str, Any], *, typed: dict[str, str] | None = None) -> Response:
    return pages.render(request, "verifier/answer.html", answer=answer, typed=typed or {}, path="/v")


async def _send_file(api: Api, file: UploadFile) -> dict[str, Any]:
    content = await file.read()
    answer: dict[str, Any] = await api.send_bytes(
        "documents", "POST", "/api/verifications/file", content, "application/octet-stream"
    )
    return answer


def _typed(form: FormData) -> dict[str, str]:
    """The fields by their names; a whole date pasted into the first field of a date is spread over the three."""
    typed = {name: str(form.get(name) or "").strip()[:LONGEST] for name in ("number", *DATE_FIELDS, "check_code")}
    day, *rest = (typed[name] for name in DATE_FIELDS)
    if not any(rest) and (whole := WHOLE_DATE.fullmatch(day)):
        typed |= dict(zip(DATE_FIELDS, whole.groups(), strict=True))
    return typed


def _day(typed: dict[str, str]) -> date | None:
    day, month, year = (typed[name] for name in DATE_FIELDS)
    try:
        return date(int(year), int(month), int(day)) if len(year) == 4 else None
    except ValueError:
        return None


def _missing(request: Request, pages: Pages, typed: dict[str, str], day: date | None) -> Faults:
    faults = Faults()
    if not typed["number"]:
        faults.add("number", pages.say(request, NO_NUMBER))
    if day is None:
        said, field = _date_fault(typed)
        faults.add("issued_on", pages.say(request, said), target=field)
    if not typed["check_code"]:
        faults.add("check_code", pages.say(request, NO_CODE))
    return faults


def _date_fault(typed: dict[str, str]) -> tuple[str, str]:
    """What to say of a date that is none, and the field where it is put right."""
    day, month, year = (typed[name] for name in DATE_FIELDS)
    if day and month and year.isdigit() and len(year) != 4:
        return SHORT_YEAR, DATE_FIELDS[2]
    return (NOT_A_DATE if day or month or year else NO_DATE), DATE_FIELDS[0]
