"""The bytes of attachments, sealed and outside every transaction: capped while they stream in, compared with their type."""

import hashlib
from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass

import filetype

from services.applications.domain.attachments import Accepted, family_of
from services.applications.domain.errors import AttachmentNotFound, AttachmentTooLarge, AttachmentTypeNotAccepted
from shared.errors import NotFound
from shared.mongo.database import Db
from shared.mongo.files import SealedFiles

_HEAD = 512  # enough to tell JPEG, PNG and PDF
_EXTENSIONS = {"image/jpeg": "JPEG", "image/png": "PNG", "application/pdf": "PDF"}


@dataclass(frozen=True, slots=True)
class StoredFile:
    size: int
    sha256: str


class AttachmentStore:
    """Files by the id of their attachment. The name a citizen gave a file is not kept."""

    def __init__(self, db: Db) -> None:
        self._files = SealedFiles(db, "attachments")

    async def store(
        self, attachment_id: str, chunks: AsyncIterator[bytes], *, citizen_id: str, media_type: str, accepted: Accepted
    ) -> StoredFile:
        """attachment_id: new for each try. Out: what the file was before it was sealed. Raises AttachmentTypeNotAccepted or
        AttachmentTooLarge, and then nothing is left, PersonIsErased, or DatabaseUnavailable."""
        if media_type not in accepted.media_types:
            raise AttachmentTypeNotAccepted(accepted=kinds_of(accepted))
        counted = _Counted(_checked(chunks, media_type, accepted))
        await self._files.store(attachment_id, counted.pieces(), person=citizen_id, name=attachment_id)
        return StoredFile(counted.size, counted.digest.hexdigest())

    async def read(self, attachment_id: str, *, citizen_id: str) -> AsyncIterator[bytes]:
        """The bytes, piece by piece. Raises AttachmentNotFound, or SealBroken before the first one, also where it is another
        citizen's; SealBroken before a later one that is not as it was stored: then the answer ends before the length that it
        announced."""
        try:
            return await self._files.read(attachment_id, person=citizen_id)
        except NotFound:
            raise AttachmentNotFound from None

    async def keep(self, file_id: str, pieces: AsyncIterator[bytes], *, citizen_id: str, name: str | None = None) -> StoredFile:
        """What we made of a file, or a piece of an upload of this name. Raises PersonIsErased, DatabaseUnavailable, and what
        pieces raises."""
        counted = _Counted(pieces)
        await self._files.store(file_id, counted.pieces(), person=citizen_id, name=name or file_id)
        return StoredFile(counted.size, counted.digest.hexdigest())

    async def delete(self, file_id: str) -> None:
        """Also what an upload that was cut off left behind."""
        await self._files.delete(file_id)

    async def sweep_upload(self, upload_id: str) -> None:
        """All pieces of an upload, also one that was stored and never told."""
        for file_id in await self._files.named(upload_id):
            await self.delete(file_id)

    async def sweep(self, attachment_id: str, *, held: Collection[str]) -> None:
        """All that lies there for an attachment but what is held."""
        for file_id in family_of(attachment_id):
            if file_id not in held:
                await self.delete(file_id)


def kinds_of(accepted: Accepted) -> str:
    return ", ".join(_EXTENSIONS[media_type] for media_type in accepted.media_types)


class _Counted:
    """The same pieces, measured on their way."""

    def __init__(self, pieces: AsyncIterator[bytes]) -> None:
        self._pieces, self.digest, self.size = pieces, hashlib.sha256(), 0

    async def pieces(self) -> AsyncIterator[bytes]:
        async for piece in self._pieces:
            self.digest.update(piece)
            self.size += len(piece)
            yield piece


async def _checked(chunks: AsyncIterator[bytes], media_type: str, accepted: Accepted) -> AsyncIterator[bytes]:
    """The same bytes, stopped at the first one too many, and at the start where they are not what they are called."""
    head, seen, limit = b"", 0, accepted.most_bytes
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
            _must_be(media_type, head, accepted)
            told = True
            yield head
    if not told:
        _must_be(media_type, head, accepted)
        yield head


def _must_be(media_type: str, head: bytes, accepted: Accepted) -> None:
    if filetype.guess_mime(head) != media_type:
        raise AttachmentTypeNotAccepted(accepted=kinds_of(accepted))
