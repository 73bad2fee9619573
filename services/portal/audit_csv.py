"""What a search of the audit finds, as a table for spreadsheets: ids, codes and their words, and names of officers only."""

import csv
import io
from collections.abc import Iterable
from typing import Any

from fastapi import Request
from fastapi.responses import Response

from services.portal.apis import Api, language_in_use
from services.portal.audit_search import Names, Question, found_by, names_in
from services.portal.rendering import HEADERS, Pages
from services.portal.words import word
from shared.texts import N_

AT_ONCE = 1000
MOST = 10_000
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would reckon with
COLUMNS = {
    "at": N_("When (UTC)"),
    "service": N_("Part of Eshik"),
    "number": N_("Number"),
    "act": N_("Act"),
    "act_text": N_("Act in words"),
    "by": N_("By"),
    "by_id": N_("By (id)"),
    "name": N_("Officer"),
    "role": N_("Role"),
    "post": N_("Post"),
    "reference": N_("Case"),
    "case": N_("Case (id)"),
    "person": N_("Person (id)"),
    "about": N_("About"),
    "reason": N_("Reason"),
    "reason_text": N_("Reason in words"),
    "request": N_("Request"),
}
CUT_OFF = N_("Only the newest {count} entries are here. Search for fewer, by days for example.")
AWAY = N_("{service} does not answer. Its entries are missing here.")


async def table(request: Request, pages: Pages, api: Api, asked: Question) -> Response:
    """Raises ApiProblem."""
    language, rows, away = language_in_use(request), list[dict[str, Any]](), set[str]()
    while True:
        found = await found_by(api, asked, shown=AT_ONCE, purpose="export")
        rows += found.rows
        away |= {*found.away}
        asked.before = found.before
        if not found.before or len(rows) >= MOST:
            break
    names = await names_in(api, rows)
    text = io.StringIO(newline="")
    out = csv.writer(text)
    out.writerow([pages.say(request, title) for title in COLUMNS.values()])
    out.writerows(_cells(row, names, language) for row in rows)
    notes = [pages.say(request, AWAY, service=word(name, language, "services")) for name in sorted(away)]
    notes += [pages.say(request, CUT_OFF, count=len(rows))] if found.before else []
    out.writerows([note] for note in notes)
    # the mark at the beginning tells spreadsheets that it is UTF-8
    headers = HEADERS | {"Content-Disposition": 'attachment; filename="eshik-audit.csv"', "Content-Language": language}
    return Response("\ufeff" + text.getvalue(), media_type="text/csv; charset=utf-8", headers=headers)


def _cells(row: dict[str, Any], names: Names, language: str) -> Iterable[str]:
    entry = row["entry"]
    who, about = entry["who"], entry["about"]
    values = {
        "at": entry["at"],
        "service": word(row["service"], language, "services"),
        "number": row["number"],
        "act": entry["act"],
        "act_text": word(entry["act"], language, "acts"),
        "by": word(who["kind"], language, "who"),
        "by_id": who["id"],
        "name": names.officers.get(who["id"], ""),
        "role": word(who["role"], language, "roles"),
        "post": who["post"] or "",
        "reference": names.cases.get(str(about.get("case")), ""),
        "case": about.get("case", ""),
        "person": about.get("person", ""),
        "about": "; ".join(f"{name}: {_joined(value)}" for name, value in about.items() if name not in ("case", "person")),
        "reason": entry["reason"] or "",
        "reason_text": word(entry["reason"], language, "reasons"),
        "request": entry["request"] or "",
    }
    return [_safe(str(values[column])) for column in COLUMNS]


def _joined(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _safe(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA) else text
