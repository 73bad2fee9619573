"""One question to the audits of all services, and the names of what their entries hold ids of."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Literal

from services.portal.apis import SERVICES, Api, Service, or_none

SHOWN = 50
MOST_NAMED = 200  # what the services name at once


@dataclass(slots=True)
class Question:
    """fields: case, person, officer, act, where they are asked for. before: where each service goes on."""

    fields: dict[str, str]
    since: date | None = None
    until: date | None = None
    before: dict[str, int] = field(default_factory=dict)

    def body(self, *, limit: int, purpose: Literal["search", "export"]) -> dict[str, Any]:
        asked: dict[str, Any] = self.fields | {"limit": limit, "purpose": purpose}
        if self.since:
            asked["since"] = datetime.combine(self.since, time(), UTC).isoformat()
        if self.until:
            asked["until"] = (datetime.combine(self.until, time(), UTC) + timedelta(days=1, microseconds=-1)).isoformat()
        return asked


@dataclass(frozen=True, slots=True)
class Found:
    """rows: newest first, each with its service. away: services that did not answer. before: where each goes on."""

    rows: list[dict[str, Any]]
    away: list[str]
    before: dict[str, int]


@dataclass(frozen=True, slots=True)
class Names:
    """By ids: references of cases, names of officers. What is missing is shown as its id."""

    cases: Mapping[str, str]
    officers: Mapping[str, str]


async def found_by(api: Api, asked: Question, *, shown: int = SHOWN, purpose: Literal["search", "export"] = "search") -> Found:
    """Of each service as many as are shown, for all may be of one; where the next page begins follows from what was shown."""
    body = asked.body(limit=shown, purpose=purpose)

    async def of(service: Service) -> dict[str, Any] | None:
        place = {"before": asked.before[service]} if service in asked.before else {}
        answer: dict[str, Any] | None = await or_none(api.post(service, "/api/audit/searches", body | place))
        return answer

    names = [name for name in SERVICES if not asked.before or name in asked.before]
    first, *rest = names  # where a token runs out, it is renewed once and not four times
    answers = dict(zip(names, [await of(first), *await asyncio.gather(*(of(name) for name in rest))], strict=True))
    rows = [line | {"service": name} for name, page in answers.items() if page for line in page["entries"]]
    rows.sort(key=lambda row: str(row["entry"]["at"]), reverse=True)
    kept, left = rows[:shown], rows[shown:]
    further = {}
    for name, page in answers.items():
        if page and (page["next"] or any(row["service"] == name for row in left)):
            numbers = [row["number"] for row in kept if row["service"] == name]
            of_left = [row["number"] for row in left if row["service"] == name]
            further[name] = min(numbers) if numbers else asked.before.get(name) or max(of_left) + 1
    return Found(kept, [name for name, page in answers.items() if page is None], further)


async def names_in(api: Api, rows: Iterable[Mapping[str, Any]]) -> Names:
    """Without those of a service that does not answer."""
    entries = [row["entry"] for row in rows]
    cases = sorted({entry["about"]["case"] for entry in entries if isinstance(entry["about"].get("case"), str)})
    officers = {entry["who"]["id"] for entry in entries if entry["who"]["kind"] == "officer"}
    officers |= {entry["about"]["officer"] for entry in entries if isinstance(entry["about"].get("officer"), str)}
    references = [line for part in _parts(cases) for line in await _asked(api, "applications", "cases", part)]
    people = [line for part in _parts(sorted(officers)) for line in await _asked(api, "identity", "officers", part)]
    return Names({line["id"]: line["reference"] for line in references}, {line["id"]: line["name"] for line in people})


def _parts(ids: list[str]) -> list[list[str]]:
    short = [each for each in ids if len(each) <= 64]
    return [short[at : at + MOST_NAMED] for at in range(0, len(short), MOST_NAMED)]


async def _asked(api: Api, service: Service, what: str, ids: list[str]) -> list[dict[str, str]]:
    answer = await or_none(api.post(service, f"/api/audit/searches/{what}", {"ids": ids}))
    found: list[dict[str, str]] = answer[what] if answer else []
    return found
