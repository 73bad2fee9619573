"""./eshik erasure: a person's data is erased everywhere, or held by law: asked, looked at, held and released by an operator."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from uuid import uuid4

import typer
from pymongo.client_session import ClientSession
from pymongo.database import Database

from cli.console import fail, out, print_json, show_rows
from cli.databases import ServiceDatabases, running_databases, stack_now
from cli.kernel_databases import operator_name
from cli.stack import the_stack
from shared.jobs.job import NewJob, job_document
from shared.mongo.audit import OperatorAct, audited
from shared.mongo.data_keys import COLLECTION as DATA_KEYS
from shared.mongo.erasure import ASKED_BY_OPERATOR, ERASE_PERSON, ERASURES, HELD_AT, HOLDS
from shared.mongo.operation import Operation
from shared.mongo.purging import STATE, TURN
from shared.sealing.holds import hold_kinds

ASKED = "erasures_asked"  # in identity
CONTEXT = {"help_option_names": ["-h", "--help"]}
BY_HAND = sorted(kind.name for kind in hold_kinds().values() if kind.placed == "by-hand")

erasure = typer.Typer(
    help="Erase a person's data everywhere, or hold it by law.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings=CONTEXT,
)
Person = Annotated[str, typer.Argument(metavar="PERSON", help="The person's id.")]
Who = Annotated[str, typer.Option("--who", help="Your name for the audit entry; else the operating system's user.")]
Reason = Annotated[str, typer.Option("--reason", help="Why, for the audit: a number of the request, no names.")]
Db = Database[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Found:
    """service: whose answer it is. state: not asked, asked, held for ..., destroyed."""

    service: str
    state: str
    holds: list[tuple[str, str, str]]  # open ones: id, kind, case


class AlreadyErased(Exception):
    """Nothing is left that could be held."""


@erasure.command(context_settings=CONTEXT)
def ask(person: Person, reason: Reason, who: Who = "") -> None:
    """Erase a citizen. Each service destroys their data key within seconds, or says what holds it; the account goes last. Only
    the citizen can take it back, while nothing was destroyed."""
    with _databases() as (databases, now):
        if databases["identity"].people.find_one({"_id": person}, {"_id": 1}) is None:
            fail("identity knows nobody with this id")
        ask_erasure(databases["identity"], person, now, who=operator_name(who), note=reason)
    out.print(f"Asked. ./eshik erasure status {person} tells what every service answered.", markup=False)


@erasure.command(context_settings=CONTEXT)
def status(person: Person, as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False) -> None:
    """What every service answered about a person, and what holds them."""
    with _databases() as (databases, _now):
        found = answers(databases, person)
    if as_json:
        print_json([{"service": one.service, "state": one.state, "holds": one.holds} for one in found])
        return
    rows = [[one.service, one.state, ", ".join(f"{hold} {kind} {case}" for hold, kind, case in one.holds)] for one in found]
    show_rows(rows, ["service", "state", "open holds"])


@erasure.command(context_settings=CONTEXT)
def hold(
    service: Annotated[str, typer.Argument(metavar="SERVICE")],
    person: Person,
    case: Annotated[str, typer.Argument(metavar="CASE", help="Id of the case that is held.")],
    kind: Annotated[str, typer.Argument(metavar="KIND", help=f"One of {', '.join(BY_HAND)}.")],
    reason: Reason,
    who: Who = "",
) -> None:
    """Hold a case: what the service keeps of its person is not erased before the hold is released."""
    if kind not in BY_HAND:
        fail(f"there is no such kind to place by hand; there are {', '.join(BY_HAND)}")
    with _databases() as (databases, now):
        try:
            placed = place_hold(_one(databases, service), person, case, kind, now, who=operator_name(who), note=reason)
        except AlreadyErased:
            fail(f"{service} has destroyed what it kept of this person: there is nothing left to hold")
    out.print(f"Held: {placed}", markup=False)


@erasure.command(context_settings=CONTEXT)
def release(
    service: Annotated[str, typer.Argument(metavar="SERVICE")],
    hold_id: Annotated[str, typer.Argument(metavar="HOLD")],
    reason: Reason,
    who: Who = "",
) -> None:
    """Release a hold. Where the person is to be erased and nothing else holds them, they are erased now."""
    with _databases() as (databases, now):
        if not release_hold(_one(databases, service), hold_id, now, who=operator_name(who), note=reason):
            fail("there is no such hold, or it was released before")
    out.print("Released.")


def ask_erasure(db: Db, person: str, now: datetime, *, who: str, note: str) -> None:
    """As one transaction in identity's database with its audit entry. Raises PyMongoError."""
    document = _job(person, now, **{ASKED_BY_OPERATOR: 1})

    def change(session: ClientSession) -> OperatorAct:
        db.jobs.insert_one(dict(document), session=session)
        return OperatorAct(now, who, "person:ask-erasure", {"person": person}, note)

    audited(db.client, db, change)


def place_hold(db: Db, person: str, case: str, kind: str, now: datetime, *, who: str, note: str) -> str:
    """Out: the hold's id. Raises AlreadyErased, PyMongoError."""
    row = {"_id": str(uuid4()), "person_id": person, "case": case, "kind": kind, "placed_at": now, "released_at": None}

    def change(session: ClientSession) -> OperatorAct:
        db[STATE].update_one(*TURN, upsert=True, session=session)  # a purge that is being written meets it here
        if db[DATA_KEYS].find_one({"_id": person, "destroyed_at": {"$exists": True}}, session=session):
            raise AlreadyErased
        db[DATA_KEYS].update_one({"_id": person}, {"$set": {HELD_AT: now}}, session=session)  # an erasure at once writes it too
        db[HOLDS].insert_one(dict(row), session=session)
        return OperatorAct(now, who, "hold:place", {"person": person, "case": case, "kind": kind}, note)

    audited(db.client, db, change)
    return str(row["_id"])


def release_hold(db: Db, hold_id: str, now: datetime, *, who: str, note: str) -> bool:
    """False where it is not open. An erasure that waits for it is looked at again. Raises PyMongoError."""
    released: list[bool] = []

    def change(session: ClientSession) -> OperatorAct | None:
        still_open = {"_id": hold_id, "released_at": None}
        row = db[HOLDS].find_one(still_open, session=session)
        released[:] = [row is not None]
        if row is None:
            return None
        db[HOLDS].update_one(still_open, {"$set": {"released_at": now}}, session=session)
        if db[ERASURES].find_one({"_id": row["person_id"]}, session=session):
            db.jobs.insert_one(_job(row["person_id"], now), session=session)
        return OperatorAct(now, who, "hold:release", {"person": row["person_id"], "hold": hold_id}, note)

    audited(db.client, db, change)
    return released[-1]


def answers(databases: ServiceDatabases, person: str) -> list[Found]:
    """Raises PyMongoError."""
    asked = databases["identity"][ASKED].find_one({"_id": person})
    return [_answer(service, db, person, asked is not None) for service, db in databases.items()]


def _answer(service: str, db: Db, person: str, asked: bool) -> Found:
    own = db[ERASURES].find_one({"_id": person})
    state = "asked" if asked else "not asked"
    if own:
        state = f"held for {', '.join(own['held_for'])}" if own["held_for"] else "destroyed"
    open_ones = db[HOLDS].find({"person_id": person, "released_at": None})
    return Found(service, state, [(row["_id"], row["kind"], row["case"]) for row in open_ones])


def _job(person: str, now: datetime, **more: int) -> dict[str, Any]:
    """A job of its own each time: an earlier one may have been worked already."""
    job = NewJob(ERASE_PERSON, f"{person}:{uuid4()}", now, {"person_id": person, **more})
    return job_document(job, Operation(str(uuid4()), now, str(uuid4())))


def _one(databases: ServiceDatabases, service: str) -> Db:
    if service not in databases:
        fail(f"there is no service {service}; there are {', '.join(databases)}")
    return databases[service]


@contextmanager
def _databases() -> Iterator[tuple[ServiceDatabases, datetime]]:
    stack = the_stack()
    with running_databases(stack) as databases:
        yield databases, stack_now(stack)
