"""The invented people of a local stack: there after each start, as the file has them now."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from services.identity.contacts import claim_contact, contacts_of, owner_of
from services.identity.domain.grants import RoleGrant
from services.identity.domain.person import Person
from services.identity.repository import People
from shared.mongo.transactions import UnitOfWork


@dataclass(frozen=True, slots=True)
class SeedDemoPeople:
    people: Sequence[Person]


async def seed_demo_people(command: SeedDemoPeople, uow: UnitOfWork) -> None:
    """Idempotent: who is there already and unchanged is not written."""
    people = People(uow)
    for wanted in command.people:
        known = await people.find({"_id": wanted.id})
        if known is None:
            await people.add(wanted)
        elif (now := replace(wanted, version=known.version, grants=_merged(wanted, known))) != known:
            await people.save(replace(now, version=known.version + 1))
        for contact in contacts_of(wanted):
            if await owner_of(contact, uow) is None:
                await claim_contact(contact, wanted.id, uow)


def _merged(wanted: Person, known: Person) -> list[RoleGrant]:
    """What was given and withdrawn on the running stack stays so."""
    by_id = {grant.id: grant for grant in known.grants}
    of_file = [by_id[grant.id] if grant.id in by_id and by_id[grant.id].withdrawn else grant for grant in wanted.grants]
    ids = {grant.id for grant in wanted.grants}
    return [*of_file, *(grant for grant in known.grants if grant.id not in ids and grant.given_by)]
