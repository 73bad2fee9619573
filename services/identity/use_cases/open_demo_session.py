"""Somebody signs in as one of the invented people of a local stack: nothing is proven, because nobody there is real."""

from dataclasses import dataclass

from services.identity.repository import People
from services.identity.schema import PEOPLE_SEALED
from services.identity.sessions import OpenedSession, open_session
from shared.errors import NotFound
from shared.mongo.transactions import UnitOfWork


@dataclass(frozen=True, slots=True)
class OpenDemoSession:
    account: str
    device: str = ""


async def open_demo_session(command: OpenDemoSession, uow: UnitOfWork) -> OpenedSession:
    """By login or by id. Raises NotFound."""
    by_login = PEOPLE_SEALED.where(uow.db, "login_index", command.account)
    people = People(uow)
    person = await people.find(by_login) or await people.find({"_id": command.account})
    if person is None or person.is_erased:
        raise NotFound
    return await open_session(person, methods=["demo"], assurance=person.assurance, uow=uow, device=command.device)
