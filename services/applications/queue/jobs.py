"""The jobs of the queue: claims that end, and what moves from a post that closed."""

from collections.abc import Callable

from services.applications.queue.claims import RETURN_CLAIM
from services.applications.queue.closures import MOVE_CASE, MOVE_CASES, closure_of
from services.applications.queue.queries import left_at
from services.applications.use_cases.queue.move_cases import MoveCase, MoveCases, move_case, move_cases
from services.applications.use_cases.queue.return_claim import ReturnClaim, return_claim
from shared.jobs.job import Finish, Job, JobKind, JobKinds
from shared.mongo.database import BACKGROUND_TIMEOUT_S, Db, within


def queue_job_kinds(db: Callable[[], Db]) -> JobKinds:
    async def end_claim(job: Job) -> Finish:
        return Finish(return_claim, ReturnClaim(job.data["claim_id"]))

    async def list_left(job: Job) -> Finish:
        with within(BACKGROUND_TIMEOUT_S):
            closure = await closure_of(db(), job.data["post_id"])
            left = await left_at(db(), job.data["post_id"], stuck=closure.stuck if closure else ())
        of_job = job.data["post_id"], job.data["round"], job.data["step"]
        return Finish(move_cases, MoveCases(*of_job, tuple(left), job.data.get("series", "")))

    async def move_one(job: Job) -> Finish:
        return Finish(move_case, MoveCase(job.data["application_id"], job.data["post_id"], job.data["round"]))

    return {RETURN_CLAIM: JobKind(end_claim), MOVE_CASES: JobKind(list_left), MOVE_CASE: JobKind(move_one)}
