"""Somebody signs in as one of the invented people of a local stack: nothing is proven, because nobody there is real."""

from dataclasses import dataclass

from services.identity.repository import People
from services.identity.sessions import OpenedSession, open_session
from shared.errors import NotFound
from shared.mongo.transactions import UnitOfWork


@dataclass(frozen=True, slots=True)
class OpenDemoSession:
    account: str
    device: str = ""


async def open_demo_session(command: OpenDemoSession, uow: UnitOfWork) -> OpenedSession:
    """By login or by id. Raises NotFound."""
    person = await People(uow).find({"$or": [{"login": command.account}, {"_id": command.account}]})
    if person is None:
        raise NotFound
    return await open_session(person, methods=["demo"], assurance=person.assurance, uow=uow, device=command.device)
