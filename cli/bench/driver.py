"""./eshik bench driver: the same work on PyMongo's async API and on Motor, on one server, with equal results."""

from __future__ import annotations

import asyncio
import os
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pymongo
from pymongo import AsyncMongoClient, WriteConcern
from pymongo.read_concern import ReadConcern
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from cli.bench.summary import Line, Spread, Summary
from cli.console import err, fail, out, show_rows
from deploy.local.database import SecantusServer
from deploy.local.ports import Ports, free_base

REPEATS, FEWEST = 15, 5
IN_FLIGHT = 8
BATCH = 100
DRIVERS = ("PyMongo", "Motor")
COLLECTIONS = ("applications", "journal", "outbox", "idempotency_keys", "batches")
MAJORITY = WriteConcern(w="majority", j=True)
Document = dict[str, Any]


class ResultsDiffer(Exception):
    """One driver left something else behind than was asked for."""


@dataclass(frozen=True)
class Driver:
    """A driver by its client class; what differs between the two besides is how a session is opened."""

    name: str
    connect: Callable[[str], Any]
    session_is_awaited: bool

    async def in_transaction(self, client: Any, body: Callable[[Any], Awaitable[None]]) -> None:
        opened = client.start_session()
        async with await opened if self.session_is_awaited else opened as session:
            await session.with_transaction(body, read_concern=ReadConcern("snapshot"), write_concern=MAJORITY)


@dataclass(frozen=True)
class Measured:
    """One workload, one driver, one turn. cpu_ms: what the client's process spent per call, threads included."""

    rate: float
    cpu_ms: float


Measurements = Mapping[str, Mapping[str, list[Measured]]]  # by workload, by driver


@dataclass(frozen=True)
class Workload:
    """`count` calls of do(number), `at_once` of them in flight; each counts for `weight` units."""

    name: str
    unit: str
    count: int
    do: Callable[[Driver, Any, str, int], Awaitable[None]]
    at_once: int = IN_FLIGHT
    weight: int = 1


@dataclass(frozen=True)
class Compared:
    """data: entries of --json, by workload."""

    data: Mapping[str, Mapping[str, Any]]
    summary: Summary


def compare(repeats: int | None, day: str) -> Compared:
    """PyMongo's async API (chosen) beside Motor (asked for, out of support since 2026), shown as a table.

    Both do the same on the same server in turns; then counts and documents are compared. Exit code 1 when they differ.
    ESHIK_MONGO_URL names another server than the private one that is started otherwise.
    """
    turns = max(repeats or REPEATS, FEWEST)
    try:
        measurements = asyncio.run(_compare(turns))
    except ResultsDiffer as difference:
        fail(str(difference))
    _show(measurements, turns)
    data = {work.name: _as_data(work, measurements[work.name]) for work in WORKLOADS}
    return Compared(data, _summary(measurements, turns, day))


def _summary(measurements: Measurements, turns: int, day: str) -> Summary:
    lines = []
    for work in WORKLOADS:
        rates = {name: [one.rate for one in measurements[work.name][name]] for name in DRIVERS}
        ours, floor = rates[DRIVERS[0]], rates[DRIVERS[1]]
        ratio = Spread.of([mine / other for mine, other in zip(ours, floor, strict=True)])
        about = (f"driver-{work.name}", work.name.replace("_", " "), work.unit, *DRIVERS)
        lines.append(Line(*about, Spread.of(ours), Spread.of(floor), ratio, None, "higher", None))
    cpu = {name: {work.name: _cpu_ms(measurements[work.name][name]) for work in WORKLOADS} for name in DRIVERS}
    return Summary("driver", "PyMongo's async API beside Motor", turns, day, lines, cpu)


def _cpu_ms(measured: Sequence[Measured]) -> float:
    return round(statistics.median(one.cpu_ms for one in measured), 3)


async def _compare(repeats: int) -> Measurements:
    from motor.motor_asyncio import AsyncIOMotorClient

    ours = Driver("PyMongo", lambda url: AsyncMongoClient(url, w="majority", journal=True), session_is_awaited=False)
    floor = Driver("Motor", lambda url: AsyncIOMotorClient(url, w="majority", journal=True), session_is_awaited=True)
    measurements: dict[str, dict[str, list[Measured]]] = {work.name: {ours.name: [], floor.name: []} for work in WORKLOADS}
    async with _server() as url:
        with _progress() as progress:
            task = progress.add_task("", total=(repeats + 1) * 2)
            for turn in range(repeats + 1):  # the first turn warms up and is not counted
                left: dict[str, Mapping[str, list[Document]]] = {}
                for one in (ours, floor) if turn % 2 else (floor, ours):
                    progress.update(task, description=f"{one.name}, turn {turn} of {repeats}" if turn else f"{one.name} warms up")
                    measured, left[one.name] = await _one_turn(one, url, f"bench_{one.name.lower()}_{turn}")
                    for name, result in measured.items() if turn else ():
                        measurements[name][one.name].append(result)
                    progress.advance(task)
                _check_equal(left[ours.name], left[floor.name])
    return measurements


async def _one_turn(one: Driver, url: str, database: str) -> tuple[dict[str, Measured], Mapping[str, list[Document]]]:
    """Every workload once, in a database of its own that is gone afterwards."""
    client = one.connect(url)
    try:
        await client.drop_database(database)
        for name in COLLECTIONS:
            await client[database].create_collection(name)
        measured = {work.name: await _timed(work, one, client, database) for work in WORKLOADS}
        left = {name: await client[database][name].find({}).sort("_id", 1).to_list(None) for name in COLLECTIONS}
        await client.drop_database(database)
        return measured, left
    finally:
        closing = client.close()
        if closing is not None:
            await closing


async def _timed(work: Workload, one: Driver, client: Any, database: str) -> Measured:
    numbers = iter(range(work.count))

    async def worker() -> None:
        for number in numbers:
            await work.do(one, client, database, number)

    started, cpu_started = time.perf_counter(), time.process_time()
    await asyncio.gather(*(worker() for _ in range(work.at_once)))
    seconds, cpu_seconds = time.perf_counter() - started, time.process_time() - cpu_started
    return Measured(work.count * work.weight / seconds, 1000 * cpu_seconds / work.count)


async def _submit(one: Driver, client: Any, database: str, number: int) -> None:
    """What one request writes: the case, its journal entry, its event and its stored response, in one transaction."""
    db = client[database]

    async def body(session: Any) -> None:
        for collection, document in _written_by_submit(number).items():
            await db[collection].insert_one(dict(document), session=session)

    await one.in_transaction(client, body)


async def _find(_one: Driver, client: Any, database: str, number: int) -> None:
    wanted = f"case-{number % SUBMITS:06d}"
    found = await client[database].applications.find_one({"_id": wanted})
    if found is None or found["_id"] != wanted:
        raise ResultsDiffer(f"{wanted} was written and not found again")


async def _claim(_one: Driver, client: Any, database: str, number: int) -> None:
    version, case = divmod(number, SUBMITS)  # every case once, then every case again
    guard = {"_id": f"case-{case:06d}", "version": version + 1}
    change = {"$set": {"version": version + 2, "by": f"officer-{version}"}}
    result = await client[database].applications.update_one(guard, change)
    if result.matched_count != 1:
        raise ResultsDiffer(f"{guard['_id']} was not there in version {version + 1}")


async def _insert_many(_one: Driver, client: Any, database: str, number: int) -> None:
    rows = [{"_id": f"row-{number:04d}-{position:03d}", "text": "x" * 200, "position": position} for position in range(BATCH)]
    await client[database].batches.insert_many(rows)


def _written_by_submit(number: int) -> dict[str, Document]:
    case = f"case-{number:06d}"
    answers = {f"question_{position}": "answer " * 8 for position in range(12)}  # about 1 KB, as a real application
    return {
        "applications": {"_id": case, "version": 1, "status": "submitted", "answers": answers},
        "journal": {"_id": f"{case}:1", "application_id": case, "act": "submitted", "event_ids": [f"event-{number}"]},
        "outbox": {"_id": f"event-{number:06d}", "type": "application.submitted.v1", "body": "x" * 600, "held_until": None},
        "idempotency_keys": {"_id": f"citizen:{number:06d}", "request_hash": "0" * 64, "response": {"id": case}},
    }


SUBMITS, BATCHES = 100, 8
WORKLOADS: Sequence[Workload] = (
    Workload("transaction", "transactions/s", SUBMITS, _submit),
    Workload("find_by_id", "finds/s", 400, _find),
    Workload("compare_and_set", "updates/s", SUBMITS * 2, _claim),
    Workload("insert_many_100", "documents/s", BATCHES, _insert_many, at_once=1, weight=BATCH),
)
EXPECTED = {**dict.fromkeys(("applications", "journal", "outbox", "idempotency_keys"), SUBMITS), "batches": BATCHES * BATCH}


def _check_equal(ours: Mapping[str, list[Document]], floor: Mapping[str, list[Document]]) -> None:
    for name, expected in EXPECTED.items():
        counts = len(ours[name]), len(floor[name])
        if counts != (expected, expected):
            raise ResultsDiffer(f"{name}: {expected} documents were asked for, PyMongo left {counts[0]} and Motor {counts[1]}")
        if ours[name] != floor[name]:
            raise ResultsDiffer(f"{name}: the two drivers left different documents")


@asynccontextmanager
async def _server() -> AsyncIterator[str]:
    given = os.environ.get("ESHIK_MONGO_URL")
    if given:
        yield given
        return
    with tempfile.TemporaryDirectory(prefix="eshik-bench-") as folder:
        server = SecantusServer(Path(folder), Ports(free_base()).mongo)
        await asyncio.to_thread(server.start)
        try:
            await asyncio.to_thread(server.wait_ready)
            yield server.url
        finally:
            await asyncio.to_thread(server.stop)


def _progress() -> Progress:
    bar = (TextColumn("{task.description:<24}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*bar, console=err, transient=True)


def _as_data(work: Workload, measured: Mapping[str, list[Measured]]) -> dict[str, float | str | None]:
    """ratio: the median of the turns' own ratios, because neighbours in time share the machine's load."""
    ours, floor = (statistics.median(one.rate for one in measured[name]) for name in DRIVERS)
    ratios = [mine.rate / other.rate for mine, other in zip(*(measured[name] for name in DRIVERS), strict=True)]
    cpu = {name: _cpu_ms(measured[name]) for name in DRIVERS}
    return {
        "ours": round(ours, 1),
        "floor": round(floor, 1),
        "ratio": round(statistics.median(ratios), 3),
        "unit": work.unit,
        "target": None,
        "ours_cpu_ms": cpu["PyMongo"],
        "floor_cpu_ms": cpu["Motor"],
    }


def _show(measurements: Measurements, repeats: int) -> None:
    rows = []
    for work in WORKLOADS:
        measured = measurements[work.name]
        data = _as_data(work, measured)
        rates = [_with_spread([one.rate for one in measured[name]]) for name in DRIVERS]
        rows.append([work.name, *rates, f"{data['ratio']:.2f}", work.unit, f"{data['ours_cpu_ms']} / {data['floor_cpu_ms']}"])
    names = [f"PyMongo {pymongo.version} async", f"Motor {version('motor')}"]
    show_rows(rows, ["work", *names, "ratio", "unit", "client CPU ms a call"])
    out.print(
        f"\n[dim]Medians of {repeats} turns (least to most) on one server. Counts and documents were equal in every turn.[/]"
    )


def _with_spread(rates: Sequence[float]) -> str:
    return f"{statistics.median(rates):,.0f} ({min(rates):,.0f} to {max(rates):,.0f})"
