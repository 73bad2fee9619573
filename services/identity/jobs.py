"""What an operator, and a person's own request, puts to work in identity."""

from services.identity.use_cases.ask_erasure import AskErasure, ask_erasure
from services.identity.use_cases.erase_person import erase_person
from shared.jobs.job import Finish, Job, JobKind, JobKinds
from shared.mongo.erasure import ASKED_BY_OPERATOR, ERASE_PERSON, WHAT_IS_ASKED, ErasePerson


async def _erase(job: Job) -> Finish:
    person_id = job.data["person_id"]
    if job.data.get(ASKED_BY_OPERATOR):
        return Finish(ask_erasure, AskErasure(person_id))
    return Finish(erase_person, ErasePerson(person_id, WHAT_IS_ASKED))


JOBS: JobKinds = {ERASE_PERSON: JobKind(_erase)}
