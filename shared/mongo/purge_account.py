"""The ledger's rule for what a rule of retention deleted: each line of the report, and the ids that were written down for it."""

from collections.abc import Mapping
from dataclasses import dataclass

from shared.ledger import Fault, Side, Verdict
from shared.mongo.database import Db, Session
from shared.mongo.ledger import those
from shared.mongo.purging import PURGED, REPORTS

RULE = "deleted by rule"


@dataclass(slots=True)
class Line:
    """deleted: as the report says; None: no line of the report. written: ids that name this line."""

    deleted: int | None = None
    written: int = 0


class PurgeAccount:
    """kinds: those whose ids are written down."""

    def __init__(self, db: Db, kinds: frozenset[str]) -> None:
        self._db, self._kinds = db, kinds

    async def gather(self, session: Session | None, again: Mapping[str, Line] | None) -> dict[str, Line]:
        keys = None if again is None else list(again)
        found: dict[str, Line] = {}
        lines = {**those(keys), "kind": {"$in": sorted(self._kinds)}}
        async for row in self._db[REPORTS].find(lines, {"deleted": 1}, session=session):
            found[row["_id"]] = Line(row["deleted"])
        async for row in self._db[PURGED].find(those(keys, "run"), {"run": 1, "_id": 0}, session=session):
            found.setdefault(row["run"], Line()).written += 1
        return found

    def judge(self, evidence: Mapping[str, Line]) -> list[Verdict]:
        faults = [Fault(key, key, told) for key, line in sorted(evidence.items()) if (told := _fault(line))]
        left = Side("the purge's report", {"deleted": sum(line.deleted or 0 for line in evidence.values())})
        right = Side("ids that were written down", {"ids": sum(line.written for line in evidence.values())})
        return [Verdict(RULE, left, right, tuple(faults))]


def _fault(line: Line) -> str | None:
    if line.deleted is None:
        return f"{line.written} ids say that they were deleted by it, and no report does"
    if line.deleted != line.written:
        return f"the report says {line.deleted}, and {line.written} ids were written down"
    return None
