"""A head of the post, or the ministry, answers an objection to a look: another person than who looked."""

from dataclasses import dataclass

from services.applications.domain.errors import ObjectionAnswered, ObjectionNotFound, OwnLookObjectedTo
from services.applications.objections import ANSWERERS, OBJECTIONS, Answer, may_answer, scope_of
from shared.actors import Officer
from shared.errors import NotAllowed
from shared.mongo.database import Document
from shared.mongo.transactions import UnitOfWork


@dataclass(frozen=True, slots=True)
class AnswerObjection:
    objection_id: str
    answer: Answer
    by: Officer


async def answer_objection(command: AnswerObjection, uow: UnitOfWork) -> Document:
    """Once. Raises ObjectionNotFound, OwnLookObjectedTo, NotAllowed, ObjectionAnswered."""
    by, objections = command.by, uow.db[OBJECTIONS]
    row = await objections.find_one({"_id": command.objection_id} | scope_of(by), session=uow.session)
    if row is None:
        raise ObjectionNotFound
    if row["officer_id"] == by.id:
        raise OwnLookObjectedTo
    if not may_answer(row, by):
        raise NotAllowed
    answer = {"answer": command.answer, "answered_at": uow.at, "answered_by": by.id}
    open_one = {"_id": row["_id"], "answered_at": None}
    if not (await objections.update_one(open_one, {"$set": answer}, session=uow.session)).matched_count:
        raise ObjectionAnswered
    about = {"case": row["application_id"], "person": row.get("citizen_id"), "post": row["post_id"], "look": row["look_id"]}
    role = next(role for role in ANSWERERS if role in by.roles_at(row["post_id"]))
    uow.audit("objection:answer", about=about, reason=command.answer, role=role, post=row["post_id"])
    return row | answer
