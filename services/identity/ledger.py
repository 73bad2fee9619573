"""What must hold among people who sign in: roles, passwords and sessions are as the audit says that they were given and ended.

A row that was rewritten is refused by its proof. One that is genuine and older, which somebody put back, is not; but the audit,
which is chained and signed elsewhere, knows what became of it.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from shared.ledger import SETTLED_AFTER, Fault, Side, Verdict
from shared.mongo.audit import LOG
from shared.mongo.database import Db, Document, Session
from shared.mongo.ledger import ALL, Span, in_parts, those

RULE = "rights"
GIVEN = ("grant:give", "officer:invite")
REPLACED = ("credentials:enrol", "credentials:change-password", "credentials:reset")
ENDS_ALL = ("session:end-all", "credentials:enrol", "credentials:reset", "assurance:take-back")
ENDS_WAYS_IN = "credentials:reset"
ENDS_ONE = ("session:end", "session:reuse")
ACTS = sorted({*GIVEN, "grant:confirm", "grant:withdraw", *REPLACED, *ENDS_ALL, *ENDS_ONE, "passkey:remove"})
SAME = timedelta(milliseconds=2)


@dataclass(slots=True)
class Rights:
    """One person: grants, their password's day, live sessions and other ways in as they lie there, and what the audit tells."""

    grants: Sequence[Document] | None = None  # None: there is no such person
    set_at: datetime | None = None
    sessions: dict[str, datetime] = field(default_factory=dict)  # live ones, with when they were opened
    passkeys: dict[str, datetime] = field(default_factory=dict)  # with when they were added
    linked: list[datetime] = field(default_factory=list)  # accounts elsewhere, by when they were
    told: list[dict[str, Any]] = field(default_factory=list)


class RightsAccount:
    def __init__(self, db: Db, now: datetime, span: Span = ALL) -> None:
        self._db, self._now, self._span = db, now, span
        self._told_since = now

    async def gather(self, session: Session | None, again: Mapping[str, Rights] | None) -> dict[str, Rights]:
        found: dict[str, Rights] = {}
        first = await self._db[LOG].find_one({"at": {"$lte": self._now}}, {"at": 1}, sort=[("at", 1)], session=session)
        self._told_since = first["at"] if first else self._now  # older entries have lost their content: their term was over
        for part in [None] if again is None else in_parts(list(again)):
            await self._read(part, session, found)
        return found

    async def _read(self, keys: Sequence[str] | None, session: Session | None, found: dict[str, Rights]) -> None:
        """The audit first: what is told then has happened, and what lies there is read after."""
        told = self._span.of("person") if keys is None else those(keys, "person")
        async for row in self._db[LOG].find({"act": {"$in": ACTS}, **told}, {"text": 1}, session=session).sort("_id", 1):
            entry = json.loads(row["text"])
            found.setdefault(entry["about"]["person"], Rights()).told.append(entry)
        people = those(keys, span=self._span)
        async for row in self._db.people.find(people, {"grants": 1}, session=session):
            found.setdefault(row["_id"], Rights()).grants = row.get("grants") or []
        async for row in self._db.officer_credentials.find(people, {"set_at": 1}, session=session):
            found.setdefault(row["_id"], Rights()).set_at = row.get("set_at")
        live = {"ended_at": None, "expires_at": {"$gt": self._now}, **those(keys, "person_id", self._span)}
        async for row in self._db.sessions.find(live, {"person_id": 1, "opened_at": 1}, session=session):
            found.setdefault(row["person_id"], Rights()).sessions[row["_id"]] = row["opened_at"]
        theirs = those(keys, "person_id", self._span)
        async for row in self._db.passkeys.find(theirs, {"person_id": 1, "created_at": 1}, session=session):
            found.setdefault(row["person_id"], Rights()).passkeys[row["_id"]] = row["created_at"]
        async for row in self._db.openid_subjects.find(theirs, {"person_id": 1, "linked_at": 1}, session=session):
            found.setdefault(row["person_id"], Rights()).linked.append(row["linked_at"])

    def judge(self, evidence: Mapping[str, Rights]) -> list[Verdict]:
        settled = self._now - SETTLED_AFTER
        faults = [
            Fault(person, person, what)
            for person, rights in sorted(evidence.items())
            if rights.grants is not None
            for what in (
                *_of_grants(rights, self._told_since, settled),
                *_of_password(rights),
                *_of_sessions(rights),
                *_of_ways_in(rights),
            )
        ]
        grants = [grant for rights in evidence.values() for grant in rights.grants or ()]
        lying = {"roles": len(grants), "live sessions": sum(len(rights.sessions) for rights in evidence.values())}
        told = {"acts": sum(len(rights.told) for rights in evidence.values())}
        return [Verdict(RULE, Side("people, passwords and sessions", lying), Side("the audit's log", told), tuple(faults))]


def _of_grants(rights: Rights, since: datetime, settled: datetime) -> list[str]:
    """Those of the set-up were given by nobody; only their proofs speak for them."""
    given = {entry["about"].get("grant"): entry["about"] for entry in rights.told if entry["act"] in GIVEN}
    withdrawn = {entry["about"].get("grant") for entry in rights.told if entry["act"] == "grant:withdraw"}
    confirmed = {entry["about"].get("grant") for entry in rights.told if entry["act"] == "grant:confirm"}
    wrong, known = [], set[str]()
    for grant in rights.grants or ():
        known.add(grant["id"])
        about = given.get(grant["id"])
        if grant["id"] in withdrawn and not grant.get("withdrawn"):
            wrong.append("a role that was taken back is in force again")
        elif about is None and grant.get("given_by") and since <= (grant.get("given_at") or since) <= settled:
            wrong.append("a role that nobody gave, by the audit")
        elif about is not None and not _same(grant, about):
            wrong.append("a role that is not the one that was given")
        if (second := grant.get("confirmed")) and grant["id"] not in confirmed and since <= second["at"] <= settled:
            wrong.append("a role that nobody confirmed, by the audit")
    if given.keys() - known:
        wrong.append("a role that was given is not there")
    return wrong


def _same(grant: Document, about: Mapping[str, Any]) -> bool:
    days = ("from" not in about) or (about["from"], about.get("until")) == (grant["valid_from"], grant.get("valid_until"))
    return days and (grant["role"], list(grant["posts"])) == (about["role"], about["posts"])


def _of_password(rights: Rights) -> list[str]:
    times = [_at(entry) for entry in rights.told if entry["act"] in REPLACED]
    older = rights.set_at is not None and times and rights.set_at < max(times) - SAME
    return ["a password from before it was replaced"] if older else []


def _of_sessions(rights: Rights) -> list[str]:
    all_ended = [_at(entry) for entry in rights.told if entry["act"] in ENDS_ALL]
    ended = {entry["about"].get("session") for entry in rights.told if entry["act"] in ENDS_ONE}
    before = max(all_ended, default=None)
    alive = [one for one, opened in rights.sessions.items() if one in ended or (before and opened < before - SAME)]
    return ["a session that was ended is alive again"] if alive else []


def _of_ways_in(rights: Rights) -> list[str]:
    """Passkeys and accounts elsewhere that were taken away."""
    reset = max((_at(entry) for entry in rights.told if entry["act"] == ENDS_WAYS_IN), default=None)
    removed = {entry["about"].get("passkey"): _at(entry) for entry in rights.told if entry["act"] == "passkey:remove"}
    wrong = []
    if any(end and added < end - SAME for one, added in rights.passkeys.items() for end in (removed.get(one), reset)):
        wrong.append("a passkey that was taken away is there again")
    if reset and any(linked < reset - SAME for linked in rights.linked):
        wrong.append("an account elsewhere that was taken away is linked again")
    return wrong


def _at(entry: Mapping[str, Any]) -> datetime:
    return datetime.fromisoformat(entry["at"])
