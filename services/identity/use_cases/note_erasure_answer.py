"""A service has destroyed what it kept about an erased person, or says what holds it back."""

from dataclasses import dataclass

from services.identity.repository import Erasures
from shared.mongo.transactions import UnitOfWork


@dataclass(frozen=True, slots=True)
class NoteErasureAnswer:
    """number: the how-manieth answer of that service; held_for: kinds of holds, None where it is destroyed."""

    person_id: str
    service: str
    number: int
    held_for: str | None


async def note_erasure_answer(command: NoteErasureAnswer, uow: UnitOfWork) -> None:
    """Nothing where a newer answer is known, or where nobody asked."""
    erasures = Erasures(uow)
    erasure = await erasures.find({"_id": command.person_id})
    if erasure and erasure.answered(command.service, number=command.number, held_for=command.held_for, at=uow.at):
        await erasures.save(erasure)
        if erasure.done_at:
            uow.audit("person:erased-everywhere", about={"person": erasure.id})
