"""Answers between a form and the API: what was typed, what is sent, and what is told where it cannot stay."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from starlette.datastructures import FormData

from services.portal.apis import Api, ApiProblem
from services.portal.forms import SHORT_YEAR, Faults, year_is_short
from services.portal.pages.citizen_draft import ANSWERS, Draft, Step, field_id
from services.portal.rendering import Pages
from shared.texts import N_

PARTS = ("day", "month", "year")
CONCURRENT = "answers-changed-elsewhere", "concurrent-update"
WRONG_DATE = N_("There is no such date. Write it in digits, for example 27 3 1990.")
INCOMPLETE_DATE = N_("Write the day, the month and the year.")
CHANGED_ELSEWHERE = N_(
    "These answers were changed in another window or on another phone meanwhile. What you typed here is kept: look at it "
    "and save it again."
)

Shown = dict[str, Any]  # by key of a field: its text, or the three parts of a date


class ChangedElsewhere(Exception):
    """The answers of this very step were changed since the form was drawn. draft: as it is now."""

    def __init__(self, draft: Draft) -> None:
        super().__init__(CONCURRENT[0])
        self.draft = draft


def stored(step: Step, answers: Mapping[str, str]) -> Shown:
    """As the form shows what is saved."""
    return {
        f["key"]: _apart(answers.get(f["key"], "")) if f["type"] == "date" else answers.get(f["key"], "") for f in step.fields
    }


def typed(step: Step, form: FormData) -> Shown:
    """As it was typed, to the letter."""
    shown: Shown = {}
    for field in step.fields:
        key = field["key"]
        if field["type"] == "date":
            shown[key] = {part: str(form.get(f"{key}-{part}", "")) for part in PARTS}
        else:
            shown[key] = str(form.get(key, "")).replace("\r\n", "\n")
    return shown


def to_send(step: Step, shown: Shown) -> dict[str, str]:
    """What the API is given for this step; a date that is none goes as it was typed, and the API refuses it."""
    answers = {f["key"]: _iso(shown[f["key"]]) if f["type"] == "date" else shown[f["key"]] for f in step.fields}
    return {key: value for key, value in answers.items() if value.strip()}


def fingerprint(step: Step, answers: Mapping[str, str]) -> str:
    """Of what is saved in this step: tells whether somebody changed it since."""
    held = json.dumps([answers.get(key, "") for key in step.keys])
    return hashlib.sha256(held.encode()).hexdigest()[:16]


async def save(api: Api, draft: Draft, step: Step, shown: Shown, *, version: int | None) -> dict[str, Any]:
    """This step alone; what it asks only of others stays. Out: the application as it is now.

    Whoever changed another step meanwhile changed nothing of this one. The same form sent twice is saved once.
    Raises ChangedElsewhere, ApiProblem.
    """
    given = to_send(step, shown)
    kept = {key: draft.answers[key] for key in step.hidden if key in draft.answers}
    try:
        return await api.put(  # type: ignore[no-any-return]
            "applications", f"{draft.api_path}/steps/{step.id}", {"answers": {**kept, **given}, "version": version}
        )
    except ApiProblem as problem:
        if problem.code not in CONCURRENT:
            raise
    case = await api.get("applications", draft.api_path)
    now = replace(draft, case=case)
    if _alike(given, now.answers, step.keys):
        return case  # type: ignore[no-any-return]
    raise ChangedElsewhere(now)


def faults_of(problem: ApiProblem, draft: Draft, step: Step, shown: Shown, pages: Pages, language: str) -> Faults:
    """Beside the fields of this page, and as lines that lead to other pages."""
    faults = Faults()
    told = {error.pointer: error.detail for error in problem.errors}
    for field in step.fields:
        if (text := told.pop(ANSWERS + field["key"], "")) and field["type"] == "date":
            text = _of_date(shown[field["key"]], pages, language) or text
        if text:
            add(faults, field, text)
    draft.elsewhere(faults, told)
    if not problem.errors:
        faults.add_line(problem.detail)
    return faults


def faults_of_missing(draft: Draft, step: Step) -> Faults:
    """What this page still lacks, in the API's words."""
    faults = Faults()
    for field in step.fields:
        if text := draft.missing.get(ANSWERS + field["key"]):
            add(faults, field, text)
    return faults


def add(faults: Faults, field: Mapping[str, Any], text: str) -> None:
    """The summary names the question; beside the field the text alone is enough."""
    faults.summary.append({"text": f"{field['label']}: {text}", "href": f"#{field_id(field)}"})
    faults.fields[field["key"]] = {"text": text}


def _of_date(parts: Mapping[str, str], pages: Pages, language: str) -> str:
    """Why three parts are no date; empty where they are one, and the API's own text says what is wrong with it."""
    if not all(parts[part].strip() for part in PARTS):
        return pages.texts.translate(INCOMPLETE_DATE, language)
    if year_is_short(parts["year"]):
        return pages.texts.translate(SHORT_YEAR, language)
    return "" if _is_date(_iso(parts)) else pages.texts.translate(WRONG_DATE, language)


def _is_date(iso: str) -> bool:
    try:
        date.fromisoformat(iso)
    except ValueError:
        return False
    return True


def _iso(parts: Mapping[str, str]) -> str:
    day, month, year = (parts[part].strip() for part in PARTS)
    return f"{year}-{month:0>2}-{day:0>2}" if day or month or year else ""


def _apart(iso: str) -> dict[str, str]:
    year, _, rest = iso.partition("-")
    month, _, day = rest.partition("-")
    return {"day": day.lstrip("0"), "month": month.lstrip("0"), "year": year}


def _alike(given: Mapping[str, str], saved: Mapping[str, str], keys: Iterable[str]) -> bool:
    """Whether it is saved already; the API writes names, numbers and spaces in one way."""
    return all(_plain(given.get(key, "")) == _plain(saved.get(key, "")) for key in keys)


def _plain(value: str) -> str:
    return "".join(sign for sign in value.casefold() if sign.isalnum())
