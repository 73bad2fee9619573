"""Bodies of the documents API."""

from datetime import date, datetime
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from services.documents.domain.paper import term_end
from services.documents.domain.register_entry import EntryState, RegisterEntry


class DocumentView(BaseModel):
    """A document as its citizen, or an officer of its post, sees it."""

    document_id: str
    application_id: str
    reference: str
    service_id: str
    revision: int
    state: EntryState
    number: str | None
    check_code: str | None
    issued_on: date | None
    valid_until: date | None
    signed_at: AwareDatetime | None
    sha256: str | None
    size_bytes: int | None
    file: str | None = Field(description="Where the signed PDF can be had, once it is issued")

    @classmethod
    def of(cls, entry: RegisterEntry) -> "DocumentView":
        given = entry.numbering
        return cls(
            document_id=entry.id,
            application_id=entry.application_id,
            reference=entry.reference,
            service_id=entry.service_id,
            revision=entry.revision,
            state=entry.state,
            number=given.number if given else None,
            check_code=given.check_code if given else None,
            issued_on=given.issued_on if given else None,
            valid_until=given.valid_until if given else None,
            signed_at=entry.signed_at,
            sha256=entry.sha256,
            size_bytes=entry.size,
            file=f"/api/documents/{entry.id}/file" if entry.state is EntryState.ISSUED else None,
        )


class DocumentList(BaseModel):
    documents: list[DocumentView]


class VerificationRequest(BaseModel):
    """What is printed on the paper: all three must match."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    number: str = Field(min_length=5, max_length=40, examples=["YEK-KU-2026-000001"])
    issued_on: date = Field(examples=["2026-11-22"])
    check_code: str = Field(min_length=5, max_length=20, examples=["7K3QX-M0ZTA"])


class VerificationAnswer(BaseModel):
    """No more than the paper says. unknown: no issued document has this number, date and code together."""

    status: Literal["valid", "expired", "unknown"]
    text: str = Field(description="The same in words, in the language asked for")
    kind: str | None = None
    number: str | None = None
    issued_on: date | None = None
    valid_until: date | None = None
    post: str | None = None
    as_of: datetime

    @classmethod
    def status_of(cls, entry: RegisterEntry | None, now: datetime) -> Literal["valid", "expired", "unknown"]:
        if entry is None or entry.numbering is None:
            return "unknown"
        last_day = entry.numbering.valid_until
        return "expired" if last_day and now > term_end(last_day) else "valid"
