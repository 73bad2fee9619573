"""Files outside the transactions: a write that the driver repeats on a server that forgot having done it."""

from collections.abc import AsyncIterator

import pytest

from services.applications.catalogue import the_catalogue
from services.applications.storage import AttachmentStore
from services.documents.storage import Files
from shared.errors import DatabaseUnavailable
from shared.mongo.database import Database
from tests.integration.applications_client import PNG, database_of
from tests.support.places import Place

SERVED = {"length": 3, "chunkSize": 261120}  # what the first, unanswered try of the driver had written


async def upload() -> AsyncIterator[bytes]:
    yield PNG


async def test_an_upload_that_finds_itself_stored_is_dropped_and_may_be_sent_again(place: Place) -> None:
    rule = the_catalogue().service("consular-registration-certificate").attachment
    assert rule is not None
    async with database_of(place) as db:
        await db["attachments.files"].insert_one({"_id": "one", **SERVED})
        store = AttachmentStore(db)
        with pytest.raises(DatabaseUnavailable):
            await store.store("one", upload(), media_type="image/png", rule=rule)
        assert await db["attachments.files"].count_documents({}) == 0
        assert await db["attachments.chunks"].count_documents({}) == 0
        assert (await store.store("two", upload(), media_type="image/png", rule=rule)).size == len(PNG)


async def test_a_signed_file_that_finds_itself_stored_is_stored_under_another_id_later(place: Place) -> None:
    database = Database(place.mongo_url, f"{place.database_prefix}documents")
    try:
        files = Files(database)
        await database.db["files.files"].insert_one({"_id": "d1.1", "filename": "d1", **SERVED})
        with pytest.raises(DatabaseUnavailable):
            await files.store("d1.1", "d1", b"%PDF")
        await files.store("d1.2", "d1", b"%PDF")
        assert await files.read("d1.2") == b"%PDF"
    finally:
        await database.close()
