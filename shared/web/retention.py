"""How long this service keeps what, what falls due next, and what the daily purge deleted: for ministry and auditors.

Rules, counts and times; nothing of anybody.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel

from shared.actors import Officer
from shared.mongo.database import Db
from shared.mongo.purge_job import BEGAN, LAST, Retention, next_run
from shared.mongo.purging import REPORTS, STATE
from shared.retention.rules import KindRule
from shared.runtime import Runtime
from shared.web.auth import officer_with
from shared.web.commands import RequestQueries
from shared.web.language import language_of
from shared.web.moments import Moment

Reader = Annotated[Officer, Depends(officer_with("ministry", "auditor", strong=True))]
SOON = timedelta(days=30)
COUNTED = 10_000  # what is more is told as that


class RetentionRule(BaseModel):
    """by: purge, index, expiry, erasure, nobody. keep_for: ISO 8601, or calendar years; null: for ever. certainty: A, B, C, or D
    for what we decided. due: how many the next purges delete within 30 days, counted to 10,000; null where no purge does it."""

    kind: str
    title: str
    collections: list[str]
    by: str
    keep_for: str | None
    counted_from: str | None
    then: str
    services: list[str]
    basis: str
    source: str
    source_date: date
    certainty: str
    remark: str | None
    version: str
    due: int | None


class RetentionRules(BaseModel):
    """last_purge_at: null where there was none yet."""

    service: str
    rules: list[RetentionRule]
    without: dict[str, str]
    last_purge_at: datetime | None
    next_purge_at: datetime


class PurgeReport(BaseModel):
    """One kind of one day. closed_from and closed_to: of what was deleted. held: what stays for now, by reason."""

    run: str
    kind: str
    title: str
    rule: str
    keep_for: str
    state: str
    deleted: int
    closed_from: datetime | None
    closed_to: datetime | None
    held: dict[str, int]
    began_at: datetime
    ended_at: datetime | None
    duration_ms: int | None
    tries: int


class PurgeReports(BaseModel):
    """Newest first. next: give it as `before` to read on."""

    service: str
    reports: list[PurgeReport]
    next: datetime | None


def routes(runtime: Runtime, retention: Retention) -> APIRouter:
    router = APIRouter(prefix="/api/retention", tags=["retention"])

    @router.get("")
    async def rules(_by: Reader, queries: RequestQueries, request: Request) -> RetentionRules:
        """How long what is kept, and how much falls due within 30 days. 403: needs the role ministry or auditor."""
        now = runtime.clock.now()
        due, state = await queries.run(_due, retention, now + SOON), await queries.run(_state)
        in_force = retention.on(now)
        told = [_rule(rule, due.get(kind), language_of(request)) for kind, rule in in_force.kinds.items()]
        last = state.get(LAST)
        return RetentionRules(
            service=runtime.name,
            rules=told,
            without=dict(in_force.no_rule),
            last_purge_at=last,
            next_purge_at=next_run(now),
        )

    @router.get("/reports")
    async def reports(
        _by: Reader,
        queries: RequestQueries,
        request: Request,
        before: Annotated[Moment | None, Query()] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
    ) -> PurgeReports:
        """What was deleted by which rule, a line for each day and kind. 403: needs the role ministry or auditor."""
        rows = await queries.run(_reports, before, limit)
        rules_now = retention.on(runtime.clock.now()).kinds
        told = [_report(row, rules_now.get(row["kind"]), language_of(request)) for row in rows]
        return PurgeReports(service=runtime.name, reports=told, next=told[-1].began_at if len(told) == limit else None)

    return router


async def _due(db: Db, retention: Retention, until: datetime) -> dict[str, int]:
    kinds = retention.on(until).kinds
    return {one.kind: await one.count_due(db, kinds[one.kind], until, COUNTED) for one in retention.purged}


async def _state(db: Db) -> dict[str, datetime]:
    return {row["_id"]: row["at"] async for row in db[STATE].find({"_id": {"$in": [LAST, BEGAN]}})}


async def _reports(db: Db, before: datetime | None, limit: int) -> list[dict[str, Any]]:
    query = {"began_at": {"$lt": before}} if before else {}
    return await db[REPORTS].find(query).sort([("began_at", -1), ("_id", -1)]).limit(limit).to_list()


def _rule(kind: KindRule, due: int | None, language: str) -> RetentionRule:
    rule = kind.rule
    data = rule.model_dump(exclude={"title", "collections", "services"})
    return RetentionRule(
        kind=kind.kind,
        title=getattr(rule.title, language),
        collections=list(rule.collections),
        services=list(rule.services),
        version=kind.version,
        due=due,
        **data,
    )


def _report(row: Mapping[str, Any], kind: KindRule | None, language: str) -> PurgeReport:
    """kind: as it is today; None where this release has no such kind any more."""
    title = getattr(kind.rule.title, language) if kind else row["kind"]
    return PurgeReport.model_validate({**row, "title": title})
