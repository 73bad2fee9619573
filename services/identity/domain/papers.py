"""What an officer saw at the counter before they say that a citizen is who they say: a list that is data."""

import tomllib
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field

_FILE = Path(__file__).with_name("papers.toml")
PAPERS: tuple[str, ...] = tuple(tomllib.loads(_FILE.read_text(encoding="utf-8"))["papers"])


def _listed(paper: str) -> str:
    if paper not in PAPERS:
        raise ValueError("a paper that is not listed")
    return paper


SeenPaper = Annotated[str, AfterValidator(_listed), Field(json_schema_extra={"enum": [*PAPERS]})]
