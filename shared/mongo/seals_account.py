"""The ledger's rule for what is sealed and proven: every row opens under its person's key and is as it was written.

It finds what was moved or rewritten in a database though nobody asks for it: part by part, as all accounts are read.
"""

from collections.abc import Mapping, Sequence

from shared.errors import Unavailable
from shared.ledger import Fault, Side, Verdict
from shared.mongo.database import Db, Document, Session
from shared.mongo.ledger import ALL, Span, in_parts
from shared.mongo.sealing import SealedFields
from shared.sealing.envelopes import DataKey
from shared.sealing.errors import SealBroken

RULE = "seals"
AT_ONCE = 50


class SealsAccount:
    """Evidence by collection and id: None where it holds, else a code."""

    def __init__(self, db: Db, sealed: Sequence[SealedFields], span: Span = ALL) -> None:
        self._db, self._sealed, self._span = db, {fields.collection: fields for fields in sealed}, span

    async def gather(self, session: Session | None, again: Mapping[str, str | None] | None) -> dict[str, str | None]:
        found: dict[str, str | None] = {}
        for name, fields in self._sealed.items():
            prefix = f"{name}:"
            keys = None if again is None else [key.removeprefix(prefix) for key in again if key.startswith(prefix)]
            for part in [None] if keys is None else in_parts(keys):
                query = self._span.of() if part is None else {"_id": {"$in": list(part)}}
                rows: list[Document] = []
                async for row in self._db[name].find(query, session=session):
                    rows.append(row)
                    if len(rows) == AT_ONCE:
                        found |= await self._judged(fields, rows, session)
                        rows = []
                found |= await self._judged(fields, rows, session)
        return found

    async def _judged(self, fields: SealedFields, rows: Sequence[Document], session: Session | None) -> dict[str, str | None]:
        keys = await self._keys_of({str(row.get(fields.person)) for row in rows}, session)
        return {f"{fields.collection}:{row['_id']}": _wrong(fields, row, keys.get(str(row.get(fields.person)))) for row in rows}

    async def _keys_of(self, persons: set[str], session: Session | None) -> dict[str, DataKey | str | None]:
        """The key; None: destroyed; a code where there is none to open with."""
        try:
            return {**dict.fromkeys(persons, "no-data-key"), **await self._db.keys.of(persons, session)}
        except (SealBroken, Unavailable) as error:
            if len(persons) == 1:
                return {persons.pop(): error.reason if isinstance(error, SealBroken) else "key-away"}
            return {one: key for person in persons for one, key in (await self._keys_of({person}, session)).items()}

    def judge(self, evidence: Mapping[str, str | None]) -> list[Verdict]:
        faults = tuple(Fault(key, key, f"it does not hold: {wrong}") for key, wrong in sorted(evidence.items()) if wrong)
        whole = sum(wrong is None for wrong in evidence.values())
        left = Side("rows with sealed fields or a proof", {"rows": len(evidence)})
        return [Verdict(RULE, left, Side("those that open and are as they were written", {"whole": whole}), faults)]


def _wrong(fields: SealedFields, row: Document, key: DataKey | str | None) -> str | None:
    if isinstance(key, str):
        return key if fields.proven or fields.still_sealed(row) or fields.has_values(row) else None
    try:
        fields.must_be_proven(row, key)
        fields.opened(row, key)
    except SealBroken as error:
        return error.reason
    return None
