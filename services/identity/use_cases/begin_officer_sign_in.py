"""A password was right: what is left is to show the second factor, within five minutes, from where the password came."""

from dataclasses import dataclass

from services.identity.domain.credentials import HALF_LIFETIME, Credentials, HalfSignIn
from services.identity.domain.sign_in_secret import fingerprint
from services.identity.officers_schema import SIGN_INS_SEALED
from shared.mongo.sealing import sealed
from shared.mongo.transactions import UnitOfWork


@dataclass(frozen=True, slots=True)
class BeginOfficerSignIn:
    """binding: what only the caller holds."""

    credentials: Credentials
    binding: str


async def begin_officer_sign_in(command: BeginOfficerSignIn, uow: UnitOfWork) -> HalfSignIn:
    known = command.credentials
    half = HalfSignIn(uow.new_id(), known.id, fingerprint(command.binding), known.set_at or uow.at)
    row = {"_id": half.id, "person_id": half.person_id, "binding": half.binding, "set_at": half.set_at}
    row |= {"expires_at": uow.at + HALF_LIFETIME, "tries": 0, "used_at": None}
    uow.insert("officer_sign_ins", await sealed(SIGN_INS_SEALED, row, uow))
    return half
