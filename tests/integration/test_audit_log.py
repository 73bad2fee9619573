"""The sequencer on the real database: every entry gets one number, in one chain, and nothing is left out."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from shared.audit.chain import first_link, next_link
from shared.audit.checkpoint import Checkpoint, digest
from shared.audit.entry import NotAnId
from shared.audit.keys import AuditKey
from shared.audit.second_body import Folder, NotPlaced
from shared.audit.tree import inclusion_path, leaf_hash, root_from_path, root_of
from shared.clock import SystemClock
from shared.metrics import Metrics, current_metrics
from shared.mongo.audit import AUDIT, CHECKPOINTS, HEAD, LOG, UNREADABLE
from shared.mongo.audit_account import AuditAccount
from shared.mongo.audit_log import read_head, subtrees_for
from shared.mongo.database import Database, Document
from shared.mongo.sequencer import Sequencer
from shared.mongo.transactions import Transactions, UnitOfWork
from tests.support.auditing import SERVICE, audited_database, log_of, new_key, sequencer_of, size_of, write
from tests.support.places import Place
from tests.support.serving import eventually

pytestmark = pytest.mark.places_again


@pytest.fixture
async def database(place: Place) -> AsyncIterator[Database]:
    async with audited_database(place) as database:
        yield database


@contextmanager
def running(*sequencers: Sequencer) -> Iterator[list[asyncio.Task[None]]]:
    tasks = [asyncio.create_task(each.run()) for each in sequencers]
    try:
        yield tasks
    finally:
        for task in tasks:
            task.cancel()


async def numbered(database: Database, count: int) -> None:
    async def all_there() -> bool:
        return await size_of(database) == count

    await eventually(all_there)


async def must_be_whole(database: Database, count: int) -> None:
    """One number each from 1 on, each link from the one before, and the head says the same."""
    rows = await log_of(database)
    assert [row["_id"] for row in rows] == list(range(1, count + 1))
    assert len({row["id"] for row in rows}) == count
    link = first_link(SERVICE)
    for row in rows:
        link = next_link(link, row["_id"], leaf_hash(row["text"].encode()))
        assert bytes(row["link"]) == link
    head = await read_head(database.db, SERVICE)
    assert (head.size, head.link) == (count, link)
    assert head.frontier.root == root_of([bytes(row["hash"]) for row in rows])


async def test_entries_from_before_the_start_and_from_after_it_get_numbers_in_the_order_of_their_commits(
    database: Database,
) -> None:
    await write(database, range(5))
    with running(sequencer_of(database)):
        await numbered(database, 5)
        await write(database, range(5, 40))
        await numbered(database, 40)
    await must_be_whole(database, 40)
    assert [row["case"] for row in (await log_of(database))[5:]] == [f"case-{number}" for number in range(5, 40)]


async def test_an_entry_of_a_transaction_that_is_rolled_back_is_none(database: Database) -> None:
    async def broken(_command: None, uow: UnitOfWork) -> None:
        uow.audit("case:note", about={"case": "case-1"})
        await uow.inserts.write_out()
        raise RuntimeError

    with running(sequencer_of(database)):
        await write(database, [1])
        with suppress(RuntimeError):
            await Transactions(database, SystemClock()).run(broken, None)
        await write(database, [2])
        await numbered(database, 2)
    assert await database.db[AUDIT].count_documents({}) == 2


async def test_a_name_or_a_sentence_does_not_get_into_an_entry(database: Database) -> None:
    async def says_a_name(_command: None, uow: UnitOfWork) -> None:
        uow.audit("case:note", about={"person": "Айгерим Токтобекова"})

    with pytest.raises(NotAnId):
        await Transactions(database, SystemClock()).run(says_a_name, None)


async def test_three_sequencers_at_once_leave_one_chain(database: Database) -> None:
    with running(*(sequencer_of(database) for _ in range(3))):
        await write(database, range(60))
        await numbered(database, 60)
    await must_be_whole(database, 60)


async def test_one_that_takes_over_goes_on_where_the_other_stopped(database: Database) -> None:
    with running(sequencer_of(database)) as (first,):
        await write(database, range(10))
        await numbered(database, 10)
        first.cancel()
        await asyncio.wait([first])
    await write(database, range(10, 25))
    with running(sequencer_of(database)):
        await numbered(database, 25)
    await must_be_whole(database, 25)


async def test_what_a_lost_stream_did_not_tell_is_found_by_comparing(database: Database) -> None:
    with running(sequencer_of(database)) as (first,):
        await write(database, range(3))
        await numbered(database, 3)
        first.cancel()
        await asyncio.wait([first])
    await write(database, range(3, 9))
    await database.db[HEAD].update_one({}, {"$set": {"token": {"_data": "00"}}})  # a place that no history knows
    with running(sequencer_of(database)):
        await numbered(database, 9)
    await must_be_whole(database, 9)


async def test_an_entry_in_a_log_of_a_thousand_is_proved_against_a_checkpoint(database: Database, tmp_path: Path) -> None:
    key = new_key(tmp_path / "key.pem")
    await database.db[AUDIT].insert_many([_row(number) for number in range(1_000)])
    with running(sequencer_of(database, key)):
        await numbered(database, 1_000)
        row = await eventually(lambda: database.db[CHECKPOINTS].find_one({"size": 1_000}))
        assert row is not None
    checkpoint = Checkpoint.read(row["text"], [key.public])
    for index in (0, 255, 256, 511, 767, 768, 999):
        subtree = await subtrees_for(database.db, index, checkpoint.size)
        path = inclusion_path(index, checkpoint.size, subtree)
        leaf = await database.db[LOG].find_one({"_id": index + 1})
        assert leaf is not None
        assert root_from_path(leaf_hash(leaf["text"].encode()), index, checkpoint.size, path) == checkpoint.root


async def test_a_checkpoint_is_put_where_others_keep_it_as_soon_as_they_take_it(database: Database, tmp_path: Path) -> None:
    key, folder = new_key(tmp_path / "key.pem"), tmp_path / "kept-by-others"
    folder.write_text("no folder yet")  # writing below it fails
    with running(sequencer_of(database, key, [Folder(folder)], every_s=1)):
        await write(database, [1])
        row = await eventually(lambda: database.db[CHECKPOINTS].find_one({"_id": 1}))
        assert row is not None
        assert row["waits_for"] == ["folder"]
        folder.unlink()
        await eventually(lambda: database.db[CHECKPOINTS].find_one({"_id": 1, "waits_for": {"$exists": False}}))
    assert (folder / SERVICE / "00000001.jws").read_text() == row["text"]
    assert (folder / SERVICE / f"key-{key.public['kid']}.json").exists()


async def test_a_checkpoint_that_another_key_signed_is_never_put_where_others_keep_ours(
    database: Database, tmp_path: Path
) -> None:
    key, forger, folder = new_key(tmp_path / "key.pem"), new_key(tmp_path / "forger.pem"), tmp_path / "kept"
    text = Checkpoint(SERVICE, 1, 5, b"", b"", SystemClock().now(), None).signed(forger)
    row = {"_id": 0, "size": 0, "at": SystemClock().now() - timedelta(days=1), "text": text, "key": forger.public}
    await write(database, [1])
    with running(sequencer_of(database, key, [Folder(folder)], every_s=1)):
        await eventually(lambda: database.db[CHECKPOINTS].find_one({"_id": 1, "waits_for": {"$exists": False}}))
    await database.db[CHECKPOINTS].insert_one({**row, "waits_for": ["folder"]})
    await write(database, [2])
    with running(sequencer_of(database, key, [Folder(folder)], every_s=1)):
        await eventually(lambda: database.db[CHECKPOINTS].find_one({"_id": 2, "waits_for": {"$exists": False}}))
    own = ["00000001.jws", "00000002.jws", f"key-{key.public['kid']}.json"]
    assert sorted(path.name for path in (folder / SERVICE).iterdir()) == own


async def test_a_folder_never_writes_over_a_checkpoint(tmp_path: Path) -> None:
    key, folder = new_key(tmp_path / "key.pem"), Folder(tmp_path / "kept")
    await folder.put(SERVICE, 1, "the first", key.public)
    await folder.put(SERVICE, 1, "the first", key.public)
    with pytest.raises(NotPlaced, match="another-one-is-there"):
        await folder.put(SERVICE, 1, "another", key.public)
    assert (tmp_path / "kept" / SERVICE / "00000001.jws").read_text() == "the first"


async def test_each_checkpoint_names_the_one_before(database: Database, tmp_path: Path) -> None:
    key = new_key(tmp_path / "key.pem")
    with running(sequencer_of(database, key, every_s=1)):
        await write(database, [1])
        await eventually(lambda: database.db[CHECKPOINTS].find_one({"_id": 1}))
        await write(database, [2])
        await eventually(lambda: database.db[CHECKPOINTS].find_one({"_id": 2}))
    rows = await database.db[CHECKPOINTS].find().sort("_id", 1).to_list()
    first, second = (Checkpoint.read(row["text"], [key.public]) for row in rows[:2])
    assert (first.previous, second.previous) == (None, digest(rows[0]["text"]))
    assert (first.size, second.size) == (1, 2)


Edit = Callable[[Database], Awaitable[object]]


def _forged(database: Database, key: AuditKey, number: int) -> Awaitable[object]:
    """A log of somebody's own, which is right in itself, with its head and a checkpoint that their key signs."""

    async def forge() -> None:
        head = await read_head(database.db, SERVICE)
        text = Checkpoint(SERVICE, number, head.size, head.frontier.root, head.link, SystemClock().now(), None).signed(key)
        made = {"size": head.size, "at": SystemClock().now(), "text": text, "key": key.public, "peaks": list(head.frontier.peaks)}
        await database.db[CHECKPOINTS].replace_one({"_id": number}, made, upsert=True)

    return forge()


async def test_a_log_that_is_not_what_was_signed_last_is_neither_continued_nor_signed_until_it_is_put_right(
    database: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """By who can write the database, and nothing else: each edit, then a start."""
    key, forger, folder = new_key(tmp_path / "key.pem"), new_key(tmp_path / "forger.pem"), Folder(tmp_path / "kept")
    db = database.db
    await write(database, range(5))
    with running(sequencer_of(database, key, [folder], every_s=3600)):
        await eventually(lambda: db[CHECKPOINTS].find_one({"_id": 1, "waits_for": {"$exists": False}}))
        await write(database, range(5, 8))
        await numbered(database, 8)
    whole = {name: await db[name].find().to_list() for name in (LOG, HEAD, CHECKPOINTS)}
    edits: dict[str, Edit] = {
        "cut-off": lambda _: db[HEAD].update_one({}, {"$set": {"size": 3, "peaks": whole[HEAD][0]["peaks"][:2]}}),
        "does-not-lead-to-the-head": lambda _: db[HEAD].update_one({}, {"$set": {"link": first_link("another")}}),
        "entry-is-missing": lambda _: db[LOG].delete_one({"_id": 7}),
        "checkpoint-is-missing-here": lambda _: db[CHECKPOINTS].delete_many({}),
        "another-checkpoint-is-kept-outside": lambda _: _forged(database, forger, 1),
        "checkpoint-is-not-ours": lambda _: _forged(database, forger, 2),
        "not-what-was-signed": lambda _: db[CHECKPOINTS].update_one({}, {"$set": {"peaks": [b"0" * 32]}}),
    }
    for reason, edit in edits.items():
        await edit(database)
        metrics = Metrics()
        current_metrics.set(metrics)
        with running(sequencer_of(database, key, [folder], every_s=1)):
            await eventually(partial(_stands, metrics))
        assert reason in capsys.readouterr().out
        assert await size_of(database) <= 8
        for name, rows in whole.items():
            await db[name].delete_many({})
            await db[name].insert_many(rows)
    text = whole[LOG][6]["text"].replace("case-6", "case-9")
    await db[LOG].update_one({"_id": 7}, {"$set": {"text": text}})  # behind the last checkpoint, and in the log alone
    with running(sequencer_of(database, key, [folder], every_s=1)):
        await eventually(lambda: _stands(metrics, 2))
    await db[LOG].update_one({"_id": 7}, {"$set": {"text": whole[LOG][6]["text"]}})
    await write(database, [8])
    with running(sequencer_of(database, key, [folder], every_s=1)):
        await eventually(lambda: db[CHECKPOINTS].find_one({"_id": 2, "size": 9}))
    await must_be_whole(database, 9)


async def _stands(metrics: Metrics, times: int = 1) -> bool:
    return sum(s.value for f in metrics.audit_stands_still.collect() for s in f.samples if s.name.endswith("_total")) >= times


async def test_a_row_that_is_no_entry_gets_a_number_that_says_so_and_keeps_no_other_from_theirs(database: Database) -> None:
    strange: list[Document] = [
        {"_id": "no-entry"},
        {"_id": "no-time", **{name: value for name, value in _row(1).items() if name not in ("_id", "at")}},
        {"_id": "no-kind", "at": SystemClock().now(), "kind": "whatever", "who": None},
    ]
    await database.db[AUDIT].insert_one(strange[0])  # before the start, and while it runs
    with running(sequencer_of(database)):
        await write(database, [1])
        await database.db[AUDIT].insert_many(strange[1:])
        await write(database, [2])
        await numbered(database, 5)
    await must_be_whole(database, 5)
    acts = {row["id"]: row["act"] for row in await log_of(database)}
    unreadable = {f"audit:{row['_id']}" for row in strange}
    assert {entry_id for entry_id, act in acts.items() if act == UNREADABLE} == unreadable
    account = AuditAccount(database.db, SERVICE, SystemClock().now() + timedelta(minutes=5))
    assert {fault.id for fault in account.judge(await account.gather(None, None))[0].faults} == unreadable


def _row(number: int) -> dict[str, object]:
    who = {"kind": "system", "id": "test", "role": None, "post": None, "session": None}
    row = {"_id": f"{number:04d}", "at": SystemClock().now(), "kind": "change", "who": who, "act": "case:note"}
    return row | {"about": {"case": f"case-{number}"}, "reason": None, "request": None}


@pytest.mark.parametrize(
    "change", [{"case": "case-9"}, {"person": None}, {"kind": "look"}, {"act": "case:other"}, {"by": "officer-1"}]
)
async def test_an_entry_that_the_pages_would_not_find_is_told_by_the_ledger(
    database: Database, change: dict[str, str | None]
) -> None:
    """What the log is searched by lies beside what is hashed: a look could vanish from every page, and no export would tell."""
    await write(database, range(2))
    with running(sequencer_of(database)):
        await numbered(database, 2)
    account = AuditAccount(database.db, SERVICE, SystemClock().now())
    assert account.judge(await account.gather(None, None))[0].faults == ()
    await database.db[LOG].update_one({"_id": 1}, {"$set": change})
    [fault] = account.judge(await account.gather(None, None))[0].faults
    assert "was changed" in fault.what
