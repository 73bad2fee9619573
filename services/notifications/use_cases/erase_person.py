"""A person is erased: messages hold ids only, and the answer says so; a key that was ever made is destroyed."""

from services.notifications.schema import SEALED
from shared.contracts.notifications import NotificationsAnsweredErasure
from shared.mongo.erasure import ErasePerson, erase_or_hold
from shared.mongo.transactions import UnitOfWork


async def erase_person(command: ErasePerson, uow: UnitOfWork) -> None:
    answer = await erase_or_hold(command, uow, sealed=SEALED)
    if answer:
        uow.publish(answer.as_event(NotificationsAnsweredErasure, at=uow.at))
