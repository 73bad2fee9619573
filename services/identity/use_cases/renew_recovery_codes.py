"""An officer who is signed in takes new recovery codes: those of before are worth nothing from now on."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.identity.officers_schema import OfficerCredentials
from shared.mongo.transactions import UnitOfWork


@dataclass(frozen=True, slots=True)
class RenewRecoveryCodes:
    """recovery: hashes of the codes that are shown."""

    person_id: str
    recovery: Sequence[str]


async def renew_recovery_codes(command: RenewRecoveryCodes, uow: UnitOfWork) -> None:
    """Raises NotFound, ConcurrentUpdate."""
    every = OfficerCredentials(uow)
    credentials = await every.get(command.person_id)
    credentials.renew_recovery(command.recovery)
    await every.save(credentials)
    uow.audit("credentials:new-recovery-codes", about={"person": command.person_id})
