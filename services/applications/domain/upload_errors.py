"""What can be wrong with a file that is sent for a paper. Messages are msgids."""

from typing import Final

from services.applications.domain.attachments import paper_pointer
from shared.errors import DomainError, FieldError, InvalidInput, NotFound
from shared.texts import N_


class PaperNotFound(NotFound):
    code = "paper-not-found"
    message = N_("This service asks for no such paper as a file.")


class UploadNotFound(NotFound):
    code = "upload-not-found"
    message = N_("This upload has ended. Look whether the file is there, or send it again.")


class FileNotFound(NotFound):
    code = "file-not-found"
    message = N_("There is no such file at this application.")


class TooManyFiles(DomainError):
    """HTTP 413."""

    code = "too-many-files"
    message = N_("An application can have {most} files at most. Take one off, or put several pages into one PDF.")


class FilesTooLarge(DomainError):
    """HTTP 413."""

    code = "files-too-large"
    message = N_("All files of an application together can have {limit_megabytes} MB at most. Send smaller ones.")


class NotWhereItWas(DomainError):
    """HTTP 409: the piece does not begin where the upload stands."""

    code = "upload-offset-differs"
    message = N_("The upload stands at another place. Ask where, and go on from there.")


LONGER_THAN: Final = {  # HTTP 413: by how many bytes the unit has, the largest first
    1_000_000: N_(
        "This is more than was announced for the file: {size} MB in all. Ask where the upload stands, and send the rest."
    ),
    1_000: N_("This is more than was announced for the file: {size} KB in all. Ask where the upload stands, and send the rest."),
    1: N_("This is more than was announced for the file: {size} bytes in all. Ask where the upload stands, and send the rest."),
}
PROBLEM: Final = {
    "unreadable": N_("This file cannot be read: it is damaged or cut off. Send it again, or make a new photo or scan."),
    "too-many-pixels": N_("This picture has too many points. Send a photo with a lower resolution."),
    "pdf-locked": N_("This PDF is protected by a password. Save it without a password, and send it again."),
    "pdf-embeds": N_("This PDF carries other files inside. Print it into a new PDF, and send that."),
    "pdf-too-much": N_("This PDF takes too much work to open. Print it into a new PDF, or send photos of its pages."),
    "too-many-pages": N_("This PDF has too many pages: {most} at most. Send only those that are asked for."),
    "infected": N_("The virus scanner found something in this file. It was not kept. Send another file."),
}


class FileNotUsable(InvalidInput):
    """What it is was said truly, and yet it is of no use, or harmful. problem: one of PROBLEM."""

    code = "file-not-usable"

    def __init__(self, paper: str, problem: str, **params: str | int) -> None:
        super().__init__([FieldError(paper_pointer(paper), PROBLEM[problem], params)])
        self.problem = problem
