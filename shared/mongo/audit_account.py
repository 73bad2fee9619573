"""The ledger's rule for the audit: every row that is an entry is in the log once, with the bytes it has, within a minute."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.audit.tree import leaf_hash
from shared.ledger import SETTLED_AFTER, Fault, Side, Verdict
from shared.mongo.audit import LOG, OWN_ROWS, UNREADABLE, Source
from shared.mongo.audit_log import is_found_by_its_text
from shared.mongo.database import Db, Session
from shared.mongo.ledger import ALL, Span, in_parts
from shared.mongo.purging import purged_ids

RULE = "audit"


@dataclass(slots=True)
class Noted:
    """row: the hash of the entry that the row is; logged: what the log holds under its id. deleted: by a rule of retention, the
    row with what it belongs to, or the entry's content once its own term was over."""

    row: bytes | None = None
    logged: bytes | None = None
    young: bool = False
    deleted: bool = False
    unreadable: bool = False


class AuditAccount:
    def __init__(self, db: Db, service: str, now: datetime, sources: Sequence[Source] = (OWN_ROWS,), span: Span = ALL) -> None:
        self._db, self._service, self._now, self._sources, self._span = db, service, now, sources, span

    async def gather(self, session: Session | None, again: Mapping[str, Noted] | None) -> dict[str, Noted]:
        found: dict[str, Noted] = {}
        for source in self._sources:
            keys = None if again is None else [key for key in again if key.startswith(f"{source.collection}:")]
            for part in [None] if keys is None else in_parts(keys):
                await self._read(source, part, session, found)
            await self._look_for_deleted(source, session, found)
        return found

    async def _look_for_deleted(self, source: Source, session: Session | None, found: Mapping[str, Noted]) -> None:
        """Rows that are missing because a rule of retention deleted what they belong to."""
        if source.belongs_to is None:
            return
        prefix = f"{source.collection}:"
        missing: dict[str, list[Noted]] = {}
        for key, one in found.items():
            if key.startswith(prefix) and one.row is None and not one.deleted:
                missing.setdefault(source.belongs_to(key.removeprefix(prefix)), []).append(one)
        for part in in_parts(list(missing)):
            for owner in await purged_ids(self._db, part, session):
                for one in missing[owner]:
                    one.deleted = True

    async def _read(self, source: Source, keys: Sequence[str] | None, session: Session | None, found: dict[str, Noted]) -> None:
        """The rows first: what is in the log then and not among them was not there, or came since."""
        prefix = f"{source.collection}:"
        ids = self._span.of() if keys is None else {"_id": {"$in": [key.removeprefix(prefix) for key in keys]}}
        logged = self._span.of("id", prefix) if keys is None else {"id": {"$in": list(keys)}}
        async for row in self._db[source.collection].find(ids, session=session):
            entry = source.read(self._service, row)
            young = entry.at > self._now - SETTLED_AFTER
            found[entry.id] = Noted(row=entry.hash(), young=young, unreadable=entry.act == UNREADABLE)
        async for row in self._db[LOG].find(logged, {"link": 0}, session=session):
            one = found.setdefault(row["id"], Noted())
            if "text" not in row:  # what it said is compared no more, and whether that was due says ./eshik audit verify
                one.logged, one.deleted = bytes(row["hash"]), True
                continue
            whole = leaf_hash(row["text"].encode()) == bytes(row["hash"]) and is_found_by_its_text(row)
            one.logged = bytes(row["hash"]) if whole else b""

    def judge(self, evidence: Mapping[str, Noted]) -> list[Verdict]:
        faults = [Fault(key, key, told) for key, one in sorted(evidence.items()) if (told := _fault(one))]
        rows = {"entries": sum(one.row is not None for one in evidence.values())}
        logged = {"in the log": sum(one.logged is not None for one in evidence.values())}
        waiting = sum(one.young and one.logged is None for one in evidence.values())
        notes = (f"{waiting} younger than a minute, not judged yet",) if waiting else ()
        rows["deleted by a rule"] = sum(one.deleted and one.row is None for one in evidence.values())
        return [Verdict(RULE, Side("rows that are entries", rows), Side("the log", logged), tuple(faults), notes)]


def _fault(one: Noted) -> str | None:
    if one.unreadable:
        return "a row that is no entry: somebody put it in or altered it"
    if one.logged is None:
        return None if one.young else "an entry that was given no number within a minute"
    if one.row is None and one.deleted:
        return None
    if one.row is None:
        return "lost: its number is in the log, and it is not there"
    return None if one.row == one.logged else "it is not what was put into the log: one of the two was changed"
