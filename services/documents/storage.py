"""Signed files, sealed in GridFS, outside of transactions: the register names the file that counts, the rest is swept."""

from collections.abc import AsyncIterator

from shared.mongo.database import BACKGROUND_TIMEOUT_S, Database, within
from shared.mongo.files import SealedFiles, whole


class Files:
    def __init__(self, database: Database) -> None:
        self._db = database.db

    def _files(self) -> SealedFiles:
        return SealedFiles(self._db, "files")

    async def store(self, file_id: str, document_id: str, data: bytes, *, person: str) -> None:
        """file_id is new for each attempt, so that two attempts never mix their parts. filename groups a document's files.
        person: the document's citizen. Raises DatabaseUnavailable, PersonIsErased."""
        await self._files().store(file_id, _in_one(data), person=person, name=document_id)

    async def read(self, file_id: str, *, person: str) -> bytes:
        """The whole file, or an error: NotFound, also where its citizen was erased; SealBroken, also where it is another's."""
        return await whole(await self._files().read(file_id, person=person))

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


async def _in_one(data: bytes) -> AsyncIterator[bytes]:
    yield data
