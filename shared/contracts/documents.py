"""Events published by the documents service."""

from typing import ClassVar

from shared.contracts.base import Event
from shared.contracts.erasure import ErasureAnswered


class DocumentEvent(Event):
    document_id: str
    application_id: str
    citizen_id: str
    reference: str
    service_id: str
    revision: int

    @property
    def subject_id(self) -> str:
        return self.document_id


class DocumentIssued(DocumentEvent):
    """The document is signed, stored and in the register; its citizen can download it."""

    type: ClassVar[str] = "document.issued.v1"


class DocumentIssueFailed(DocumentEvent):
    """Issuing was given up until a person steps in; reason is a code, as unprintable-text."""

    type: ClassVar[str] = "document.issue_failed.v1"
    reason: str


class DocumentsAnsweredErasure(ErasureAnswered):
    """This service has destroyed what it kept about an erased person, or says what holds it back."""

    type: ClassVar[str] = "documents.answered_erasure.v1"
