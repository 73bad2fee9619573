"""A file is stored and made harmless: the draft holds it from now on, and what it held in its place is swept."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from services.applications.domain.application import Application
from services.applications.domain.attachments import Attachment, paper_pointer
from services.applications.domain.errors import UploadTookTooLong
from services.applications.domain.filling_acts import must_be_helping
from services.applications.domain.journal import ActorRef, officer
from services.applications.domain.upload_errors import FilesTooLarge, TooManyFiles
from services.applications.fillings import Fillings
from services.applications.repository import Applications
from services.applications.uploads.limits import the_limits
from services.applications.use_cases.reserve_attachment import sweep, sweep_gone
from shared.actors import Citizen, Officer
from shared.mongo.transactions import UnitOfWork

UPLOAD_MAY_TAKE = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class RecordAttachment:
    """helper: an officer who does it with them at the counter."""

    application_id: str
    attachment: Attachment
    reserved_at: datetime
    by: Citizen
    beside: bool = False
    helper: Officer | None = None


async def record_attachment(command: RecordAttachment, uow: UnitOfWork) -> Application:
    """The same file sent again, beside what is there, changes nothing: an answer was lost on the way. Raises
    ApplicationNotFound, NotADraft, DraftExpired, UploadTookTooLong, TooManyFiles, FilesTooLarge, NotAssisted."""
    if uow.at - command.reserved_at > UPLOAD_MAY_TAKE:
        raise UploadTookTooLong
    applications = Applications(uow)
    application = await applications.get_for(command.by, command.application_id)
    acting = await _helping(application, command.helper, uow)
    before, new = application.attachments, command.attachment
    if command.beside and any(_same(each, new) for each in before):
        application.must_take_change(paper_pointer(new.paper), by=command.by)
        uow.schedule(sweep(application.id, new.id, "sent-twice", uow))
        return application
    act = application.attach(new, by=command.by, at=uow.at, beside=command.beside)
    _must_be_within_limits(application)
    await applications.save(application, replace(act, by=acting) if acting else act)
    sweep_gone(application, before, "replaced", uow)
    return application


async def _helping(application: Application, helper: Officer | None, uow: UnitOfWork) -> ActorRef | None:
    """As who it is written down, where it is not its citizen. Raises NotAssisted, RoleNotAllowed."""
    if helper is None:
        return None
    role = must_be_helping(application, await Fillings(uow).of(application), by=helper, at=uow.at)
    return officer(helper, role)


def _same(one: Attachment, other: Attachment) -> bool:
    return one.paper == other.paper and one.source_sha256 == other.source_sha256


def _must_be_within_limits(application: Application) -> None:
    limits = the_limits()
    if len(application.attachments) > limits.files_a_case.value:
        raise TooManyFiles(most=limits.files_a_case.value)
    if sum(each.size for each in application.attachments) > limits.bytes_a_case.value:
        raise FilesTooLarge(limit_megabytes=limits.bytes_a_case.value // 1_000_000)
