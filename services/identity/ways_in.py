"""What a person signs in by besides contacts and a password: passkeys, and accounts elsewhere that are linked to them."""

from services.identity.officers_schema import close_invitations
from shared.mongo.transactions import UnitOfWork


async def end_ways_in(person_id: str, uow: UnitOfWork) -> None:
    """A passkey is added anew, and an account linked anew, by whoever may."""
    for collection in ("passkeys", "openid_subjects"):
        await uow.db[collection].delete_many({"person_id": person_id}, session=uow.session)


async def end_credentials(person_id: str, uow: UnitOfWork) -> None:
    """Of an officer who does not come back: password, authenticator, and invitations that are open."""
    await uow.db.officer_credentials.delete_many({"_id": person_id}, session=uow.session)
    await close_invitations(person_id, uow)
