"""Before the bytes of a file are stored: may they come, for which paper, and who sweeps them should the upload be cut off."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from services.applications.catalogue import the_catalogue
from services.applications.domain.application import Application
from services.applications.domain.attachments import Accepted, Attachment, paper_pointer
from services.applications.domain.errors import AttachmentNotFound
from services.applications.domain.papers import ONLY_PAPER
from services.applications.domain.upload_errors import PaperNotFound, TooManyFiles
from services.applications.repository import Applications
from services.applications.uploads.limits import the_limits
from shared.actors import Citizen
from shared.jobs.job import NewJob
from shared.mongo.sealing import key_for
from shared.mongo.transactions import UnitOfWork

SWEEP_ATTACHMENT = "sweep_attachment"
SWEPT_AFTER = timedelta(hours=2)  # longer than UPLOAD_MAY_TAKE, so that no sweep meets a late record


@dataclass(frozen=True, slots=True)
class ReserveAttachment:
    """beside: with the files that the paper has, else in their place."""

    application_id: str
    attachment_id: str
    by: Citizen
    paper: str = ONLY_PAPER
    beside: bool = False


async def reserve_attachment(command: ReserveAttachment, uow: UnitOfWork) -> Accepted:
    """Out: what is accepted. Raises ApplicationNotFound, NotADraft, DraftExpired, PaperNotFound, TooManyFiles."""
    await key_for(uow, command.by.id)  # the file that comes next is sealed with it
    application = await Applications(uow).get_for(command.by, command.application_id)
    uow.schedule(sweep(command.application_id, command.attachment_id, "reserved", uow, after=SWEPT_AFTER))
    return accepted_for(application, command.paper, by=command.by, beside=command.beside)


def accepted_for(application: Application, paper_code: str, *, by: Citizen, beside: bool) -> Accepted:
    """What may come for this paper now. Raises NotADraft, DraftExpired, NotMarked, PaperNotFound, TooManyFiles."""
    application.must_take_change(paper_pointer(paper_code), by=by)
    paper = the_catalogue().definition_of(application).paper(paper_code)
    if paper is None or paper.bring == "original":
        raise AttachmentNotFound if paper_code == ONLY_PAPER else PaperNotFound
    most = the_limits().files_a_case.value
    if sum(1 for each in application.attachments if beside or each.paper != paper.code) >= most:
        raise TooManyFiles(most=most)
    return the_limits().accepted(paper)


def sweep(application_id: str, attachment_id: str, cause: str, uow: UnitOfWork, *, after: timedelta = timedelta()) -> NewJob:
    """The job that deletes what lies there for this attachment, but for what the application holds when it is due."""
    data = {"application_id": application_id, "attachment_id": attachment_id}
    return NewJob(SWEEP_ATTACHMENT, f"{attachment_id}:{cause}", uow.at + after, data)


def sweep_gone(application: Application, before: Iterable[Attachment], cause: str, uow: UnitOfWork) -> None:
    """The bytes of what the application held before and holds no longer."""
    held = {each.id for each in application.attachments}
    for each in before:
        if each.id not in held:
            uow.schedule(sweep(application.id, each.id, cause, uow))
