"""What an operator, and later a citizen's request, puts to work in identity."""

from services.identity.use_cases.erase_person import erase_person
from shared.jobs.job import JobKinds
from shared.mongo.erasure import ERASE_PERSON, erasing_kind

JOBS: JobKinds = {ERASE_PERSON: erasing_kind(erase_person)}
