"""Row 38: what lies in plain beside a ciphertext is as it was written, and its person's; what was rewritten is refused."""

from collections.abc import AsyncIterator, Callable
from copy import deepcopy
from datetime import UTC, datetime

import pytest

from shared.metrics import Metrics, current_metrics
from shared.mongo.database import Database, Document
from shared.mongo.ledger import settled
from shared.mongo.seals_account import SealsAccount
from shared.sealing.errors import SealBroken
from tests.support.badges import DAY, FIELDS, give, make_badges, put, read, run, stored
from tests.support.faults import Counts
from tests.support.places import Place


@pytest.fixture
async def database(place: Place) -> AsyncIterator[Database]:
    opened = await make_badges(place)
    yield opened
    await opened.close()


Edit = Callable[[Document, dict[str, Document]], object]
REWRITINGS: dict[str, Edit] = {
    "given to another person": lambda row, _: row.update(person_id="p2"),
    "a role more": lambda row, _: row["roles"].append({"role": "head", "posts": ["yek"]}),
    "a role at another post": lambda row, _: row["roles"][0].update(posts=["ist"]),
    "another time": lambda row, _: row.update(issued_at=datetime(2027, 1, 1, tzinfo=UTC)),
    "a field that was not there": lambda row, _: row.update(expires_at=None),
    "a field less": lambda row, _: row.pop("roles"),
    "a sealed field taken away": lambda row, _: row.pop("note"),
    "a sealed field emptied": lambda row, _: row.update(note=None),
    "without its proof": lambda row, _: row.pop("proof"),
    "a proof that is none": lambda row, _: row.update(proof=None),
    "the proof of another row of the same person": lambda row, rows: row.update(proof=rows["b2"]["proof"]),
    "the whole of another row of the same person": lambda row, rows: row.update(rows["b2"] | {"_id": "b1"}),
    "the whole of another person's row": lambda row, rows: row.update(rows["b3"] | {"_id": "b1"}),
    "an older ciphertext of the same field": lambda row, rows: row.update(note=rows["before"]["note"]),
    "an older version number": lambda row, _: row.update(version=1),
    "all of an older version but its number": lambda row, rows: row.update(rows["before"] | {"version": row["version"]}),
}


async def test_a_row_that_somebody_rewrote_is_refused_counted_and_found_by_the_ledger(
    database: Database, counts: Counts, capsys: pytest.CaptureFixture[str]
) -> None:
    before = (await stored(database))["b1"]
    await run(database, give, "ministry")
    rows = await stored(database) | {"before": before}
    assert (await read(database)).issued_at == DAY.replace(microsecond=123000)
    for name, edit in REWRITINGS.items():
        metrics = Metrics()
        current_metrics.set(metrics)
        row = deepcopy(rows["b1"])
        edit(row, rows)
        await put(database, row)
        for believing in (read(database), run(database, give, "head")):
            counts.attempted += 1
            try:
                await believing
                counts.unexpected += 1
                counts.notes.append(f"believed: {name}")
            except SealBroken:
                counts.acknowledged += 1  # refused
        told = sum(s.value for f in metrics.seals_broken.collect() for s in f.samples if s.name.endswith("_total"))
        [verdict] = await settled(database.client, SealsAccount(database.db, [FIELDS]))
        counts.lost += (told != 2) + ([fault.id for fault in verdict.faults] != ["badges:b1"])  # of what must be told
        assert verdict.left.total == 3
    counts.check()
    assert "Айгерим" not in capsys.readouterr().out
    await put(database, rows["b1"])
    assert (await read(database)).roles[-1]["role"] == "ministry"
