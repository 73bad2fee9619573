"""A code was right: the challenge is used up, and whose contact it is signs in. A contact nobody has is a new person."""

from dataclasses import dataclass

from services.identity.contacts import claim_contact, must_be_theirs, owner_of
from services.identity.domain.challenge import Challenge
from services.identity.domain.contact import Contact, ContactKind
from services.identity.domain.person import Person
from services.identity.repository import People
from services.identity.sessions import OpenedSession, open_session
from shared.actors import Assurance
from shared.mongo.transactions import UnitOfWork

METHODS = {ContactKind.EMAIL: "otp", ContactKind.SMS: "sms"}  # RFC 8176


@dataclass(frozen=True, slots=True)
class OpenSessionByCode:
    challenge: Challenge
    contact: Contact
    device: str = ""


async def open_session_by_code(command: OpenSessionByCode, uow: UnitOfWork) -> OpenedSession | None:
    """None where the challenge was used meanwhile. Raises DuplicateKeyError where the same new contact was proven at once, and
    SealBroken where the contact was moved to somebody whose it is not."""
    person = await person_by_code(command.challenge, command.contact, uow)
    if person is None:
        return None
    kind = command.contact.kind
    methods = [METHODS[kind]]
    opened = await open_session(person, methods=methods, assurance=Assurance.SELF_ASSERTED, uow=uow, device=command.device)
    about = {"person": person.id, "session": opened.session.id, "methods": methods, "by": f"code-{kind.value}"}
    uow.audit("session:open", about=about)
    return opened


async def person_by_code(challenge: Challenge, contact: Contact, uow: UnitOfWork) -> Person | None:
    """Uses up the challenge. None where that was done meanwhile. Raises as opening a session does."""
    used = await uow.db.sign_in_challenges.update_one(
        {"_id": challenge.id, "used_at": None}, {"$set": {"used_at": uow.at}}, session=uow.session
    )
    if not used.matched_count:
        return None
    people = People(uow)
    if person_id := await owner_of(contact, uow):
        person = await people.get(person_id)
        must_be_theirs(contact, person, uow)
    else:
        person = _newcomer(uow.new_id(), contact, challenge.language)
        await people.add(person)
        await claim_contact(contact, person.id, uow)
    return person


def _newcomer(person_id: str, contact: Contact, language: str) -> Person:
    """Nothing is known of them but a contact that answers; they say the rest themselves."""
    email, phone = (contact.value, None) if contact.kind is ContactKind.EMAIL else (None, contact.value)
    return Person.citizen(id=person_id, login=person_id, name="", language=language, email=email, phone=phone)
