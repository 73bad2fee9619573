"""What waits for a time, and what must happen outside a transaction."""

from collections.abc import Callable

from services.applications.appointments.jobs import appointment_job_kinds
from services.applications.fees.jobs import fee_job_kinds
from services.applications.fees.provider import Provider
from services.applications.queries import files_in_use
from services.applications.queue.jobs import queue_job_kinds
from services.applications.storage import AttachmentStore
from services.applications.term_watch import WATCH_TERM
from services.applications.use_cases.erase_person import erase_person
from services.applications.use_cases.expire_draft import ExpireDraft, expire_draft
from services.applications.use_cases.life.answer_request import EndRequest, end_request
from services.applications.use_cases.life.request_papers import REQUEST_RUNS_OUT
from services.applications.use_cases.note_term import NoteTerm, note_term
from services.applications.use_cases.reserve_attachment import SWEEP_ATTACHMENT
from services.applications.use_cases.start_application import EXPIRE_DRAFT
from services.applications.use_cases.uploads.begin_upload import SWEEP_UPLOAD
from services.applications.use_cases.uploads.end_upload import ForgetUpload, forget_upload
from shared.jobs.job import Finish, Job, JobKind, JobKinds
from shared.mongo.database import BACKGROUND_TIMEOUT_S, Db, within
from shared.mongo.erasure import ERASE_PERSON, erasing_kind


def job_kinds(db: Callable[[], Db], provider: Provider | None = None) -> JobKinds:
    """db: asked for at each run, because a client is opened when the service starts."""

    async def close_draft(job: Job) -> Finish:
        return Finish(expire_draft, ExpireDraft(job.data["application_id"]))

    async def sweep(job: Job) -> None:
        with within(BACKGROUND_TIMEOUT_S):
            held = await files_in_use(db(), job.data["application_id"])
        await AttachmentStore(db()).sweep(job.data["attachment_id"], held=held)

    async def sweep_upload(job: Job) -> Finish:
        await AttachmentStore(db()).sweep_upload(job.data["upload_id"])
        return Finish(forget_upload, ForgetUpload(job.data["upload_id"]))

    async def look_at_term(job: Job) -> Finish:
        return Finish(note_term, NoteTerm(job.data["application_id"]))

    async def end_question(job: Job) -> Finish:
        return Finish(end_request, EndRequest(job.data["application_id"], job.data["version"]))

    return {
        **queue_job_kinds(db),
        WATCH_TERM: JobKind(look_at_term),
        EXPIRE_DRAFT: JobKind(close_draft),
        REQUEST_RUNS_OUT: JobKind(end_question),
        SWEEP_ATTACHMENT: JobKind(sweep),
        SWEEP_UPLOAD: JobKind(sweep_upload),
        ERASE_PERSON: erasing_kind(erase_person),
        **appointment_job_kinds(),
        **fee_job_kinds(db, provider),
    }
