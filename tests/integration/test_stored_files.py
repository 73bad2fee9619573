"""Files outside the transactions: sealed as they lie, whole or refused as they come back, and what a repeated write leaves."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from services.applications.catalogue import the_catalogue
from services.applications.storage import AttachmentStore
from services.applications.uploads.limits import the_limits
from services.documents.storage import Files
from shared.clock import SystemClock
from shared.errors import DatabaseUnavailable, NotFound
from shared.metrics import Metrics, current_metrics
from shared.mongo.database import Database
from shared.mongo.files import SealedFiles, whole
from shared.mongo.indexes import KERNEL_INDEXES
from shared.mongo.sealing import key_for
from shared.mongo.transactions import Transactions, UnitOfWork
from shared.sealing.errors import PersonIsErased, SealBroken
from shared.sealing.key_file import keys_from_text
from tests.integration.applications_client import PNG
from tests.support.places import Place
from tests.support.sealing import KEYS_OF_TESTS

pytestmark = pytest.mark.places_again

SERVED = {"length": 3, "chunkSize": 261120}  # what the first, unanswered try of the driver had written
WORD = "Айгүл Өмүрзакова".encode()
LARGE = WORD + os.urandom(800_000) + WORD  # several pieces, and several chunks of GridFS
PERSON, OTHER = "aigul", "bakyt"


async def upload(data: bytes = PNG) -> AsyncIterator[bytes]:
    for start in range(0, len(data), 50_000):
        yield data[start : start + 50_000]


@asynccontextmanager
async def database_with_keys(place: Place, service: str) -> AsyncIterator[Database]:
    """The people of these tests have their data keys."""
    name = f"{place.database_prefix}{service}"
    database = Database(place.mongo_url, name, service=service, keys=keys_from_text(KEYS_OF_TESTS))
    await database.ensure_indexes({**KERNEL_INDEXES, "files.files": [], "files.chunks": []})

    async def make(person: str, uow: UnitOfWork) -> None:
        await key_for(uow, person)

    for person in (PERSON, OTHER):
        await Transactions(database, SystemClock()).run(make, person)
    yield database
    await database.close()


async def stored(database: Database, file_id: str, data: bytes = LARGE, *, person: str = PERSON) -> SealedFiles:
    files = SealedFiles(database.db, "files")
    await files.store(file_id, upload(data), person=person, name=file_id)
    return files


async def chunks(database: Database, file_id: str) -> list[bytes]:
    return [row["data"] async for row in database.db["files.chunks"].find({"files_id": file_id}).sort("n", 1)]


async def put_chunk(database: Database, file_id: str, number: int, data: bytes) -> None:
    await database.db["files.chunks"].update_one({"files_id": file_id, "n": number}, {"$set": {"data": data}})


async def test_an_upload_that_finds_itself_stored_is_dropped_and_may_be_sent_again(place: Place) -> None:
    paper = the_catalogue().service("consular-registration-certificate").all_papers[0]
    accepted = the_limits().accepted(paper)
    async with database_with_keys(place, "applications") as database:
        db = database.db
        await db["attachments.files"].insert_one({"_id": "one", **SERVED})
        store = AttachmentStore(db)
        with pytest.raises(DatabaseUnavailable):
            await store.store("one", upload(), citizen_id=PERSON, media_type="image/png", accepted=accepted)
        assert await db["attachments.files"].count_documents({}) == 0
        assert await db["attachments.chunks"].count_documents({}) == 0
        again = await store.store("two", upload(), citizen_id=PERSON, media_type="image/png", accepted=accepted)
        assert again.size == len(PNG)


async def test_a_signed_file_that_finds_itself_stored_is_stored_under_another_id_later(place: Place) -> None:
    async with database_with_keys(place, "documents") as database:
        files = Files(database)
        await database.db["files.files"].insert_one({"_id": "d1.1", "filename": "d1", **SERVED})
        with pytest.raises(DatabaseUnavailable):
            await files.store("d1.1", "d1", b"%PDF", person=PERSON)
        await files.store("d1.2", "d1", b"%PDF", person=PERSON)
        assert await files.read("d1.2", person=PERSON) == b"%PDF"


async def test_a_file_comes_back_as_it_was_and_nothing_of_it_can_be_read_where_it_lies(place: Place) -> None:
    async with database_with_keys(place, "documents") as database:
        files = await stored(database, "f1")
        assert await whole(await files.read("f1", person=PERSON)) == LARGE
        lying = await chunks(database, "f1")
        row = await database.db["files.files"].find_one({"_id": "f1"})
        assert len(lying) > 1
        assert WORD not in b"".join(lying)
        assert WORD.decode() not in str(row)


@pytest.mark.parametrize("number", [0, 3], ids=["at the beginning", "at the end"])
async def test_an_altered_file_is_refused_and_counted(place: Place, number: int) -> None:
    current_metrics.set(watched := Metrics())
    async with database_with_keys(place, "documents") as database:
        files = await stored(database, "f1")
        chunk = bytearray((await chunks(database, "f1"))[number])
        chunk[1000] ^= 1
        await put_chunk(database, "f1", number, bytes(chunk))
        with pytest.raises(SealBroken):
            await whole(await files.read("f1", person=PERSON))
        assert watched.seals_broken.labels("moved-or-altered")._value.get() == 1


async def test_a_broken_beginning_is_known_before_the_first_byte_leaves(place: Place) -> None:
    async with database_with_keys(place, "documents") as database:
        files = await stored(database, "f1")
        await put_chunk(database, "f1", 0, b"x" * 261120)
        with pytest.raises(SealBroken):
            await files.read("f1", person=PERSON)


async def test_a_file_whose_end_was_cut_off_is_refused(place: Place) -> None:
    async with database_with_keys(place, "documents") as database:
        files = await stored(database, "f1")
        lying = await chunks(database, "f1")
        last = len(lying) - 1
        await database.db["files.chunks"].delete_one({"files_id": "f1", "n": last})
        left = sum(map(len, lying[:last]))
        await database.db["files.files"].update_one({"_id": "f1"}, {"$set": {"length": left}})
        with pytest.raises(SealBroken):
            await whole(await files.read("f1", person=PERSON))


@pytest.mark.parametrize("owner", [PERSON, OTHER], ids=["of the same person", "of another person"])
async def test_the_content_of_another_file_is_refused(place: Place, owner: str) -> None:
    async with database_with_keys(place, "documents") as database:
        files = await stored(database, "f1")
        await stored(database, "f2", person=owner)
        for number, data in enumerate(await chunks(database, "f2")):
            await put_chunk(database, "f1", number, data)
        with pytest.raises(SealBroken):
            await files.read("f1", person=PERSON)
        other = await database.db["files.files"].find_one({"_id": "f2"})
        assert other is not None
        await database.db["files.files"].update_one({"_id": "f1"}, {"$set": {"metadata": other["metadata"]}})
        with pytest.raises(SealBroken):  # its key came with it, and is bound to the other file too
            await files.read("f1", person=PERSON)


async def test_the_file_of_an_erased_person_is_not_there_and_no_other_is_stored_for_them(place: Place) -> None:
    async with database_with_keys(place, "documents") as database:
        files = await stored(database, "f1")
        destroyed = {"$set": {"destroyed_at": SystemClock().now()}, "$unset": {"wrapped": 1, "nonce": 1, "kek": 1}}
        await database.db.data_keys.update_one({"_id": PERSON}, destroyed)
        database.db.keys.forget(PERSON)
        with pytest.raises(NotFound):
            await files.read("f1", person=PERSON)
        with pytest.raises(PersonIsErased):
            await files.store("f3", upload(), person=PERSON, name="f3")
        assert await database.db["files.files"].count_documents({}) == 1


async def test_a_file_of_another_person_is_refused_wherever_it_is_named(place: Place) -> None:
    async with database_with_keys(place, "documents") as database:
        files = await stored(database, "f1", person=OTHER)
        with pytest.raises(SealBroken, match="moved-or-altered"):
            await files.read("f1", person=PERSON)
