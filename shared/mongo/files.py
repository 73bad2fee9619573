"""Files in GridFS, sealed: each under a key of its own, which lies beside it, sealed with its person's data key."""

from collections.abc import AsyncIterable, AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import structlog
from bson import Binary, ObjectId
from gridfs.asynchronous import AsyncGridFSBucket, AsyncGridOut
from gridfs.errors import NoFile
from gridfs.grid_file_shared import DEFAULT_CHUNK_SIZE
from pymongo.errors import BulkWriteError, DuplicateKeyError

from shared.errors import DatabaseUnavailable, NotFound
from shared.metrics import metrics
from shared.mongo.database import BACKGROUND_TIMEOUT_S, REQUEST_TIMEOUT_S, Db, Document, within
from shared.sealing.envelopes import DataKey, Place, is_sealed
from shared.sealing.errors import PersonIsErased, SealBroken
from shared.sealing.streams import new_file_key, open_stream, seal_stream

log = structlog.get_logger(__name__)

_PERSON, _KEY, _CONTENT = "person", "key", "content"
_AT_ONCE = 4  # chunks of 255 KB
_DUPLICATE = 11000


class SealedFiles:
    """bucket: as GridFS calls it. Of a file can be seen when it was stored, how large it is, whose it is, and its metadata."""

    def __init__(self, db: Db, bucket: str) -> None:
        self._db, self._name = db, bucket
        self._bucket = AsyncGridFSBucket(db, bucket_name=bucket)

    async def store(
        self, file_id: str, pieces: AsyncIterable[bytes], *, person: str, name: str, metadata: Mapping[str, Any] | None = None
    ) -> None:
        """file_id: new for each try. person: whose file it is, who must have a data key. name: as it is swept by.

        Raises what pieces raises, DatabaseUnavailable, PersonIsErased; then nothing is left.
        """
        data_key = await self._key_of(person)
        if data_key is None:
            raise PersonIsErased
        file_key = new_file_key()
        beside = {_PERSON: person, _KEY: data_key.seal(file_key, self._place(file_id, _KEY)), **(metadata or {})}
        writer = _Writer(self._db, self._name, file_id, name, beside)
        try:
            with _own_repeat_is_unavailable():
                async for piece in seal_stream(pieces, key=file_key, place=self._place(file_id, _CONTENT)):
                    await writer.write(piece)
                await writer.close()
        except BaseException:
            with within(REQUEST_TIMEOUT_S):
                await writer.abort()
            raise

    async def read(self, file_id: str, *, person: str) -> AsyncIterator[bytes]:
        """The file piece by piece, the first of which was looked at before this returns. Who reads to the end without an error
        has the whole file; SealBroken in the middle says that the rest is not what was stored.

        person: whose file it must be. Which file is theirs stands in plain where it is named: another's is refused.

        Raises NotFound, also where its person was erased; SealBroken, KeyAway, DatabaseUnavailable.
        """
        try:
            with within(REQUEST_TIMEOUT_S):
                stored = await self._bucket.open_download_stream(file_id)
        except NoFile:
            raise NotFound from None
        with self._alarm(file_id):
            opened = open_stream(_pieces(stored), key=await self._file_key(stored, person), place=self._place(file_id, _CONTENT))
            first = await anext(opened)
        return self._all(file_id, first, opened)

    async def named(self, name: str) -> list[str]:
        """Ids of the files that were stored under this name."""
        with within(BACKGROUND_TIMEOUT_S):
            return [row["_id"] async for row in self._db[f"{self._name}.files"].find({"filename": name}, {"_id": 1})]

    async def delete(self, file_id: str) -> None:
        """Also what an upload that was cut off left behind."""
        with within(BACKGROUND_TIMEOUT_S):
            try:
                await self._bucket.delete(file_id)
            except NoFile:
                return  # delete() removes loose chunks before it misses the file

    async def _all(self, file_id: str, first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        yield first
        with self._alarm(file_id):
            async for piece in rest:
                yield piece

    async def _file_key(self, stored: AsyncGridOut, person: str) -> bytes:
        beside = stored.metadata or {}
        if not is_sealed(beside.get(_KEY)):
            raise SealBroken("not-sealed")
        if beside.get(_PERSON) != person:
            raise SealBroken("moved-or-altered")
        data_key = await self._key_of(person)
        if data_key is None:
            raise NotFound
        return data_key.open(beside[_KEY], self._place(str(stored._id), _KEY))

    async def _key_of(self, person: str) -> DataKey | None:
        """None: the person was erased. Raises SealBroken where they never had one."""
        with within(REQUEST_TIMEOUT_S):
            keys = await self._db.keys.of([person])
        if person not in keys:
            raise SealBroken("no-data-key")
        return keys[person]

    def _place(self, file_id: str, part: str) -> Place:
        return Place(self._name, file_id, part)

    @contextmanager
    def _alarm(self, file_id: str) -> Iterator[None]:
        try:
            yield
        except SealBroken as error:
            metrics().seals_broken.labels(error.reason).inc()
            log.error("seal_broken", collection=self._name, record=file_id, reason=error.reason)
            raise


async def whole(pieces: AsyncIterator[bytes]) -> bytes:
    """All of it, or nothing. Raises what reading raises."""
    return b"".join([piece async for piece in pieces])


async def _pieces(stored: AsyncGridOut) -> AsyncIterator[bytes]:
    while True:
        with within(REQUEST_TIMEOUT_S):
            piece = await stored.readchunk()
        if not piece:
            return
        yield piece


class _Writer:
    """A file as GridFS lays it out, with no more of it in memory than _AT_ONCE. The driver's own gathers 32 MB of each before it
    writes: some uploads side by side would fill a process."""

    def __init__(self, db: Db, bucket: str, file_id: str, name: str, metadata: Mapping[str, Any]) -> None:
        self._files, self._chunks = db[f"{bucket}.files"], db[f"{bucket}.chunks"]
        self._described = {"_id": file_id, "filename": name, "chunkSize": DEFAULT_CHUNK_SIZE, "metadata": dict(metadata)}
        self._held, self._ready, self._number, self._length = bytearray(), list[Document](), 0, 0

    async def write(self, piece: bytes) -> None:
        self._held += piece
        while len(self._held) >= DEFAULT_CHUNK_SIZE:
            self._cut(DEFAULT_CHUNK_SIZE)
        if len(self._ready) >= _AT_ONCE:
            await self._insert()

    async def close(self) -> None:
        """Only with this it is a file."""
        self._cut(len(self._held))
        await self._insert()
        with within(REQUEST_TIMEOUT_S):
            await self._files.insert_one(self._described | {"length": self._length, "uploadDate": datetime.now(UTC)})

    async def abort(self) -> None:
        file_id = self._described["_id"]
        await self._files.delete_one({"_id": file_id})
        await self._chunks.delete_many({"files_id": file_id})

    def _cut(self, size: int) -> None:
        if size:
            data = Binary(bytes(self._held[:size]))
            del self._held[:size]
            self._ready.append({"_id": ObjectId(), "files_id": self._described["_id"], "n": self._number, "data": data})
            self._number, self._length = self._number + 1, self._length + size

    async def _insert(self) -> None:
        if self._ready:
            with within(BACKGROUND_TIMEOUT_S):
                await self._chunks.insert_many(self._ready)
            self._ready = []


@contextmanager
def _own_repeat_is_unavailable() -> Iterator[None]:
    """For a file whose id nobody else has: DatabaseUnavailable where it is there already.

    The driver repeats a write whose answer was cut off. A server that forgot, over a restart, that it did it (SecantusDB does)
    says "duplicate key" then. Whether the file is whole nobody knows: it is dropped, and the caller comes again with a new id.
    """
    try:
        yield
    except DuplicateKeyError as error:
        raise DatabaseUnavailable("FileExists") from error
    except BulkWriteError as error:
        if all(each["code"] == _DUPLICATE for each in error.details["writeErrors"]) and error.details["writeErrors"]:
            raise DatabaseUnavailable("FileExists") from error
        raise
