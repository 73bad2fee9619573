"""Papers and files in the HTTP interface of applications."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field


class FindingView(BaseModel):
    code: str
    text: str
    stops: bool = Field(description="It must be mended before the application can be handed in")


class FileView(BaseModel):
    """A file of a paper. Its address: …/files/{id}."""

    id: str
    media_type: str
    size: int
    sha256: str
    stored_at: datetime
    findings: list[FindingView] = Field(description="What is wrong with a photograph, or to be minded in a PDF")
    marked: bool = Field(description="There is a picture of what is wrong: …/files/{id}/marked")
    rebuilt: bool = Field(
        description="Officers look at a copy in which nothing acts; the file itself is kept besides, as it came"
    )


class PhotoView(BaseModel):
    width_mm: int
    height_mm: int
    least_pixels: int


class PaperView(BaseModel):
    """A paper that the service asks for."""

    code: str
    pointer: str = Field(description="As `missing` and errors name it")
    label: str
    hint: str | None
    bring: Literal["file", "original", "both"] = Field(description="A file, an original shown at the counter, or both")
    required: bool
    needed: bool = Field(description="As the answers are now; where not, it need not be there")
    media_types: list[str]
    max_bytes: int
    photo: PhotoView | None
    files: list[FileView]


class PaperList(BaseModel):
    """What an application has in files, and how much more it can have."""

    papers: list[PaperView]
    files: int
    most_files: int
    bytes: int
    most_bytes: int
    version: int = Field(description="Of the application")


class NewUpload(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    paper: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{1,63}$")]
    media_type: Annotated[str, Field(max_length=64)]
    length: Annotated[int, Field(ge=1, le=2**40)] = Field(description="Bytes of the whole file")
    beside: bool = Field(False, description="Kept with the files that the paper has; else it takes their place")


class UploadView(BaseModel):
    id: str
    length: int
    offset: int = Field(description="So many bytes are there: the next piece begins here")
    done: bool = Field(description="The whole file is there, and attached")
    expires_at: datetime = Field(description="When what is there is deleted, unless it is whole")


class UploadEnded(BaseModel):
    id: str
