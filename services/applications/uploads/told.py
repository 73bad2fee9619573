"""What goes between the service and the process that opens strangers' files: a line of JSON, then bytes."""

from dataclasses import dataclass
from typing import Final, Literal

Problem = Literal["unreadable", "other-type", "too-many-pixels", "pdf-locked", "pdf-embeds", "pdf-too-much", "too-many-pages"]
MOST_PAGES: Final = 100


class Refused(Exception):
    """The file is not taken. problem: a code that the service has words for."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.problem: Problem = problem


@dataclass(frozen=True, slots=True)
class Photo:
    """What a passport photograph must be, as the catalogue says."""

    width_mm: int
    height_mm: int
    least_pixels: int


@dataclass(frozen=True, slots=True)
class Request:
    """size: so many bytes of the file follow the line. media_type: what the file is said to be."""

    media_type: str
    size: int
    photo: Photo | None = None


@dataclass(frozen=True, slots=True)
class Cleaned:
    """problem: why it is not taken. Else shown_size and marked_size bytes follow: the harmless copy, of this media_type, and a
    picture of what is wrong with a photograph. keep_original: of a PDF, which may carry a signature. findings: codes."""

    problem: Problem | None = None
    media_type: str = ""
    shown_size: int = 0
    marked_size: int = 0
    keep_original: bool = False
    findings: tuple[str, ...] = ()
