"""How much may be uploaded to one application: catalogue/limits.toml, read once."""

from functools import cache
from pathlib import Path
from typing import Final

from services.applications.catalogue.files import read
from services.applications.domain.attachments import Accepted
from services.applications.domain.papers import PaperRule
from services.applications.domain.sourced import Definition, Limit

FILE: Final = Path(__file__).parents[1] / "catalogue" / "limits.toml"


class UploadLimits(Definition):
    file_bytes: Limit
    files_a_case: Limit
    bytes_a_case: Limit
    upload_hours: Limit  # how long an upload that was broken off can be gone on with

    def accepted(self, paper: PaperRule) -> Accepted:
        most = min(paper.max_bytes.value, self.file_bytes.value) if paper.max_bytes else self.file_bytes.value
        return Accepted(paper, paper.media_types, most)


@cache
def the_limits() -> UploadLimits:
    """Raises CatalogueError where the file cannot be used."""
    return read(FILE, UploadLimits)
