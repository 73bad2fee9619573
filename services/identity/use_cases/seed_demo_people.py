"""The invented people of a local stack: there after each start, as the file has them now."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

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
        elif replace(wanted, version=known.version) != known:
            await people.save(replace(wanted, version=known.version + 1))
