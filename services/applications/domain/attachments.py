"""The files of an application, each for one of its papers: what is known of them, and which papers are still missing."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from services.applications.domain.papers import ONLY_PAPER, MediaType, PaperRule
from shared.errors import FieldError
from shared.texts import N_

STOPPING = {  # of what is wrong with a photograph: measured, not judged, and mended by whoever took it
    "photo-too-small": N_("The photo is too small. Take it again nearer, or with a better camera."),
    "photo-wrong-shape": N_("The photo has the wrong shape. Cut it as the green frame shows."),
}


def shown_id_of(attachment_id: str) -> str:
    return f"{attachment_id}-shown"


def marked_id_of(attachment_id: str) -> str:
    return f"{attachment_id}-marked"


def family_of(attachment_id: str) -> tuple[str, ...]:
    """All that can lie in GridFS for it."""
    return attachment_id, shown_id_of(attachment_id), marked_id_of(attachment_id)


def stored_of(attachment_id: str, *, redrawn: bool, shown_size: int, marked_size: int) -> tuple[str, ...]:
    """What does lie there for it."""
    kept = [] if redrawn else [attachment_id]
    kept += [shown_id_of(attachment_id)] if redrawn or shown_size else []
    return (*kept, *([marked_id_of(attachment_id)] if marked_size else []))


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that is stored whole. media_type, size and sha256 are those of the file as it is kept.

    redrawn: it is a picture that was drawn anew, and what was sent is not kept. shown_size: of the copy that people look at,
    where that is not the file itself: a PDF rebuilt without anything that acts; it is kept as it came besides, because it may
    carry a signature. Neither: a file of before this was done. source_sha256: of what was sent, which may be sent twice.
    """

    id: str
    media_type: str
    size: int
    sha256: str
    stored_at: datetime
    paper: str = ONLY_PAPER
    redrawn: bool = False
    shown_size: int = 0
    marked_size: int = 0  # of the picture of what is wrong with a photograph
    findings: tuple[str, ...] = ()  # codes of what is wrong with it, or to be minded by an officer
    source_sha256: str = ""

    @property
    def kept_id(self) -> str:
        """Where the file lies in GridFS."""
        return shown_id_of(self.id) if self.redrawn else self.id

    @property
    def shown_id(self) -> str:
        """Where the copy lies that people look at."""
        return shown_id_of(self.id) if self.redrawn or self.shown_size else self.id

    @property
    def marked_id(self) -> str | None:
        return marked_id_of(self.id) if self.marked_size else None


@dataclass(frozen=True, slots=True)
class Accepted:
    """What may come for a paper."""

    paper: PaperRule
    media_types: tuple[MediaType, ...]
    most_bytes: int


def paper_pointer(code: str) -> str:
    """Where a paper is in an application, for what is missing or wrong. The only paper of the first versions keeps its own."""
    return "/attachment" if code == ONLY_PAPER else f"/papers/{code}"


def uploaded(papers: Iterable[PaperRule], answers: Mapping[str, str], day: date) -> list[PaperRule]:
    """Those that can be uploaded now, as the answers are. day: today at the post."""
    return [paper for paper in papers if paper.bring != "original" and paper.is_needed(answers, day)]


def missing_papers(
    papers: Iterable[PaperRule], attachments: Iterable[Attachment], answers: Mapping[str, str], day: date
) -> list[FieldError]:
    """What must be there, or be mended, before it is handed in."""
    there = {attachment.paper: attachment for attachment in attachments}
    wrong: list[FieldError] = []
    for paper in uploaded(papers, answers, day):
        attachment, pointer = there.get(paper.code), paper_pointer(paper.code)
        if attachment is None:
            wrong += [FieldError(pointer, N_("Please attach the file."))] if paper.required else []
        else:
            wrong += [FieldError(pointer, STOPPING[finding]) for finding in attachment.findings if finding in STOPPING]
    return wrong
