"""Signed files in GridFS. It takes no part in transactions: the register names the file that counts, the rest is swept."""

from gridfs.asynchronous import AsyncGridFSBucket
from gridfs.errors import NoFile

from shared.errors import NotFound
from shared.mongo.database import BACKGROUND_TIMEOUT_S, REQUEST_TIMEOUT_S, Database, within
from shared.mongo.files import own_repeat_is_unavailable


class Files:
    def __init__(self, database: Database) -> None:
        self._db = database.db

    def _bucket(self) -> AsyncGridFSBucket:
        return AsyncGridFSBucket(self._db, "files")

    async def store(self, file_id: str, document_id: str, data: bytes) -> None:
        """file_id is new for each attempt, so that two attempts never mix their parts. filename groups a document's files.
        Raises DatabaseUnavailable."""
        with own_repeat_is_unavailable(), within(BACKGROUND_TIMEOUT_S):
            await self._bucket().upload_from_stream_with_id(file_id, document_id, data)

    async def read(self, file_id: str) -> bytes:
        """Raises NotFound."""
        with within(REQUEST_TIMEOUT_S):
            try:
                stream = await self._bucket().open_download_stream(file_id)
                return bytes(await stream.read())
            except NoFile:
                raise NotFound from None

    async def sweep(self, document_id: str, *, keep: str | None) -> int:
        """Delete all files of a document but the one that counts. Out: how many."""
        with within(BACKGROUND_TIMEOUT_S):
            found = {row["_id"] async for row in self._db["files.files"].find({"filename": document_id}, {"_id": 1})}
            # parts without a file: an attempt that died while it stored
            prefix = {"files_id": {"$gte": f"{document_id}.", "$lt": f"{document_id}/"}}
            found |= {row["files_id"] async for row in self._db["files.chunks"].find(prefix, {"files_id": 1})}
            for file_id in found - {keep}:
                await self._db["files.files"].delete_one({"_id": file_id})
                await self._db["files.chunks"].delete_many({"files_id": file_id})
        return len(found - {keep})
