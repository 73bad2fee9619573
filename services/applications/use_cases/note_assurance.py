"""An officer saw who a citizen is: the citizen's applications know it from now on."""

from dataclasses import dataclass

from shared.actors import Assurance
from shared.mongo.transactions import UnitOfWork


@dataclass(frozen=True, slots=True)
class NoteAssurance:
    person_id: str
    level: str


async def note_assurance(command: NoteAssurance, uow: UnitOfWork) -> None:
    """It never sinks: what comes late or twice changes nothing. No act on the application, and so neither version nor journal:
    the act was done in identity, which has it in its audit. A transaction that saves one meanwhile meets this and runs again."""
    level = Assurance(command.level)
    lower = [known.value for known in Assurance if not known.reaches(level)]
    known_lower = {"citizen_id": command.person_id, "$or": [{"assurance": {"$in": lower}}, {"assurance": {"$exists": False}}]}
    await uow.db.applications.update_many(known_lower, {"$set": {"assurance": level.value}}, session=uow.session)
