"""Searching the audit of a service, for auditors and heads of posts. Each search is an entry itself.

The pages ask each service for itself; the gateway leads nobody here from outside.
"""

import json
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from shared.actors import EVERY_POST, Citizen, Officer
from shared.audit.entry import About, Kind, shown
from shared.audit.reasons import text_of
from shared.mongo.audit import LOG
from shared.mongo.database import Db, Document
from shared.web.auth import CurrentCitizen, officer_with
from shared.web.commands import RequestQueries
from shared.web.language import language_of
from shared.web.limiting import ID_PATTERN
from shared.web.looks import RequestLooks
from shared.web.moments import Moment

READERS = ("auditor", "head")
LOOKS_SHOWN = 100
SEARCHING = "searching-the-audit"
Reader = Annotated[Officer, Depends(officer_with(*READERS, strong=True))]
Asked = Annotated[str | None, Field(max_length=200)]


class AuditSearch(BaseModel):
    """Everything given must fit. before: `next` of the page before. purpose: the entry of the search says it."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    person: Asked = None
    case: Asked = None
    officer: Asked = None
    act: Asked = None
    since: Moment | None = None
    until: Moment | None = None
    before: int | None = Field(default=None, ge=1, le=2**53)
    limit: int = Field(default=50, ge=1, le=1000)
    purpose: Literal["search", "export"] = "search"


class AuditLine(BaseModel):
    """reason_text: in the language of who asks; the entry holds the code."""

    number: int
    entry: dict[str, Any]
    reason_text: str


class AuditPage(BaseModel):
    entries: list[AuditLine]
    next: int | None


class OwnLook(BaseModel):
    """Somebody else's look at one's data. role and post (its id), never a name."""

    at: datetime
    by: str
    role: str | None
    post_id: str | None
    act: str
    reason: str


class OwnLooks(BaseModel):
    looks: list[OwnLook]


def routes() -> APIRouter:
    router = APIRouter(prefix="/api/audit", tags=["audit"])

    @router.post("/searches")
    async def search(asked: AuditSearch, by: Reader, queries: RequestQueries, looks: RequestLooks, request: Request) -> AuditPage:
        """Newest first, by person, case, officer, act or time. A question; by POST because ids of people stand in no address.
        A head of a post finds what concerns their posts; an auditor all of it."""
        rows = await queries.run(_found, asked, by)
        act = "audit:export" if asked.purpose == "export" else "audit:search"
        await looks(act, about=_what(asked), reason=SEARCHING, role=reader_role(by))
        more = len(rows) > asked.limit
        lines = [_line(row, language_of(request)) for row in rows[: asked.limit]]
        return AuditPage(entries=lines, next=lines[-1].number if more else None)

    @router.get("/looks")
    async def looks_at_own_data(
        case: Annotated[str, Query(pattern=ID_PATTERN)], by: CurrentCitizen, queries: RequestQueries, request: Request
    ) -> OwnLooks:
        """Who looked at what this service has of one's case, newest first, at most 100. What it has no part in looks empty."""
        rows = await queries.run(_looks_at, by, case)
        return OwnLooks(looks=[_own_look(row, language_of(request)) for row in rows])

    return router


async def _looks_at(db: Db, by: Citizen, case: str) -> list[Document]:
    query: Document = {"case": case, "person": by.id, "kind": Kind.LOOK.value}
    return await db[LOG].find(query).sort("_id", -1).limit(LOOKS_SHOWN).to_list()


def _own_look(row: Document, language: str) -> OwnLook:
    entry = json.loads(row["text"])
    who, reason = entry["who"], text_of(entry["reason"], language)
    return OwnLook(at=row["at"], by=who["kind"], role=who["role"], post_id=who["post"], act=row["act"], reason=reason)


async def _found(db: Db, asked: AuditSearch, by: Officer) -> list[Document]:
    query: Document = {
        name: value for name, value in (("person", asked.person), ("case", asked.case), ("by", asked.officer)) if value
    }
    if asked.act:
        query["act"] = asked.act
    times: Document = {sign: at for sign, at in (("$gte", asked.since), ("$lte", asked.until)) if at}
    query |= {"at": times or {"$exists": True}}  # one whose content was deleted by its rule says nothing
    query |= {"_id": {"$lt": asked.before}} if asked.before else {}
    if reader_role(by) == "head":
        query["post"] = {"$in": sorted(by.posts_with({"head"}))}
    return await db[LOG].find(query).sort("_id", -1).limit(asked.limit + 1).to_list()


def reader_role(by: Officer) -> str:
    """In which role they read it: an auditor all of it, a head what concerns their posts."""
    return "auditor" if ("auditor", EVERY_POST) in by.grants else "head"


def _what(asked: AuditSearch) -> About:
    """What was asked for, so that who searches for whom is seen, too."""
    given = {name: getattr(asked, name) for name in ("person", "case", "officer", "act")}
    times = {name: at.isoformat(timespec="minutes") for name in ("since", "until") if (at := getattr(asked, name))}
    return {
        f"of_{name}" if name in ("person", "case") else name: shown(value) for name, value in {**given, **times}.items() if value
    }


def _line(row: Document, language: str) -> AuditLine:
    entry = json.loads(row["text"])
    return AuditLine(number=row["_id"], entry=entry, reason_text=text_of(entry["reason"], language))
