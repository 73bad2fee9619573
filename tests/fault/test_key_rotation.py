"""Row 37: key-encryption keys are rotated under load, the process that does it is killed on the way, and every record opens."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from shared.mongo.database import Database
from shared.mongo.rewrapping import Rewrapper
from shared.sealing.key_file import keys_from_file
from tests.support.cards import MAPPER, SERVICE, Card, change_name, database_of_cards, make_cards, running, write
from tests.support.faults import KILLED, Child, Counts
from tests.support.places import Place
from tests.support.sealing import KeyFile
from tests.support.serving import eventually

AT_ONCE = 8
POINT = "data_keys.wrapped_anew"


@pytest.fixture
def key_file(tmp_path: Path) -> KeyFile:
    return KeyFile(tmp_path / "keys.json")


@pytest.fixture
async def database(place: Place, key_file: KeyFile) -> AsyncIterator[Database]:
    opened = database_of_cards(place, keys_from_file(key_file.path))
    await make_cards(opened)
    yield opened
    await opened.close()


class Writers:
    """Write new people and change old ones until told to end; remember what was acknowledged."""

    def __init__(self, database: Database) -> None:
        self._run, self._number = running(database), 0
        self._random = random.Random(37)
        self.acknowledged: dict[str, Card] = {}

    async def new(self, people: int) -> None:
        for first in range(0, people, AT_ONCE):
            await asyncio.gather(*(self._new() for _ in range(min(AT_ONCE, people - first))))

    @asynccontextmanager
    async def at_work(self) -> AsyncIterator[None]:
        working = [asyncio.create_task(self._for_ever()) for _ in range(2)]
        try:
            yield
        finally:
            for task in working:
                task.cancel()
            ended = await asyncio.gather(*working, return_exceptions=True)
            assert all(isinstance(end, asyncio.CancelledError) for end in ended), ended

    async def _for_ever(self) -> None:
        while True:
            await self._new()
            await self._change()

    async def _new(self) -> None:
        self._number += 1
        card = Card(f"c{self._number}", f"p{self._number}", f"Name {self._number}", answers={"passport": f"AC{self._number}"})
        await self._run(write, card)
        self.acknowledged[card.id] = card

    async def _change(self) -> None:
        """One's own cards only: nobody else changes them, so that each change is acknowledged or not."""
        mine = self._random.choice(list(self.acknowledged.values()))
        del self.acknowledged[mine.id]  # in doubt until it is acknowledged
        renamed = replace(mine, name=f"{mine.name}, once more", version=mine.version + 1)
        await self._run(change_name, renamed)
        self.acknowledged[mine.id] = renamed


@asynccontextmanager
async def rotating(place: Place, key_file: KeyFile, folder: Path, *, crash_at: str = "") -> AsyncIterator[Child]:
    process = Child(place, folder, "rotation", {"FAULT_KEY_FILE": str(key_file.path)})
    await process.start(crash_at=crash_at)
    try:
        yield process
    finally:
        await process.kill9()


async def under(database: Database, kek: str) -> int:
    return await database.db.data_keys.count_documents({"kek": kek})


async def none_left(database: Database, keks: list[str]) -> bool:
    return await database.db.data_keys.count_documents({"kek": {"$in": keks}}) == 0


async def as_read_by_a_new_process(place: Place, key_file: KeyFile) -> dict[str, Card]:
    """Nothing is remembered there: each data key is unwrapped anew."""
    fresh = database_of_cards(place, keys_from_file(key_file.path))
    cards = await MAPPER.read_all(fresh.db, await fresh.db.cards.find().to_list())
    await fresh.close()
    return {card.id: card for card in cards}


async def test_a_rotation_that_is_killed_on_the_way_under_load_loses_no_record(
    place: Place, database: Database, key_file: KeyFile, counts: Counts, tmp_path: Path
) -> None:
    writers = Writers(database)
    await writers.new(counts.pick(200, 5_000))
    kills, moved_when_killed, old = counts.pick(4, 40), list[int](), ["first"]
    async with writers.at_work():
        for turn in range(kills):
            async with rotating(place, key_file, tmp_path, crash_at=POINT) as process:
                kek = key_file.add(f"turn-{turn}")
                if turn % 2:  # killed somewhere further on; else at the very first key
                    await eventually(partial(_some, database, kek), every_s=0.01)
                process.arm()
                assert await process.died() == KILLED
                moved_when_killed.append(await under(database, kek))
                old.append(kek)
        async with rotating(place, key_file, tmp_path):
            last = key_file.add("last")
            await eventually(lambda: none_left(database, old), within_s=counts.pick(120, 900), every_s=1)
    for kek in old:
        key_file.destroy(kek)
    read = await as_read_by_a_new_process(place, key_file)
    attempted = set(read) | set(writers.acknowledged)
    expected = writers.acknowledged
    effects = Counter(card_id for card_id, card in read.items() if expected.get(card_id, card) == card)
    counts.compare(attempted, set(expected), effects)
    counts.notes.append(f"under the new key when killed: {moved_when_killed}; under the last one: {await under(database, last)}")
    counts.check()
    assert await database.db.data_keys.count_documents({}) == await under(database, last) == len(read)


async def _some(database: Database, kek: str) -> bool:
    return await under(database, kek) >= 20


async def test_two_that_rotate_at_once_do_not_disturb_each_other(place: Place, database: Database, key_file: KeyFile) -> None:
    writers = Writers(database)
    await writers.new(60)
    before = {row["_id"]: row["key_id"] for row in await database.db.data_keys.find().to_list()}
    key_file.add("second")
    rings = [keys_from_file(key_file.path).encryption for _ in range(2)]
    moved = await asyncio.gather(*(Rewrapper(database, ring, SERVICE).bring_up_to_date() for ring in rings))
    assert sum(moved) == 60
    key_file.destroy("first")
    assert await as_read_by_a_new_process(place, key_file) == writers.acknowledged
    assert {row["_id"]: row["key_id"] for row in await database.db.data_keys.find().to_list()} == before


async def test_a_destroyed_key_does_not_come_back_by_a_rotation(database: Database, key_file: KeyFile) -> None:
    writers = Writers(database)
    await writers.new(3)
    rotation = Rewrapper(database, keys_from_file(key_file.path).encryption, SERVICE)
    [row, *_] = await database.db.data_keys.find({"_id": "p1"}).to_list()
    await database.db.data_keys.update_one(
        {"_id": "p1"}, {"$set": {"destroyed_at": row["made_at"]}, "$unset": dict.fromkeys(("kek", "nonce", "wrapped"), "")}
    )
    stale: Any = vars(Rewrapper)["_wrap_anew"]
    assert await stale(rotation, row) == 0  # it had read the row before the key was destroyed
    [now] = await database.db.data_keys.find({"_id": "p1"}).to_list()
    assert "wrapped" not in now
