"""The head of a post puts an officer on its list, with what they are able to do."""

from dataclasses import dataclass

from services.applications.catalogue import the_catalogue
from services.applications.domain.queue_errors import MayNotAssign, UnknownSkill
from services.applications.queue.desks import DESKS, Desk, known_skills
from shared.actors import Officer
from shared.errors import SecondFactorNeeded
from shared.mongo.transactions import UnitOfWork


@dataclass(frozen=True, slots=True)
class SetDesk:
    desk: Desk
    by: Officer


async def set_desk(command: SetDesk, uow: UnitOfWork) -> Desk:
    """Raises UnknownPost, MayNotAssign, SecondFactorNeeded, UnknownSkill."""
    desk, by = command.desk, command.by
    if "head" not in by.roles_at(desk.post_id):
        raise MayNotAssign
    the_catalogue().post(desk.post_id)
    if not by.second_factor:
        raise SecondFactorNeeded
    if not set(desk.skills) <= set(known_skills()):
        raise UnknownSkill
    row = {"post_id": desk.post_id, "officer_id": desk.officer_id, "skills": sorted(set(desk.skills)), "set_at": uow.at}
    await uow.db[DESKS].update_one({"_id": desk.id}, {"$set": row}, upsert=True, session=uow.session)
    uow.audit("desk:set", about={"officer": desk.officer_id, "post": desk.post_id}, role="head", post=desk.post_id)
    return desk
