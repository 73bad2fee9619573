"""Row 38: a ciphertext opens where it was written and nowhere else; whoever swaps two is found out by an error and an alarm."""

from collections.abc import AsyncIterator
from dataclasses import asdict
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
import yaml

from shared.metrics import Metrics, current_metrics
from shared.mongo.database import Database, Document
from shared.sealing.errors import SealBroken
from tests.support.cards import FIELDS, MAPPER, Card, database_of_cards, keys_of_tests, make_cards, running, write
from tests.support.faults import Counts
from tests.support.places import Place

# of one person and of two, each field with the same kind of value: nothing but the place tells them apart
CARDS = [Card(f"c{n}", person, f"Name {n}", "+996700123456", {"a": "b"}) for n, person in enumerate(["p1", "p1", "p2"])]
PLACES = [(card.id, field) for card in CARDS for field in FIELDS.fields]


@pytest.fixture
async def database(place: Place) -> AsyncIterator[Database]:
    opened = database_of_cards(place, keys_of_tests())
    await make_cards(opened)
    for card in CARDS:
        await running(opened)(write, card)
    yield opened
    await opened.close()


@pytest.fixture
def metrics() -> Metrics:
    mine = Metrics()
    current_metrics.set(mine)
    return mine


def alarms(metrics: Metrics) -> float:
    samples = [sample for family in metrics.seals_broken.collect() for sample in family.samples]
    return sum(sample.value for sample in samples if sample.name.endswith("_total"))


async def stored(database: Database) -> dict[str, Document]:
    return {row["_id"]: row for row in await database.db.cards.find().to_list()}


async def test_no_ciphertext_opens_in_another_record_or_field(
    database: Database, metrics: Metrics, counts: Counts, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = await stored(database)
    for (from_record, from_field), (to_record, to_field) in permutations(PLACES, 2):
        counts.attempted += 1
        moved = {to_field: rows[from_record][from_field]}
        await database.db.cards.update_one({"_id": to_record}, {"$set": moved})
        [row] = await database.db.cards.find({"_id": to_record}).to_list()
        try:
            await MAPPER.read(database.db, row)
            counts.unexpected += 1
        except SealBroken:
            counts.acknowledged += 1
        await database.db.cards.replace_one({"_id": to_record}, rows[to_record])
    assert alarms(metrics) == counts.attempted
    counts.check()
    said = "".join(capsys.readouterr())
    assert not any(secret in said for card in CARDS for secret in (card.name, "+996700123456"))


async def test_no_data_key_opens_for_another_person(place: Place, database: Database, metrics: Metrics, counts: Counts) -> None:
    keys = {row["_id"]: row for row in await database.db.data_keys.find().to_list()}
    await database.db.data_keys.replace_one({"_id": "p1"}, keys["p2"] | {"_id": "p1"})
    fresh = database_of_cards(place, keys_of_tests())
    for row in (await stored(database)).values():
        counts.attempted += 1
        if row["person_id"] == "p2":
            assert asdict(await MAPPER.read(fresh.db, row)) == asdict(CARDS[2])
            continue
        with pytest.raises(SealBroken, match="wrapped-key-altered"):
            await MAPPER.read(fresh.db, row)
        counts.acknowledged += 1
    counts.check()
    assert alarms(metrics) == 2
    await fresh.close()


async def test_the_sealed_data_of_one_service_does_not_open_in_another(place: Place, database: Database) -> None:
    other = Database(place.mongo_url, database.name, service="documents", keys=keys_of_tests())
    [row, *_] = (await stored(database)).values()
    with pytest.raises(SealBroken, match="wrapped-key-altered"):
        await MAPPER.read(other.db, row)
    await other.close()


def test_somebody_is_told(checkout: Path) -> None:
    rules: Any = yaml.safe_load((checkout / "deploy" / "prometheus" / "alerts.yml").read_text())
    [rule] = [rule for group in rules["groups"] for rule in group["rules"] if "eshik_seals_broken_total" in rule["expr"]]
    assert rule["labels"]["severity"] == "page"
