"""How officers' credentials and invitations lie in MongoDB: what would let somebody in is sealed with the officer's data key."""

from pymongo import IndexModel

from services.identity.domain.credentials import Credentials
from services.identity.domain.invitation import Invitation
from shared.mongo.aggregates import Aggregates, Mapper
from shared.mongo.database import Indexes
from shared.mongo.sealing import SealedFields, changed
from shared.mongo.transactions import UnitOfWork

_KEPT_S = 86_400
CREDENTIALS_SEALED = SealedFields(
    "officer_credentials", person="_id", fields={"password": None, "totp_secret": None}, proven=True
)
INVITATIONS_SEALED = SealedFields("officer_invitations", person="person_id", fields={"totp_secret": None}, proven=True)
SIGN_INS_SEALED = SealedFields(
    "officer_sign_ins", person="person_id", fields={}, proven=True, unproven={"expires_at", "tries", "used_at"}
)
CREDENTIALS = Mapper(Credentials, sealed=CREDENTIALS_SEALED)
INVITATIONS = Mapper(Invitation, sealed=INVITATIONS_SEALED)
SEALED = (CREDENTIALS_SEALED, INVITATIONS_SEALED, SIGN_INS_SEALED)
INDEXES: Indexes = {
    "officer_credentials": [],  # _id is the person
    "officer_invitations": [IndexModel("person_id"), IndexModel("expires_at", expireAfterSeconds=30 * _KEPT_S)],
    "officer_sign_ins": [IndexModel("expires_at", expireAfterSeconds=_KEPT_S)],
    "sign_in_delays": [IndexModel("until", expireAfterSeconds=0)],  # _id is one of 65,536 places
}


class OfficerCredentials(Aggregates[Credentials]):
    def __init__(self, uow: UnitOfWork) -> None:
        super().__init__(uow, "officer_credentials", CREDENTIALS)


class Invitations(Aggregates[Invitation]):
    def __init__(self, uow: UnitOfWork) -> None:
        super().__init__(uow, "officer_invitations", INVITATIONS)


async def close_invitations(person_id: str, uow: UnitOfWork) -> None:
    """Those that are open are good for nothing any more."""
    unused = {"person_id": person_id, "used_at": None}
    await changed(INVITATIONS_SEALED, uow, unused, {"used_at": uow.at, "totp_secret": None})
