"""The way of a file from the line into a case: sealed as it came, scanned, made harmless, and only then attached."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime

from services.applications.domain.attachments import Accepted, Attachment, marked_id_of, shown_id_of
from services.applications.domain.errors import AttachmentTypeNotAccepted
from services.applications.domain.papers import PaperRule
from services.applications.domain.upload_errors import FileNotUsable
from services.applications.storage import AttachmentStore, StoredFile, kinds_of
from services.applications.uploads.clamav import ClamAV
from services.applications.uploads.cleaner import Cleaner, Result
from services.applications.uploads.told import MOST_PAGES, Photo, Request


@dataclass(frozen=True, slots=True)
class Arriving:
    """attachment_id: new for each try, and reserved: what is stored under it is swept where it is not attached in the end."""

    attachment_id: str
    citizen_id: str
    media_type: str
    accepted: Accepted


@dataclass(frozen=True, slots=True)
class Intake:
    """scanner: None where none is configured. Where one is, nothing is taken that it did not call clean."""

    store: AttachmentStore
    cleaner: Cleaner
    scanner: ClamAV | None

    async def take(self, arriving: Arriving, body: AsyncIterator[bytes], *, at: datetime) -> Attachment:
        """Raises AttachmentTypeNotAccepted, AttachmentTooLarge, FileNotUsable, Unavailable, and what body raises."""
        file_id, citizen, paper = arriving.attachment_id, arriving.citizen_id, arriving.accepted.paper
        raw = await self.store.store(
            file_id, body, citizen_id=citizen, media_type=arriving.media_type, accepted=arriving.accepted
        )
        try:
            if self.scanner and not await self.scanner.is_clean(await self.store.read(file_id, citizen_id=citizen)):
                raise FileNotUsable(paper.code, "infected")
            request = Request(arriving.media_type, raw.size, _photo(paper))
            async with self.cleaner.cleaning(await self.store.read(file_id, citizen_id=citizen), request) as result:
                _must_be_usable(result, arriving.accepted)
                return await self._kept(arriving, result, raw, at)
        except BaseException:
            await self.store.sweep(file_id, held=())
            raise

    async def _kept(self, arriving: Arriving, result: Result, raw: StoredFile, at: datetime) -> Attachment:
        file_id, citizen, told = arriving.attachment_id, arriving.citizen_id, result.told
        shown = await self.store.keep(shown_id_of(file_id), result.shown(), citizen_id=citizen)
        if told.marked_size:
            await self.store.keep(marked_id_of(file_id), result.marked(), citizen_id=citizen)
        redrawn = not told.keep_original
        if redrawn:
            await self.store.delete(file_id)
        kept = shown if redrawn else raw
        return Attachment(
            id=file_id,
            media_type=told.media_type,
            size=kept.size,
            sha256=kept.sha256,
            stored_at=at,
            paper=arriving.accepted.paper.code,
            redrawn=redrawn,
            shown_size=0 if redrawn else shown.size,
            marked_size=told.marked_size,
            findings=told.findings,
            source_sha256=raw.sha256,
        )


def _photo(paper: PaperRule) -> Photo | None:
    rule = paper.photo
    return Photo(rule.width_mm, rule.height_mm, rule.least_pixels) if rule else None


def _must_be_usable(result: Result, accepted: Accepted) -> None:
    problem = result.told.problem
    if problem == "other-type":
        raise AttachmentTypeNotAccepted(accepted=kinds_of(accepted))
    if problem:
        raise FileNotUsable(accepted.paper.code, problem, most=MOST_PAGES)
