"""Somebody takes a copy of their own data."""

from dataclasses import dataclass

from shared.mongo.transactions import UnitOfWork


@dataclass(frozen=True, slots=True)
class NoteExport:
    person_id: str


async def note_export(command: NoteExport, uow: UnitOfWork) -> str:
    """Out: under which id it stands in the audit."""
    request_id = uow.new_id()
    uow.audit("own-data:ask", about={"case": request_id, "person": command.person_id})
    return request_id
