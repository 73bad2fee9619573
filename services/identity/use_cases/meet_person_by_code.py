"""Somebody at the counter showed the officer a code that was sent to them: whose contact it is, is known or becomes known."""

from dataclasses import dataclass

from services.identity.domain.challenge import Challenge
from services.identity.domain.contact import Contact
from services.identity.domain.person import Person
from services.identity.use_cases.open_session_by_code import person_by_code
from shared.actors import POST_ROLES, Officer
from shared.errors import NotAllowed
from shared.mongo.transactions import UnitOfWork


@dataclass(frozen=True, slots=True)
class MeetPersonByCode:
    challenge: Challenge
    contact: Contact
    by: Officer


async def meet_person_by_code(command: MeetPersonByCode, uow: UnitOfWork) -> Person | None:
    """No session is opened. None where the challenge was used meanwhile. Raises NotAllowed, DuplicateKeyError where the same new
    contact was proven at once, and SealBroken."""
    post_id, roles = command.by.post_id, command.by.roles_at(command.by.post_id) & POST_ROLES
    if not roles:
        raise NotAllowed
    person = await person_by_code(command.challenge, command.contact, uow)
    if person is not None:
        about = {"person": person.id, "by": f"code-{command.contact.kind.value}"}
        uow.audit("person:meet_at_counter", about=about, role=min(roles), post=post_id)
    return person
