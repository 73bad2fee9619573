"""Somebody says yes or no to a purpose that rests on their word: one more entry of the ledger."""

from dataclasses import dataclass

from services.identity.domain.consent import Consent, ConsentEntry, How, Said
from services.identity.repository import People
from services.identity.rights_schema import Consents
from shared.actors import Citizen
from shared.audit.entry import About
from shared.errors import NotFound
from shared.mongo.transactions import UnitOfWork


@dataclass(frozen=True, slots=True)
class SayConsent:
    entry_id: str
    by: Citizen
    consent: Consent
    text_version: int
    said: Said
    how: How


async def say_consent(command: SayConsent, uow: UnitOfWork) -> ConsentEntry:
    """Raises NotFound, TextChanged, InvalidInput."""
    person = await People(uow).get(command.by.id)
    if person.is_erased:
        raise NotFound
    entry = command.consent.said_by(
        person.id, command.said, entry_id=command.entry_id, text_version=command.text_version, at=uow.at, how=command.how
    )
    await Consents(uow).add(entry)
    about: About = {"person": person.id, "purpose": entry.purpose, "text_version": entry.text_version, "how": entry.how.value}
    uow.audit("consent:give" if entry.said is Said.GIVEN else "consent:withdraw", about=about)
    return entry
