"""The papers that an application needs: which, when, as what, and what a photograph must be."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Final, Literal

from pydantic import Field

from services.applications.domain.sourced import Condition, Definition, Limit, Msgid, Slug, Sourced

ONLY_PAPER: Final = "attachment"  # code of the one paper of services that name none
MediaType = Literal["image/jpeg", "image/png", "application/pdf"]


class PhotoRule(Sourced):
    """What a passport photograph must be; the lengths are those of the printed picture."""

    width_mm: Annotated[int, Field(gt=0, le=200)]
    height_mm: Annotated[int, Field(gt=0, le=200)]
    least_pixels: Annotated[int, Field(gt=0)]  # of the shorter side


class PaperRule(Definition):
    """One paper. file: uploaded with the form. original: shown, or left, at the counter and never uploaded. both: one and the
    other. needed: only where all conditions hold; required: then it must be there before the application is handed in."""

    code: Slug
    label: Msgid
    hint: Msgid | None = None
    bring: Literal["file", "original", "both"] = "file"
    required: bool = True
    needed: tuple[Condition, ...] = ()
    media_types: Annotated[tuple[MediaType, ...], Field(min_length=1)] = ("image/jpeg", "image/png", "application/pdf")
    max_bytes: Limit | None = None  # None: the limit of every file (limits.toml)
    photo: PhotoRule | None = None
    source: str = "our own default"
    certainty: Literal["A", "B", "C", "D"] = "D"

    def is_needed(self, answers: Mapping[str, str], day: date) -> bool:
        """Whether these answers ask for it, required or not. day: today at the post."""
        return all(condition.holds(dict(answers), day) for condition in self.needed)
