"""One line of the register of issued documents: ordered -> numbered -> issued, or failed until a person steps in."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from shared.contracts.applications import OutcomeKind
from shared.contracts.documents import DocumentIssued, DocumentIssueFailed
from shared.errors import NotAllowedNow
from shared.texts import N_


class EntryState(StrEnum):
    ORDERED = "ordered"
    NUMBERED = "numbered"
    ISSUED = "issued"
    FAILED = "failed"


class NotToBeIssuedNow(NotAllowedNow):
    code = "document-not-to-be-issued-now"
    message = N_("This document is already issued.")


class NotIssuedYet(NotAllowedNow):
    code = "document-not-issued-yet"
    message = N_("The document is not ready yet. You will get a message when it is.")


class FileNoLongerKept(NotAllowedNow):
    code = "document-file-no-longer-kept"
    message = N_("The file of this document is no longer kept: its term is over. The document itself can still be verified.")


class NoLongerGood(NotAllowedNow):
    code = "document-no-longer-good"
    message = N_("This document was annulled, or replaced by a corrected one. Its file is not given out any more.")


@dataclass(frozen=True, slots=True)
class HeldAt:
    """The post where its case went on when its own was closed. sequence: of the event that said so."""

    post_id: str
    sequence: int


@dataclass(frozen=True, slots=True)
class Numbering:
    """What is fixed together with the number, so that the same entry always gives the same paper."""

    number: str
    check_code: str
    kind: str
    issued_at: datetime
    issued_on: date
    valid_until: date | None


class Revocation(StrEnum):
    """Why what was issued is no longer good."""

    ANNULLED = "annulled"
    REPLACED = "replaced"  # by a corrected revision


@dataclass
class RegisterEntry:
    """One document of one application; unique by application and revision."""

    id: str
    application_id: str
    citizen_id: str
    reference: str
    service_id: str
    post_id: str
    outcome: OutcomeKind
    revision: int
    ordered_at: datetime
    version: int = 1
    state: EntryState = EntryState.ORDERED
    numbering: Numbering | None = None
    post_names: dict[str, str] | None = None
    file_id: str | None = None
    sha256: str | None = None
    size: int | None = None
    signed_at: datetime | None = None
    failure: str | None = None
    revoked: Revocation | None = None
    revoked_at: datetime | None = None
    held: HeldAt | None = None  # None: where it was issued
    file_deleted_at: datetime | None = None  # by its rule of retention; the entry stays, and the paper can be verified

    def give_number(self, numbering: Numbering, post_names: dict[str, str]) -> None:
        """Once: a second call changes nothing, so that a repeated job keeps the number. Raises NotToBeIssuedNow."""
        if self.state is EntryState.ISSUED:
            raise NotToBeIssuedNow
        if self.numbering is not None:
            return
        self.numbering, self.post_names, self.state = numbering, post_names, EntryState.NUMBERED
        self.version += 1

    def try_again(self) -> bool:
        """Whether it had failed: its number stays, and files stored from here on are not swept."""
        if self.state is not EntryState.FAILED:
            return False
        self.state = EntryState.NUMBERED
        self.version += 1
        return True

    def issue(self, *, file_id: str, sha256: str, size: int, at: datetime) -> DocumentIssued:
        """The signed file is stored. Raises NotToBeIssuedNow."""
        if self.state is EntryState.ISSUED or self.numbering is None:
            raise NotToBeIssuedNow
        self.state, self.failure = EntryState.ISSUED, None
        self.file_id, self.sha256, self.size, self.signed_at = file_id, sha256, size, at
        self.version += 1
        return DocumentIssued(sequence=self.version, occurred_at=at, **self._facts())

    def fail(self, *, reason: str, at: datetime) -> DocumentIssueFailed:
        """Issuing was given up. Raises NotToBeIssuedNow."""
        if self.state is EntryState.ISSUED:
            raise NotToBeIssuedNow
        self.state, self.failure = EntryState.FAILED, reason
        self.version += 1
        return DocumentIssueFailed(sequence=self.version, occurred_at=at, reason=reason, **self._facts())

    def revoke(self, why: Revocation, *, at: datetime) -> bool:
        """It was issued and is no longer good. Out: whether that is news; what was annulled is not replaced."""
        if self.revoked in (why, Revocation.ANNULLED):
            return False
        self.revoked, self.revoked_at = why, at
        self.version += 1
        return True

    @property
    def held_at(self) -> str:
        """The post whose officers have it."""
        return self.held.post_id if self.held else self.post_id

    def go_on_at(self, post_id: str, *, sequence: int) -> bool:
        """Its case moved; what is printed on it stays. Out: whether that is news."""
        if self.held is not None and self.held.sequence >= sequence:
            return False
        self.held = HeldAt(post_id, sequence)
        self.version += 1
        return True

    def drop_file(self, *, at: datetime) -> str:
        """Its term is over. Out: the file's id. Raises NotIssuedYet, FileNoLongerKept."""
        file_id = self.kept_file()
        self.file_deleted_at = at
        self.version += 1
        return file_id

    def kept_file(self) -> str:
        """The file's id. Raises NotIssuedYet, FileNoLongerKept."""
        if self.state is not EntryState.ISSUED or self.file_id is None:
            raise NotIssuedYet
        if self.file_deleted_at is not None:
            raise FileNoLongerKept
        return self.file_id

    def good_file(self) -> str:
        """The file's id, for whoever would use it. Raises NotIssuedYet, NoLongerGood, FileNoLongerKept."""
        if self.revoked is not None:
            raise NoLongerGood
        return self.kept_file()

    def _facts(self) -> dict[str, str | int]:
        return {
            "document_id": self.id,
            "application_id": self.application_id,
            "citizen_id": self.citizen_id,
            "reference": self.reference,
            "service_id": self.service_id,
            "revision": self.revision,
        }
