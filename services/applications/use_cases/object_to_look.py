"""A citizen objects to a look at their application: the head of the post finds it in a list."""

from dataclasses import dataclass

from services.applications.domain.errors import LookNotFound
from services.applications.objections import OBJECTIONS, look_of
from services.applications.repository import Applications
from shared.actors import Citizen
from shared.mongo.transactions import UnitOfWork


@dataclass(frozen=True, slots=True)
class ObjectToLook:
    application_id: str
    look_id: str
    by: Citizen


async def object_to_look(command: ObjectToLook, uow: UnitOfWork) -> str:
    """Once a look, however often it is said. Out: the objection's id. Raises ApplicationNotFound, LookNotFound."""
    application = await Applications(uow).get_for(command.by, command.application_id)
    look = await look_of(uow.db, application.id, command.look_id)
    if look.who["kind"] != "officer":
        raise LookNotFound
    objection_id = f"{application.id}.{look.number}"
    if await uow.db[OBJECTIONS].find_one({"_id": objection_id}, {"_id": 1}, session=uow.session):
        return objection_id
    about = {"application_id": application.id, "reference": application.reference, "post_id": application.post_id}
    about |= {"citizen_id": application.citizen_id}
    seen = {"look_id": look.id, "looked_at": look.at, "officer_id": look.who["id"], "reason": look.reason}
    uow.insert(OBJECTIONS, {"_id": objection_id, "at": uow.at, **about, **seen})
    ids = {"case": application.id, "person": application.citizen_id, "post": application.post_id, "look": look.id}
    uow.audit("application:object_to_look", about={**ids, "officer": look.who["id"]})
    return objection_id
