"""An upload that can be broken off and gone on with: how much of the file is there, piece by piece."""

from dataclasses import dataclass
from datetime import datetime

from services.applications.domain.upload_errors import NotWhereItWas, UploadNotFound
from shared.actors import Citizen

MOST_PIECES = 500  # of a file; on a bad line a piece is some 20 kB, and what comes byte by byte would fill the row


@dataclass(frozen=True, slots=True)
class Piece:
    """Its bytes lie in GridFS under this id."""

    id: str
    size: int


@dataclass(slots=True)
class Upload:
    """length: of the whole file, as it was announced. beside: with the files that the paper has, else in their place."""

    id: str
    application_id: str
    citizen_id: str
    paper: str
    media_type: str
    length: int
    beside: bool
    started_at: datetime
    expires_at: datetime
    pieces: tuple[Piece, ...] = ()
    version: int = 1

    @property
    def offset(self) -> int:
        return sum(piece.size for piece in self.pieces)

    @property
    def is_whole(self) -> bool:
        return self.offset == self.length

    def must_be_of(self, by: Citizen, application_id: str, *, at: datetime) -> None:
        """Raises UploadNotFound for all others, and where its time has passed."""
        if (self.citizen_id, self.application_id) != (by.id, application_id) or at >= self.expires_at:
            raise UploadNotFound

    def add(self, piece: Piece, *, offset: int) -> None:
        """offset: where the piece begins. Raises NotWhereItWas, and UploadNotFound where it came in too many to go on."""
        if len(self.pieces) >= MOST_PIECES:
            raise UploadNotFound
        if offset != self.offset or piece.size < 1 or offset + piece.size > self.length:
            raise NotWhereItWas
        self.pieces = (*self.pieces, piece)
        self.version += 1
