"""Bodies of the documents API."""

import re
from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from services.documents.checking import Proof
from services.documents.domain.register_entry import EntryState, RegisterEntry
from services.documents.seal import SealedFacts

_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


class DocumentView(BaseModel):
    """A document as its citizen, or an officer of its post, sees it."""

    document_id: str
    application_id: str
    reference: str
    service_id: str
    revision: int
    state: EntryState
    state_text: str = Field(description="The state in words, in the language asked for: also whether its term has ended")
    title: str | None = Field(description="What the paper is called, in the language asked for; null until it has a number")
    number: str | None
    check_code: str | None
    issued_on: date | None
    valid_until: date | None
    signed_at: AwareDatetime | None
    sha256: str | None
    size_bytes: int | None
    file: str | None = Field(description="Where the signed PDF can be had, once it is issued")

    @classmethod
    def of(cls, entry: RegisterEntry, *, title: str | None, state_text: str) -> "DocumentView":
        given = entry.numbering
        return cls(
            document_id=entry.id,
            application_id=entry.application_id,
            reference=entry.reference,
            service_id=entry.service_id,
            revision=entry.revision,
            state=entry.state,
            state_text=state_text,
            title=title,
            number=given.number if given else None,
            check_code=given.check_code if given else None,
            issued_on=given.issued_on if given else None,
            valid_until=given.valid_until if given else None,
            signed_at=entry.signed_at,
            sha256=entry.sha256,
            size_bytes=entry.size,
            file=f"/api/documents/{entry.id}/file" if entry.state is EntryState.ISSUED and not entry.revoked else None,
        )


class DocumentList(BaseModel):
    documents: list[DocumentView]


def _as_printed(given: object) -> object:
    """A number would be taken for seconds since 1970, and so would its digits."""
    if not (isinstance(given, str) and _ISO_DAY.fullmatch(given)):
        raise PydanticCustomError("date_parsing", "not an ISO date")
    return given


class VerificationRequest(BaseModel):
    """What is printed on the paper: all three must match. Case, spaces, hyphens and letters of the same look do not matter."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    number: str = Field(min_length=5, max_length=40, examples=["YEK-KU-2026-000001"])
    issued_on: Annotated[date, BeforeValidator(_as_printed)] = Field(examples=["2026-11-22"])
    check_code: str = Field(min_length=5, max_length=20, examples=["7K3QX-M0ZTA"])


class SealVerificationRequest(BaseModel):
    """The address that the printed code leads to, or what stands in it behind the #."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    seal: str = Field(min_length=1, max_length=4096, examples=["https://HOST/v/#2KCE3IQB..."])


class HolderOnPaper(BaseModel):
    """As the seal says it and the paper shows it."""

    name: str
    latin_name: str
    birth_date: date

    @classmethod
    def of(cls, sealed: SealedFacts) -> "HolderOnPaper":
        return cls(name=sealed.full_name, latin_name=sealed.latin_name, birth_date=sealed.birth_date)


class VerificationAnswer(BaseModel):
    """No more than the paper says.

    valid, expired: issued here, and all below is given. annulled, replaced: also, and no longer good. altered: a file of ours
    that was changed. not_genuine: a code or signature that is not ours. no_code: nothing, or more than one code, could be read.
    unknown: not in the register.
    """

    status: Literal["valid", "expired", "annulled", "replaced", "altered", "not_genuine", "no_code", "unknown"]
    text: str = Field(description="The same in words, in the language asked for")
    checked: Proof = Field(description="register: what was typed; code: the printed code alone; file: the whole signed file")
    unsigned_pdf: bool = Field(
        default=False,
        description="True: a PDF without our signature, so not the file that was issued, whatever the code in it says",
    )
    kind: str | None = None
    number: str | None = None
    issued_on: date | None = None
    valid_until: date | None = None
    post: str | None = None
    holder: HolderOnPaper | None = Field(default=None, description="From a genuine seal only; never for what was typed")
    as_of: datetime
