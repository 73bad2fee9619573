"""A case moved to another post: its officers have what was issued for it from now on."""

from services.documents.repository import Register
from shared.mongo.transactions import UnitOfWork


async def move_documents(application_id: str, post_id: str, uow: UnitOfWork, *, sequence: int) -> None:
    """sequence: of the event, for an earlier one can come later. Changes nothing where it was said before."""
    register = Register(uow)
    for entry in await register.revisions(application_id):
        if entry.go_on_at(post_id, sequence=sequence):
            await register.save(entry, act="document:move")
