"""Who heads which posts, as identity tells notifications of it each morning: nobody is left out."""

from datetime import date

from services.identity.domain.person import Person
from services.identity.officers_queries import READ_AT_ONCE, in_charge
from services.identity.schema import MAPPER
from tests.support.kept import as_kept, database_with_keys
from tests.support.places import Place

HEADS = 3 * READ_AT_ONCE + 1


def an_officer(number: int, role: str) -> Person:
    name = f"{role}-{number}"
    return Person.officer(id=name, login=name, name="Бек", language="ru", post_id="yek", roles=(role,))


async def test_every_head_is_told_of_however_many_officers_there_are(place: Place) -> None:
    people = [an_officer(number, role) for number in range(HEADS) for role in ("head", "intake")]
    database = database_with_keys(place, "identity")
    try:
        await database.db.people.insert_many(await as_kept(MAPPER, people, database.db))
        found = await in_charge(database.db, on=date(2026, 11, 23))
    finally:
        await database.close()
    assert found == {f"head-{number}": ["yek"] for number in range(HEADS)}
