"""W7: twenty officers who take cases at once out of 100,000, and an early and a late page of their list."""

from __future__ import annotations

import statistics
import time
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

from pymongo import AsyncMongoClient

from cli.bench import bare_claim
from cli.bench.child import Link, Role
from cli.bench.documents import everything_in, keep
from cli.bench.drafts import case_id
from cli.bench.frame import Better, Figure, Turn, Workload, expect, percentile
from cli.bench.pace import at_once
from cli.bench.stage import Stage
from cli.bench.worklist_cases import database_at, put_cases
from services.applications.domain.application import Application
from services.applications.domain.status import Status
from services.applications.queries import queue_of_post
from services.applications.use_cases.claim_application import ClaimApplication, claim_application
from shared.actors import Officer
from shared.clock import SystemClock
from shared.cursors import cursor
from shared.mongo.transactions import Transactions, UnitOfWork

OFFICERS = 20
ROWS = 10
CASES = (2_000, 100_000)  # in a quick run, and in a full one
WAITING = (900, 18_000)  # in one list: more than the late page, and what all turns take
LATE_PAGE = (20, 1_000)
CLAIMS, WARM_UP = (60, 400), (20, 40)
PAGES = (3, 7)
PATIENCE_S = 60.0


async def prepare(stage: Stage) -> dict[str, Any]:
    """What one claim leaves, and the cases that all turns work on: each takes others of them."""
    one, full = (f"{stage.place.database_prefix}{name}_" for name in ("one", "full"))
    await put_cases(stage.place.mongo_url, one, 1, 1)
    await _Officers(stage.place.mongo_url, one).claim_all(0, 1)
    async with AsyncMongoClient[dict[str, Any]](stage.place.mongo_url, tz_aware=True) as client:
        learned = keep(await everything_in(client[f"{one}applications"]), stage.folder)
    await put_cases(stage.place.mongo_url, full, stage.pick(*CASES), stage.pick(*WAITING))
    behind_the_late_page = (stage.pick(*LATE_PAGE) + 2) * ROWS
    return {"prefix": full, "learned": learned, "free": behind_the_late_page}


async def ours(stage: Stage) -> Turn:
    return await _turn(stage, serve_ours)


async def floor(stage: Stage) -> Turn:
    return await _turn(stage, bare_claim.serve)


async def alone(stage: Stage) -> Turn:
    return await _turn(stage, bare_claim.serve_alone, pages=False)


async def _turn(stage: Stage, role: Role, *, pages: bool = True) -> Turn:
    warm_up, count = stage.pick(*WARM_UP), stage.pick(*CLAIMS)
    first = stage.prepared["free"]
    stage.prepared["free"] += warm_up + count
    settings = {"prefix": stage.prepared["prefix"], "learned": stage.prepared["learned"]}
    process = await stage.child("officers", role, **settings)
    await _told(process, claims={"first": first, "count": warm_up})
    async with stage.measured() as measured:
        done = await _told(process, claims={"first": first + warm_up, "count": count})
    figures = {"rate": count / done["seconds"], "p99": 1000 * percentile(done["took"], 0.99)}
    if pages:
        late = (stage.pick(*LATE_PAGE) - 1) * ROWS - 1  # the row that stands before the late page
        told = await _told(process, pages={"late": late, "times": stage.pick(*PAGES)})
        figures |= {"early": told["early"], "late": told["late"]}
    await _verify(stage, first, warm_up + count)
    return measured.turn(figures, events=count)


async def _told(process: Any, **what: Any) -> Any:
    await process.tell(**what)
    return await process.heard("done")


async def _verify(stage: Stage, first: int, count: int) -> None:
    """Each of them has one owner now."""
    async with AsyncMongoClient[dict[str, Any]](stage.place.mongo_url) as client:
        db = client[f"{stage.prepared['prefix']}applications"]
        ids = [case_id(number) for number in range(first, first + count)]
        taken = 0
        for start in range(0, count, 50):  # SecantusDB compares each row with each id
            rows = db.applications.find({"_id": {"$in": ids[start : start + 50]}}, {"claimed_by": 1})
            taken += sum(row.get("claimed_by") is not None for row in await rows.to_list())
    expect("cases with an owner", taken, count)


class _Officers:
    """Those of a post, each with an identity of their own."""

    def __init__(self, mongo_url: str, prefix: str) -> None:
        self.database = database_at(mongo_url, prefix)
        self.database.prepared = True  # put_cases made the collections
        self._transactions = Transactions(self.database, SystemClock())
        self.people = [Officer.of_post(f"officer-{number:03d}", "yek", {"intake"}) for number in range(OFFICERS)]

    async def claim_all(self, first: int, count: int) -> dict[str, Any]:
        times = await at_once(range(first, first + count), OFFICERS, self._claim)
        return times.as_data()

    async def _claim(self, number: int) -> None:
        by = self.people[number % OFFICERS]
        key, command = f"{by.id}:{uuid4()}", ClaimApplication(case_id(number), by)

        async def once(_command: None, uow: UnitOfWork) -> None:
            """As Transactions.run_idempotently does, without the time limit of a request: a crowd may take longer."""
            await uow.db.idempotency_keys.find_one({"_id": key}, session=uow.session)
            made = await claim_application(command, uow)
            row = {"_id": key, "request_hash": "0" * 64, "response": _receipt(made), "at": uow.at}
            uow.insert("idempotency_keys", row)

        await self._transactions.run(once, None, timeout_s=PATIENCE_S)

    async def page(self, after: str | None) -> int:
        who, posts = self.people[0], frozenset({"yek"})
        found = await queue_of_post(
            self.database.db,
            who,
            posts=posts,
            status=Status.SUBMITTED,
            mine=False,
            given=False,
            sort="next",
            after=after,
            limit=ROWS,
        )
        return len(found.rows)


def _receipt(made: Application) -> dict[str, Any]:
    return {"id": made.id, "reference": made.reference, "status": made.status.value, "version": made.version}


async def serve_ours(link: Link) -> None:
    officers = _Officers(link.place.mongo_url, link.settings["prefix"])
    link.say(ready=True)
    claims = await link.heard("claims")
    link.say(done=await officers.claim_all(claims["first"], claims["count"]))
    claims = await link.heard("claims")
    link.say(done=await officers.claim_all(claims["first"], claims["count"]))
    asked = await link.heard("pages")
    after = cursor("next", case_id(asked["late"]))
    link.say(done=await page_times(officers.page, after, asked["times"]))


async def page_times(page: Callable[[str | None], Awaitable[int]], after: str, times: int) -> dict[str, float]:
    """Milliseconds, half take no longer; early and late in turns."""
    took: dict[str, list[float]] = {"early": [], "late": []}
    for _ in range(times):
        for name, begins in (("early", None), ("late", after)):
            began = time.monotonic()
            expect(f"rows of the {name} page", await page(begins), ROWS)
            took[name].append(1000 * (time.monotonic() - began))
    return {name: statistics.median(each) for name, each in took.items()}


FIGURES = [
    Figure("w7-claim", f"cases taken, {OFFICERS} officers at once", "claims/s", target=0.8),
    Figure("w7-claim-p99", "99 of 100 take no longer", "ms", "p99", better=Better.LOWER),
    Figure("w7-claim-alone", "beside one update by version, which leaves nothing else", "claims/s", floor="alone"),
    Figure(
        "w7-late-page",
        "page 1,000 beside page 1 of ours",
        "ms",
        "late",
        target=1.2,
        better=Better.LOWER,
        floor="ours",
        floor_key="early",
    ),
    Figure("w7-page", "page 1 beside the bare query by key", "ms", "early", better=Better.LOWER),
]
VARIANTS = {"floor": floor, "ours": ours, "alone": alone}
WORKLOADS = [
    Workload("w7-worklist", "20 officers take cases out of 100,000 and page through them", VARIANTS, FIGURES, prepare=prepare)
]
