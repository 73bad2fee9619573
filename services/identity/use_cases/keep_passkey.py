"""A person adds a passkey, or takes one away."""

from dataclasses import dataclass

from services.identity.domain.passkey import MOST, Passkey
from services.identity.passkeys_schema import Passkeys
from shared.actors import Assurance
from shared.errors import NotAllowedNow, NotFound
from shared.mongo.transactions import UnitOfWork
from shared.texts import N_


class TooManyPasskeys(NotAllowedNow):
    code = "too-many-passkeys"
    message = N_("You have as many passkeys as one can have. Remove one that you do not use.")


@dataclass(frozen=True, slots=True)
class AddPasskey:
    passkey_id: str
    person_id: str
    public_key: str
    sign_count: int
    device: str
    assurance: Assurance


@dataclass(frozen=True, slots=True)
class RemovePasskey:
    passkey_id: str
    person_id: str


async def add_passkey(command: AddPasskey, uow: UnitOfWork) -> Passkey:
    """Raises TooManyPasskeys; DuplicateKeyError for a credential that is somebody's, or where two are added at once."""
    rows = await uow.db.passkeys.find({"person_id": command.person_id}, session=uow.session).limit(MOST).to_list()
    taken = {row.get("slot", 0) for row in rows}
    slot = next((slot for slot in range(1, MOST + 1) if slot not in taken), None)
    if slot is None or len(rows) >= MOST:
        raise TooManyPasskeys
    made = Passkey(
        command.passkey_id,
        command.person_id,
        command.public_key,
        command.sign_count,
        command.device,
        command.assurance,
        uow.at,
        slot=slot,
    )
    await Passkeys(uow).add(made)
    uow.audit("passkey:add", about={"person": made.person_id, "passkey": made.id})
    return made


async def remove_passkey(command: RemovePasskey, uow: UnitOfWork) -> None:
    """Raises NotFound, also for somebody else's."""
    own = {"_id": command.passkey_id, "person_id": command.person_id}
    if not (await uow.db.passkeys.delete_one(own, session=uow.session)).deleted_count:
        raise NotFound
    uow.audit("passkey:remove", about={"person": command.person_id, "passkey": command.passkey_id})
