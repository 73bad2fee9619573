"""The files of an application, each for one of its papers: what is known of them, and which papers are still missing."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from services.applications.domain.papers import ONLY_PAPER, PaperRule
from shared.errors import FieldError
from shared.texts import N_


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that is stored whole: its bytes lie in GridFS under this id.

    shown_id: the copy that people look at, where that is not the file itself: a PDF rebuilt without anything that acts. The file
    itself is kept as it came, because it may carry a signature. marked_id: a picture of what is wrong with a photograph.
    """

    id: str
    media_type: str
    size: int
    sha256: str
    stored_at: datetime
    paper: str = ONLY_PAPER
    shown_id: str | None = None
    shown_size: int = 0
    findings: tuple[str, ...] = ()  # codes of what is wrong with a photograph
    marked_id: str | None = None
    marked_size: int = 0

    @property
    def file_ids(self) -> tuple[str, ...]:
        """All that lies in GridFS for it."""
        return tuple(each for each in (self.id, self.shown_id, self.marked_id) if each)


def paper_pointer(code: str) -> str:
    """Where a paper is in an application, for what is missing or wrong. The only paper of the first versions keeps its own."""
    return "/attachment" if code == ONLY_PAPER else f"/papers/{code}"


def uploaded(papers: Iterable[PaperRule], answers: Mapping[str, str], day: date) -> list[PaperRule]:
    """Those that can be uploaded now, as the answers are. day: today at the post."""
    return [paper for paper in papers if paper.bring != "original" and paper.is_needed(answers, day)]


def missing_papers(
    papers: Iterable[PaperRule], attachments: Iterable[Attachment], answers: Mapping[str, str], day: date
) -> list[FieldError]:
    """What must be there before it is handed in, and is not."""
    there = {attachment.paper for attachment in attachments}
    wanted = (paper for paper in uploaded(papers, answers, day) if paper.required)
    return [FieldError(paper_pointer(paper.code), N_("Please attach the file.")) for paper in wanted if paper.code not in there]
