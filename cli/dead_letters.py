"""Dead letters as ./eshik dead works on them: chosen by a filter, described without what somebody may have written in them."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from typing import Any

from pydantic import BaseModel

from shared.audit.entry import shown
from shared.clock import Clock, SystemClock
from shared.contracts.base import EVENTS
from shared.contracts.envelope import Envelope, UnreadableEvent
from shared.metrics import BY_BROKER, UNREADABLE
from shared.mongo.database import Database, Document
from shared.mongo.dead_letters import DeadState, is_too_old
from shared.mongo.operation import Operation
from shared.mongo.replaying import AT_ONCE, OnDeadLetters, Replay, discard_dead_letters, replay_dead_letters
from shared.mongo.transactions import Transactions

AN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,99}")  # our ids, codes and types; a sentence or a name with a space is none
ENVELOPE_KEYS = frozenset(
    {"specversion", "id", "source", "type", "subject", "time", "datacontenttype", "correlationid", "causationid", "traceparent"}
)
CONTRACT_KEYS = frozenset(name for event in EVENTS.values() for name in event.model_fields)
SHOWN_FIELDS = re.compile(r".*_id|reference|sequence|revision|occurred_at|started_at")
HIDDEN = "(not shown)"
DIGEST = "sha256."  # stands for an id that is none of ours
# what the metrics say instead of a reason (shared/metrics.py): each stands for all of its reasons
CLASSES: dict[str, Document] = {
    "unreadable": {"$in": sorted(UNREADABLE)},
    "refused-by-broker": {"$in": sorted(BY_BROKER)},
    "handler-failed": {"$nin": sorted(UNREADABLE | BY_BROKER)},
}


class Chosen(BaseModel):
    """Which letters are meant; an empty value means any."""

    service: str = ""
    queue: str = ""
    reason: str = ""
    event_type: str = ""
    state: str = DeadState.PARKED
    ids: list[str] = []
    again: bool = False

    @property
    def filter(self) -> dict[str, str]:
        return {name: value for name in ("service", "queue", "reason", "event_type") if (value := getattr(self, name))}

    def query(self) -> Document:
        states = [DeadState.PARKED, DeadState.REPLAYED] if self.again else [self.state]
        query: Document = {} if self.state == "all" else {"state": {"$in": states}}
        filtered: Document = {name: value for name, value in self.filter.items() if name != "service"}
        return query | filtered | ({"reason": CLASSES[self.reason]} if self.reason in CLASSES else {})

    def means(self, letter: Letter) -> bool:
        return not self.ids or letter.id in self.ids


class Letter(BaseModel):
    """died_at: the last time; first_died_at is another one where a replay ended in one more death."""

    id: str
    service: str
    queue: str
    event_type: str | None
    event_id: str | None
    reason: str
    field: str
    attempts: int
    state: str
    died_at: datetime
    first_died_at: datetime
    replays: int
    refused: str | None = None


class LetterInFull(Letter):
    """headers and data: ids and codes of our contracts only. keys: the shape of the body, with names that we know."""

    correlation_id: str | None
    headers: dict[str, str]
    size: int
    sha256: str
    readable: str
    data: dict[str, str]
    keys: list[str]


class Group(BaseModel):
    queue: str
    reason: str
    state: str
    count: int


class Found(BaseModel):
    count: int
    groups: list[Group]
    letters: list[Letter]


class LeftAlone(BaseModel):
    """A letter that was named by its id, and that nothing is done to."""

    id: str
    why: str


class Plan(BaseModel):
    """too_old: refused, because the inbox may have forgotten their events."""

    chosen: list[Letter]
    too_old: list[Letter]
    left_alone: list[LeftAlone] = []

    @property
    def unreadable(self) -> int:
        return sum(letter.reason in UNREADABLE for letter in self.chosen)


class Discarded(BaseModel):
    discarded: list[str]
    left_alone: list[LeftAlone]


class UnknownLetters(Exception):
    """There are no letters with these ids, so nothing was done."""


async def look(databases: Mapping[str, Database], chosen: Chosen, limit: int) -> Found:
    """Raises PyMongoError."""
    letters = [letter async for letter, _ in _letters(databases, chosen, body=False)]
    counted = Counter((letter.queue, letter.reason, letter.state) for letter in letters)
    newest = sorted(letters, key=lambda letter: letter.died_at, reverse=True)[:limit]
    groups = [Group(queue=queue, reason=reason, state=state, count=n) for (queue, reason, state), n in sorted(counted.items())]
    return Found(count=len(letters), groups=groups, letters=newest)


async def show_one(databases: Mapping[str, Database], letter_id: str) -> LetterInFull | None:
    async for letter, document in _letters(databases, Chosen(state="all", ids=[letter_id])):
        return _in_full(letter, document)
    return None


async def reasons(databases: Mapping[str, Database], state: str) -> dict[str, int]:
    """What letters in this state died of, for who chose none."""
    return dict(Counter([letter.reason async for letter, _ in _letters(databases, Chosen(state=state), body=False)]))


async def left_alone(databases: Mapping[str, Database], chosen: Chosen) -> list[LeftAlone]:
    """Of the letters named by id those that the choice leaves out, and why. Raises UnknownLetters."""
    if not chosen.ids:
        return []
    there = {
        letter.id: (letter, row) async for letter, row in _letters(databases, Chosen(state="all", ids=chosen.ids), body=False)
    }
    if missing := [one for one in dict.fromkeys(chosen.ids) if one not in there]:
        raise UnknownLetters(*missing)
    meant = {letter.id async for letter, _ in _letters(databases, chosen, body=False)}
    out = [there[one] for one in dict.fromkeys(chosen.ids) if one not in meant]
    return [LeftAlone(id=letter.id, why=await _why_not(databases[letter.service], letter, row)) for letter, row in out]


async def _why_not(database: Database, letter: Letter, row: Document) -> str:
    if letter.state == DeadState.DISCARDED:
        told = {"act": "dead:discard", "about.dead_letters": shown(str(row["_id"]))}
        entry = await database.db.audit.find_one(told, {"note": 1}, sort=[("at", -1)]) or {}
        return f"it was discarded on {row['discarded_at']:%Y-%m-%d %H:%M:%S} UTC: {entry.get('note') or '(no reason is kept)'}"
    if letter.state == DeadState.REPLAYING:
        return f"it is being replayed, since {row['replaying_since']:%Y-%m-%d %H:%M:%S} UTC"
    if letter.state == DeadState.REPLAYED:
        return "it was replayed and has not died again; replay --again does it once more"
    return "the other options leave it out"


async def plan(databases: Mapping[str, Database], chosen: Chosen, now: datetime) -> Plan:
    """Raises UnknownLetters, PyMongoError."""
    planned = Plan(chosen=[], too_old=[], left_alone=await left_alone(databases, chosen))
    async for letter, document in _letters(databases, chosen):
        (planned.too_old if is_too_old(document, now) else planned.chosen).append(letter)
    return planned


async def replay_all(databases: Mapping[str, Database], chosen: Chosen, now: datetime, *, who: str, a_second: float) -> Plan:
    """Order the replay of all that is chosen, in transactions of AT_ONCE letters.

    Raises UnknownLetters, PyMongoError, DatabaseUnavailable.
    """
    planned, done = await plan(databases, chosen, now), []
    for service, letters, real_ids in await _by_service(databases, chosen, planned.chosen):
        for first in range(0, len(letters), AT_ONCE):
            ids = real_ids[first : first + AT_ONCE]
            command = Replay(ids, who, chosen.filter, a_second=a_second, again=chosen.again)
            changed = set(await _run(databases[service], replay_dead_letters, command, now))
            done += [letter for letter, real_id in zip(letters, real_ids, strict=True) if real_id in changed]
    return Plan(chosen=done, too_old=planned.too_old, left_alone=planned.left_alone)


async def plan_discard(databases: Mapping[str, Database], chosen: Chosen) -> Discarded:
    """What would be discarded. Raises UnknownLetters, PyMongoError."""
    out = await left_alone(databases, chosen)
    return Discarded(discarded=[letter.id async for letter, _ in _letters(databases, chosen, body=False)], left_alone=out)


async def discard_all(databases: Mapping[str, Database], chosen: Chosen, *, who: str, reason: str) -> Discarded:
    """Raises UnknownLetters, PyMongoError, DatabaseUnavailable."""
    out = await left_alone(databases, chosen)
    letters = [letter async for letter, _ in _letters(databases, chosen, body=False)]
    done: list[str] = []
    for service, _, real_ids in await _by_service(databases, chosen, letters):
        for first in range(0, len(real_ids), AT_ONCE):
            command = OnDeadLetters(real_ids[first : first + AT_ONCE], who, chosen.filter, reason)
            done += [_shown_id(real_id) for real_id in await _run(databases[service], discard_dead_letters, command, None)]
    return Discarded(discarded=done, left_alone=out)


async def _run(database: Database, use_case: Any, command: OnDeadLetters, now: datetime | None) -> list[str]:
    clock: Clock = SystemClock()
    operation = Operation.now(clock)
    if now is not None:
        operation = Operation(operation.operation_id, now, operation.correlation_id, operation.traceparent)
    changed: list[str] = await Transactions(database, clock).run(use_case, command, operation=operation)
    return changed


async def _by_service(
    databases: Mapping[str, Database], chosen: Chosen, wanted: list[Letter]
) -> list[tuple[str, list[Letter], list[str]]]:
    """Letters with their real ids, which may differ from the ones that are shown."""
    named = {(letter.service, letter.id) for letter in wanted}
    found: dict[str, tuple[list[Letter], list[str]]] = {}
    async for letter, document in _letters(databases, chosen, body=False):
        if (letter.service, letter.id) in named:
            letters, real_ids = found.setdefault(letter.service, ([], []))
            letters.append(letter)
            real_ids.append(document["_id"])
    return [(service, letters, real_ids) for service, (letters, real_ids) in found.items()]


async def _letters(
    databases: Mapping[str, Database], chosen: Chosen, *, body: bool = True
) -> AsyncIterator[tuple[Letter, Document]]:
    """Oldest first. body: read what is inside, too."""
    for service, database in databases.items():
        if chosen.service in ("", service):
            async for row in database.db.dead_letters.find(chosen.query(), None if body else {"body": 0}).sort("dead_at", 1):
                letter = _letter(service, row)
                if chosen.means(letter):
                    yield letter, row


def _letter(service: str, row: Document) -> Letter:
    return Letter(
        id=_shown_id(row["_id"]),
        service=service,
        queue=row["queue"],
        event_type=_shown(row["event_type"]),
        event_id=_shown(row["event_id"]),
        reason=_shown(row["reason"]) or "",
        field=_path(row.get("field") or ""),
        attempts=row["attempts"],
        state=row["state"],
        died_at=row["dead_at"],
        first_died_at=row.get("first_dead_at") or row["dead_at"],
        replays=row.get("replays", 0),
        refused=row.get("refused"),
    )


def _in_full(letter: Letter, row: Document) -> LetterInFull:
    data, readable = _contents(row["body"])
    return LetterInFull(
        **letter.model_dump(),
        correlation_id=_shown(row["correlation_id"]),
        headers={name: _shown(str(value)) or HIDDEN for name, value in (row.get("headers") or {}).items()},
        size=len(row["body"]),
        sha256=hashlib.sha256(row["body"]).hexdigest(),
        readable=readable,
        data=data,
        keys=_keys(row["body"]),
    )


def _contents(body: bytes) -> tuple[dict[str, str], str]:
    """Ids and steps of one of our events; nothing of what is none."""
    try:
        event = Envelope.from_body(body).event
    except UnreadableEvent as error:
        return {}, f"no: {error.reason}"
    fields = {name: str(value) for name, value in event.model_dump(mode="json").items() if SHOWN_FIELDS.fullmatch(name)}
    return {name: _shown(value) or HIDDEN for name, value in fields.items()}, "yes"


def _keys(body: bytes) -> list[str]:
    try:
        message = json.loads(body)
    except (ValueError, RecursionError):
        return []
    if not isinstance(message, dict):
        return [f"({type(message).__name__})"]
    found = [_key(name, ENVELOPE_KEYS | {"data"}) for name in message]
    inner = message.get("data")
    return found + ([f"data/{_key(name, CONTRACT_KEYS)}" for name in inner] if isinstance(inner, dict) else [])


def _key(name: str, known: frozenset[str]) -> str:
    return name if name in known else "(a key that is not ours)"


def _path(field: str) -> str:
    return "/".join(
        part if part in ENVELOPE_KEYS | CONTRACT_KEYS | {"data"} or part.isdigit() else HIDDEN
        for part in field.split("/")
        if part
    )


def _shown(value: str | None) -> str | None:
    return value if value is None or AN_ID.fullmatch(value) else HIDDEN


def _shown_id(real_id: object) -> str:
    text = str(real_id)
    return text if AN_ID.fullmatch(text) else DIGEST + hashlib.sha256(text.encode()).hexdigest()[:24]
