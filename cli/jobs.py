"""./eshik jobs: what a service gave up, and putting it back to work."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated, Any

import typer
from pydantic import BaseModel
from pymongo.client_session import ClientSession
from pymongo.database import Database
from rich.markup import escape

from cli.console import fail, out, print_json, show_rows
from cli.databases import ServiceDatabases, running_databases, stack_now
from cli.kernel_databases import operator_name
from cli.stack import the_stack
from shared.mongo.audit import OperatorAct, audited

AT_ONCE = 100  # jobs put back in one transaction
ALARMED, WAITING = "alarmed", "waiting"  # shared/jobs/job.py
CONTEXT = {"help_option_names": ["-h", "--help"]}

jobs = typer.Typer(
    help="Jobs that were given up, and those that wait.",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings=CONTEXT,
)


class GivenUpJob(BaseModel):
    """One alarmed job. since: when it was given up; tries: the failed ones."""

    service: str
    kind: str
    key: str
    reason: str
    tries: int
    since: datetime


class Found(BaseModel):
    """due waits for a worker now; later are timers and retries."""

    given_up: list[GivenUpJob]
    due: int
    later: int
    next_at: datetime | None


@jobs.callback(invoke_without_command=True)
def show(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """List the jobs that were given up, and count those that wait."""
    if context.invoked_subcommand:
        return
    with _databases() as (databases, now):
        found = look_at_jobs(databases, now)
    if as_json:
        print_json(found.model_dump(mode="json"))
    else:
        _show(found)


@jobs.command(context_settings=CONTEXT)
def again(
    service: Annotated[str, typer.Argument(metavar="SERVICE", help="Only this service's.")] = "",
    kind: Annotated[str, typer.Argument(metavar="KIND", help="Only this kind, as in issue_document.")] = "",
    who: Annotated[str, typer.Option("--who", help="Your name for the audit entry; else the operating system's user.")] = "",
) -> None:
    """Put jobs that were given up back to work at once, with all their tries. A document that failed is then issued."""
    with _databases() as (databases, now):
        if service and service not in databases:
            fail(f"there is no service {service}; there are {', '.join(databases)}")
        chosen = {name: db for name, db in databases.items() if service in ("", name)}
        put = try_again(chosen, kind, now, who=who)
    if not put:
        out.print("No such job was given up.")
        return
    for (name, of_kind), count in sorted(put.items()):
        out.print(f"{name}: {count} {of_kind}", markup=False)
    jobs_wait = "1 job waits" if put.total() == 1 else f"{put.total()} jobs wait"
    out.print(f"{jobs_wait} to be worked now; ./eshik jobs shows what is given up again.")
    if any(of_kind == "issue_document" for _, of_kind in put):
        out.print("Documents whose issuing failed are issued now, where the cause is gone.")


def look_at_jobs(databases: ServiceDatabases, now: datetime) -> Found:
    """Raises PyMongoError."""
    given_up = [
        GivenUpJob(
            service=name,
            kind=row["kind"],
            key=row["key"],
            reason=row["reason"] or "",
            tries=row["attempts"] + 1,  # the last one is not counted in
            since=row.get("alarmed_at") or row["due_at"],
        )
        for name, db in databases.items()
        for row in db.jobs.find({"state": ALARMED})
    ]
    due = sum(db.jobs.count_documents({"state": WAITING, "due_at": {"$lte": now}}) for db in databases.values())
    later = {"state": WAITING, "due_at": {"$gt": now}}
    first = [row["due_at"] for db in databases.values() if (row := db.jobs.find_one(later, sort=[("due_at", 1)]))]
    return Found(
        given_up=sorted(given_up, key=lambda job: job.since),
        due=due,
        later=sum(db.jobs.count_documents(later) for db in databases.values()),
        next_at=min(first, default=None),
    )


def try_again(databases: ServiceDatabases, kind: str, now: datetime, *, who: str = "") -> Counter[tuple[str, str]]:
    """How many of each service and kind were put back, with an audit entry in each of these databases.

    Raises PyMongoError; what was put back stays so.
    """
    put: Counter[tuple[str, str]] = Counter()
    for name, db in databases.items():
        for rows in _in_hundreds(list(db.jobs.find({"state": ALARMED, **({"kind": kind} if kind else {})}))):
            put.update((name, of_kind) for of_kind in _put_back(db, rows, now, who, {"kind": kind} if kind else {}))
    return put


def _in_hundreds(rows: list[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    for first in range(0, len(rows), AT_ONCE):
        yield rows[first : first + AT_ONCE]


def _put_back(
    db: Database[dict[str, Any]], rows: list[dict[str, Any]], now: datetime, who: str, chosen: dict[str, str]
) -> list[str]:
    """The kinds of the jobs that were still given up, one for each."""
    kinds: list[str] = []

    def change(session: ClientSession) -> OperatorAct | None:
        done = []
        for row in rows:
            as_seen = {"_id": row["_id"], "state": ALARMED, "fence": row["fence"]}
            back = {"$set": {"state": WAITING, "attempts": 0, "due_at": now}, "$unset": {"alarmed_at": ""}}
            if db.jobs.update_one(as_seen, back, session=session).modified_count:
                done.append(row)
        kinds[:] = [row["kind"] for row in done]  # anew where the transaction runs twice
        about = {"jobs": [row["_id"] for row in done], "filter": chosen}
        return OperatorAct(now, operator_name(who), "jobs:again", about) if done else None

    audited(db.client, db, change)
    return kinds


@contextmanager
def _databases() -> Iterator[tuple[ServiceDatabases, datetime]]:
    stack = the_stack()
    with running_databases(stack) as databases:
        yield databases, stack_now(stack)


def _show(found: Found) -> None:
    if found.given_up:
        rows = [
            [job.service, job.kind, job.key, escape(job.reason), str(job.tries), f"{job.since:%Y-%m-%d %H:%M:%S}"]
            for job in found.given_up
        ]
        show_rows(rows, ["service", "kind", "key", "reason", "tries", "given up since (UTC)"])
        out.print("\n./eshik jobs again \\[SERVICE] \\[KIND] puts them back to work, once the cause is gone.")
    else:
        out.print("No job was given up.")
    soonest = f", the next at {found.next_at:%Y-%m-%d %H:%M} UTC" if found.next_at else ""
    out.print(f"{found.due} due now, {found.later} for later{soonest}.")
