"""An officer saw who a citizen is: the citizen's applications know it from now on."""

from dataclasses import dataclass

from services.applications.schema import CASES, MAPPER
from shared.actors import Assurance
from shared.mongo.database import Document
from shared.mongo.sealing import changed
from shared.mongo.transactions import UnitOfWork


@dataclass(frozen=True, slots=True)
class NoteAssurance:
    """sequence: of the event, which goes on with each."""

    person_id: str
    level: str
    sequence: int


async def note_assurance(command: NoteAssurance, uow: UnitOfWork) -> None:
    """It sinks only where the event says that it was taken back; what comes late or twice changes nothing. No act on the
    application, and so neither version nor journal: the act was done in identity, which has it in its audit. A transaction that
    saves one meanwhile meets this and runs again."""
    level = Assurance(command.level)
    lower = [*(known.value for known in Assurance if not known.reaches(level)), None]  # None: where it is not written, too
    changes = Assurance.COUNTER_SEEN.value if level is Assurance.SELF_ASSERTED else {"$in": lower}
    newer = {"$not": {"$gte": command.sequence}}
    theirs: Document = {"citizen_id": command.person_id, "assurance": changes, "assurance_sequence": newer}
    noted = {"assurance": level.value, "assurance_sequence": command.sequence}
    await changed(CASES, uow, theirs, noted, next_version=False)


async def noted_last(citizen_id: str, uow: UnitOfWork) -> tuple[Assurance, int]:
    """What identity said last of a citizen, with the sequence of that event, as their other cases have it: a token says what was
    known when it was given out, and no event comes again for a case that is begun after it."""
    rows = await uow.db.applications.find({"citizen_id": citizen_id}, session=uow.session).to_list()
    cases = await MAPPER.read_all(uow.db, rows, uow=uow)
    last = max(cases, key=lambda case: case.assurance_sequence, default=None)
    return (last.assurance, last.assurance_sequence) if last and last.assurance_sequence else (Assurance.SELF_ASSERTED, 0)
