"""Whose a contact is: one citizen for each, found by a blind index. An officer never signs in by a contact."""

import structlog

from services.identity.domain.contact import Contact, ContactKind
from services.identity.domain.person import Person
from shared.metrics import metrics
from shared.mongo.transactions import UnitOfWork
from shared.sealing.blind import BlindKind
from shared.sealing.errors import SealBroken

log = structlog.get_logger(__name__)

KINDS = {ContactKind.EMAIL: BlindKind.EMAIL, ContactKind.SMS: BlindKind.PHONE}


def index_of(contact: Contact, uow: UnitOfWork) -> str:
    """Kinds apart, so that the index is a name of its own."""
    return f"{contact.kind.value}:{uow.db.keys.blind.of(KINDS[contact.kind], contact.value)}"


async def owner_of(contact: Contact, uow: UnitOfWork) -> str | None:
    row = await uow.db.contacts.find_one({"_id": index_of(contact, uow)}, session=uow.session)
    return str(row["person_id"]) if row else None


def must_be_theirs(contact: Contact, person: Person, uow: UnitOfWork) -> None:
    """Whose a contact is lies in plain; what the person's own seals say decides, or who can write a database signs in as anybody.

    Raises SealBroken.
    """
    if index_of(contact, uow) not in {index_of(own, uow) for own in contacts_of(person)}:
        metrics().seals_broken.labels("moved-or-altered").inc()
        log.error("seal_broken", collection="contacts", record=person.id, reason="moved-or-altered")
        raise SealBroken("moved-or-altered")


async def claim_contact(contact: Contact, person_id: str, uow: UnitOfWork) -> None:
    """Raises DuplicateKeyError where it is somebody's."""
    await uow.db.contacts.insert_one({"_id": index_of(contact, uow), "person_id": person_id}, session=uow.session)


async def release_contacts(person_id: str, uow: UnitOfWork) -> None:
    """Nobody signs in by them any more, until somebody proves one anew."""
    await uow.db.contacts.delete_many({"person_id": person_id}, session=uow.session)


def contacts_of(person: Person) -> list[Contact]:
    given = ((ContactKind.EMAIL, person.email), (ContactKind.SMS, person.phone))
    return [Contact(kind, value) for kind, value in given if value]
