"""A person takes the request to be erased back: from now on nothing here is erased by it, unless it was before."""

from shared.contracts.applications import ApplicationsAnsweredErasure
from shared.mongo.erasure import ErasePerson, take_back
from shared.mongo.transactions import UnitOfWork


async def keep_person(command: ErasePerson, uow: UnitOfWork) -> None:
    """Nothing where the key is destroyed: the answer that says so is on its way, or there."""
    if answer := await take_back(command, uow):
        uow.publish(answer.as_event(ApplicationsAnsweredErasure, at=uow.at))
