"""What was issued for an application is no longer good: whoever checks it is told so from now on."""

from services.documents.domain.register_entry import EntryState, Revocation
from services.documents.repository import Register
from shared.mongo.transactions import UnitOfWork

EVERY_REVISION = 1_000_000


async def revoke_documents(application_id: str, why: Revocation, uow: UnitOfWork, *, before: int = EVERY_REVISION) -> None:
    """before: earlier revisions alone. Changes nothing where it was said before."""
    register = Register(uow)
    for entry in await register.revisions(application_id):
        if entry.revision < before and entry.state is EntryState.ISSUED and entry.revoke(why, at=uow.at):
            await register.save(entry, act=f"document:{why.value}")
