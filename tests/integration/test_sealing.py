"""Sealed fields in a real database: written, read, looked up, at two writers at once, and refused in plain."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator

import pytest
from bson import encode
from pymongo import AsyncMongoClient
from pymongo.errors import WriteError
from pymongo.monitoring import CommandFailedEvent, CommandListener, CommandStartedEvent, CommandSucceededEvent

from shared.clock import SystemClock
from shared.metrics import Metrics, current_metrics
from shared.mongo.aggregates import StillSealed
from shared.mongo.database import Database, Db, Document, WrittenBeforeSealing
from shared.mongo.transactions import UnitOfWork
from shared.sealing.erased import ERASED
from shared.sealing.errors import KeyAway, PersonIsErased, SealBroken, UnusableKeys
from shared.sealing.key_file import keys_from_text
from tests.support.cards import (
    FIELDS,
    MAPPER,
    Card,
    Cards,
    change,
    database_of_cards,
    keys_of_tests,
    make_cards,
    running,
    write,
)
from tests.support.places import Place
from tests.support.sealing import KEYS_OF_TESTS, OF_TESTS


class Commands(CommandListener):
    def __init__(self) -> None:
        self.sent: Counter[str] = Counter()

    def started(self, event: CommandStartedEvent) -> None:
        self.sent[f"{event.command_name} {event.command.get(event.command_name)}"] += 1

    def succeeded(self, event: CommandSucceededEvent) -> None: ...

    def failed(self, event: CommandFailedEvent) -> None: ...


@pytest.fixture
async def database(place: Place) -> AsyncIterator[Database]:
    database = database_of_cards(place, keys_of_tests())
    await make_cards(database)
    yield database
    await database.close()


async def stored(database: Database, card_id: str = "c1") -> Document:
    found = await database.db.cards.find_one({"_id": card_id})
    assert found is not None
    return found


CARD = Card("c1", "p1", "Айгерим Ңанаева", "+996 700 123456", {"passport": "AC1234567", "lines": ["a", {"b": 1}]})


async def test_what_is_written_is_read_again_and_lies_there_sealed(database: Database) -> None:
    await running(database)(write, CARD)
    assert await MAPPER.read(database.db, await stored(database)) == CARD
    rows = [*await database.db.cards.find().to_list(), *await database.db.data_keys.find().to_list()]
    whole = b"".join(map(encode, rows))
    for secret in ("Айгерим", "AC1234567", "123456"):
        assert secret.encode() not in whole


async def test_two_writers_at_once_make_one_key(place: Place, database: Database) -> None:
    other = database_of_cards(place, keys_of_tests())
    cards = [Card(f"c{n}", "p1", f"Name {n}") for n in range(20)]
    await asyncio.gather(*(running((database, other)[n % 2])(write, card) for n, card in enumerate(cards)))
    assert await database.db.data_keys.count_documents({}) == 1
    fresh = database_of_cards(place, keys_of_tests())
    read = await MAPPER.read_all(fresh.db, await database.db.cards.find().sort("_id", 1).to_list())
    assert {card.name for card in read} == {card.name for card in cards}
    await other.close()
    await fresh.close()


async def test_a_key_of_a_transaction_that_failed_is_forgotten(database: Database) -> None:
    async def fail_after_writing(card: Card, uow: UnitOfWork) -> None:
        await write(card, uow)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        await running(database)(fail_after_writing, CARD)
    await running(database)(write, CARD)
    [key] = await database.db.data_keys.find().to_list()
    assert (await stored(database))["name"]["k"] == key["key_id"]


async def test_a_transaction_reads_what_it_sealed_itself(database: Database) -> None:
    async def write_and_read(card: Card, uow: UnitOfWork) -> Card:
        await write(card, uow)
        return await Cards(uow).get(card.id)

    assert await running(database)(write_and_read, CARD) == CARD


async def test_a_key_that_is_remembered_costs_no_command(place: Place, database: Database) -> None:
    commands = Commands()
    database.client = AsyncMongoClient(place.mongo_url, tz_aware=True, event_listeners=[commands])
    database.db = Db(database.client, database.name, keys_of_tests(), "cards")
    run = running(database)
    await run(write, CARD)
    await run(change, "c1")  # the key is read once, for nobody may remember it before it is committed
    commands.sent.clear()
    await run(change, "c1")
    assert dict(commands.sent) == {"find cards": 1, "update cards": 1, "commitTransaction 1": 1}


async def test_many_documents_are_opened_with_one_look_up(place: Place, database: Database) -> None:
    for n in range(5):
        await running(database)(write, Card(f"c{n}", f"p{n}", f"Name {n}"))
    commands = Commands()
    client = AsyncMongoClient[Document](place.mongo_url, tz_aware=True, event_listeners=[commands])
    db = Db(client, database.name, keys_of_tests(), "cards")
    rows = await db.cards.find().to_list()
    assert len(await MAPPER.read_all(db, rows)) == 5
    assert commands.sent["find data_keys"] == 1
    await client.close()


async def test_a_blind_index_finds_a_phone_number_and_a_word_of_a_name(database: Database) -> None:
    await running(database)(write, CARD)
    db = database.db
    for name, value in (("phone_index", "+996700123456"), ("name_tokens", "айгерим")):
        found = await db.cards.find(FIELDS.where(db, name, value)).to_list()
        assert [row["_id"] for row in found] == ["c1"]
    assert await db.cards.find_one(FIELDS.where(db, "name_tokens", "айг")) is None


async def test_the_database_refuses_a_sealed_field_in_plain(database: Database) -> None:
    await running(database)(write, CARD)
    with pytest.raises(WriteError):
        await database.db.cards.insert_one({"_id": "c2", "person_id": "p1", "name": "in plain"})
    with pytest.raises(WriteError):
        await database.db.cards.update_one({"_id": "c1"}, {"$set": {"answers": {"passport": "AC1234567"}}})


async def test_a_query_that_forgets_to_open_is_refused(database: Database) -> None:
    await running(database)(write, CARD)
    with pytest.raises(StillSealed):
        MAPPER.from_document(await stored(database))


@pytest.mark.parametrize(("source", "target"), [("c1", "c2"), ("c1", "c1")], ids=["another record", "another field"])
async def test_a_moved_ciphertext_is_refused(database: Database, source: str, target: str) -> None:
    await running(database)(write, CARD)
    await running(database)(write, Card("c2", "p1", "Somebody else", "+996700000000"))
    moved = (await stored(database, source))["name"]
    field_name = "name" if source != target else "phone"
    await database.db.cards.update_one({"_id": target}, {"$set": {field_name: moved}})
    with pytest.raises(SealBroken, match="moved-or-altered"):
        await MAPPER.read(database.db, await stored(database, target))


async def test_data_without_its_key_is_broken_and_not_taken_for_erased(place: Place, database: Database) -> None:
    await running(database)(write, CARD)
    await database.db.data_keys.delete_many({})
    fresh = database_of_cards(place, keys_of_tests())
    with pytest.raises(SealBroken, match="no-data-key"):
        await MAPPER.read(fresh.db, await stored(fresh))
    await fresh.close()


async def test_plain_data_of_somebody_whose_key_row_was_taken_away_is_not_believed(database: Database) -> None:
    """Who may write past the validator could else exchange what a service believes of a person."""
    forged = {"_id": "c1", "person_id": "p1", "name": "Somebody else", "phone": None, "answers": None, "version": 1}
    with pytest.raises(SealBroken, match="not-sealed"):
        await MAPPER.read(database.db, forged)


async def test_an_erased_person_reads_as_erased_and_gets_no_new_data(place: Place, database: Database) -> None:
    await running(database)(write, CARD)
    tombstone = {"$set": {"destroyed_at": SystemClock().now()}, "$unset": {"wrapped": "", "nonce": "", "kek": ""}}
    await database.db.data_keys.update_one({"_id": "p1"}, tombstone)
    fresh = database_of_cards(place, keys_of_tests())
    assert await MAPPER.read(fresh.db, await stored(fresh)) == Card("c1", "p1", ERASED)
    with pytest.raises(PersonIsErased):
        await running(fresh)(write, Card("c3", "p1", "New name"))
    with pytest.raises(PersonIsErased):
        await running(fresh)(change, "c1")
    await fresh.close()


async def test_a_process_without_keys_neither_writes_nor_reads(place: Place, database: Database) -> None:
    await running(database)(write, CARD)
    without = database_of_cards(place, None)
    with pytest.raises(UnusableKeys):
        await MAPPER.read(without.db, await stored(without))
    with pytest.raises(UnusableKeys):
        await running(without)(write, Card("c2", "p2", "Name"))
    await without.close()


async def test_data_from_before_it_was_sealed_is_refused_at_the_start(place: Place) -> None:
    database = database_of_cards(place, keys_of_tests())
    await database.db.cards.insert_one({"_id": "c1", "person_id": "p1", "name": "in plain"})
    with pytest.raises(WrittenBeforeSealing):
        await make_cards(database)
    await database.close()


async def test_a_key_encryption_key_that_is_missing_is_an_outage_and_is_alarmed(place: Place, database: Database) -> None:
    await running(database)(write, CARD)
    mine = Metrics()
    current_metrics.set(mine)
    other_keys = json.loads(KEYS_OF_TESTS) | {"current": "other", "keys": {"other": OF_TESTS}}
    without = database_of_cards(place, keys_from_text(json.dumps(other_keys)))
    with pytest.raises(KeyAway):
        await MAPPER.read(without.db, await stored(without))
    assert mine.registry.get_sample_value("eshik_seals_broken_total", {"reason": "key-encryption-key-missing"}) == 1
    await without.close()
