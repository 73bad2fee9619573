"""The bytes of attachments, in GridFS and outside every transaction: capped while they stream in, compared with their type."""

import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

import filetype
from gridfs.asynchronous import AsyncGridFSBucket, AsyncGridIn
from gridfs.errors import NoFile

from services.applications.domain.errors import AttachmentNotFound, AttachmentTooLarge, AttachmentTypeNotAccepted
from services.applications.domain.service_definition import AttachmentRule
from shared.mongo.database import BACKGROUND_TIMEOUT_S, REQUEST_TIMEOUT_S, Db, within
from shared.mongo.files import own_repeat_is_unavailable

_HEAD = 512  # enough to tell JPEG, PNG and PDF
_EXTENSIONS = {"image/jpeg": "JPEG", "image/png": "PNG", "application/pdf": "PDF"}


@dataclass(frozen=True, slots=True)
class StoredFile:
    size: int
    sha256: str


class AttachmentStore:
    """Files by the id of their attachment. The name a citizen gave a file is not kept."""

    def __init__(self, db: Db) -> None:
        self._bucket = AsyncGridFSBucket(db, bucket_name="attachments")

    async def store(
        self, attachment_id: str, chunks: AsyncIterator[bytes], *, media_type: str, rule: AttachmentRule
    ) -> StoredFile:
        """attachment_id: new for each try. Raises AttachmentTypeNotAccepted or AttachmentTooLarge, and then nothing is left,
        or DatabaseUnavailable."""
        if media_type not in rule.media_types:
            raise AttachmentTypeNotAccepted(accepted=accepted(rule))
        writer = self._bucket.open_upload_stream_with_id(attachment_id, attachment_id, metadata={"media_type": media_type})
        try:
            with own_repeat_is_unavailable():
                stored = await _copy(_checked(chunks, media_type, rule), writer)
                with within(BACKGROUND_TIMEOUT_S):  # here GridFS writes what it has gathered: some megabytes
                    await writer.close()
        except BaseException:
            with within(REQUEST_TIMEOUT_S):
                await writer.abort()
            raise
        return stored

    async def read(self, attachment_id: str) -> AsyncIterator[bytes]:
        """The bytes, piece by piece. Raises AttachmentNotFound before the first one."""
        try:
            with within(REQUEST_TIMEOUT_S):
                reader = await self._bucket.open_download_stream(attachment_id)
        except NoFile:
            raise AttachmentNotFound from None

        async def pieces() -> AsyncIterator[bytes]:
            while True:
                with within(REQUEST_TIMEOUT_S):
                    piece = await reader.readchunk()
                if not piece:
                    return
                yield piece

        return pieces()

    async def delete(self, attachment_id: str) -> None:
        """Also what an upload that was cut off left behind."""
        with within(BACKGROUND_TIMEOUT_S):
            try:
                await self._bucket.delete(attachment_id)
            except NoFile:
                return  # delete() removes loose chunks before it misses the file


def accepted(rule: AttachmentRule) -> str:
    return ", ".join(_EXTENSIONS[media_type] for media_type in rule.media_types)


async def _copy(chunks: AsyncIterator[bytes], writer: AsyncGridIn) -> StoredFile:
    digest, size = hashlib.sha256(), 0
    async for chunk in chunks:
        digest.update(chunk)
        size += len(chunk)
        with within(REQUEST_TIMEOUT_S):
            await writer.write(chunk)
    return StoredFile(size, digest.hexdigest())


async def _checked(chunks: AsyncIterator[bytes], media_type: str, rule: AttachmentRule) -> AsyncIterator[bytes]:
    """The same bytes, stopped at the first one too many, and at the start where they are not what they are called."""
    head, seen, limit = b"", 0, rule.max_bytes.value
    told = False
    async for chunk in chunks:
        seen += len(chunk)
        if seen > limit:
            raise AttachmentTooLarge(limit_megabytes=limit // 1_000_000)
        if told:
            yield chunk
            continue
        head += chunk
        if len(head) >= _HEAD:
            _must_be(media_type, head, rule)
            told = True
            yield head
    if not told:
        _must_be(media_type, head, rule)
        yield head


def _must_be(media_type: str, head: bytes, rule: AttachmentRule) -> None:
    if filetype.guess_mime(head) != media_type:
        raise AttachmentTypeNotAccepted(accepted=accepted(rule))
