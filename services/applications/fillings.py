"""How drafts are filled in, in MongoDB: beside the application, under its id, in the same transaction."""

import hashlib

from services.applications.domain.application import Application
from services.applications.domain.errors import NoSuchReference
from services.applications.domain.filling import Filling
from services.applications.domain.filling_errors import NoSuchInvitation, NotAssisted
from services.applications.domain.references import read_reference
from services.applications.domain.status import Status
from services.applications.domain.transitions import CONFIRMED_IN
from services.applications.schema import FILLINGS, MAPPER
from shared.mongo.aggregates import Aggregates
from shared.mongo.database import Db
from shared.mongo.transactions import UnitOfWork

COLLECTION = "fillings"


class Fillings(Aggregates[Filling]):
    def __init__(self, uow: UnitOfWork) -> None:
        super().__init__(uow, COLLECTION, FILLINGS)

    async def of(self, application: Application) -> Filling:
        """One that was never kept has the version 0."""
        return await self.find({"_id": application.id}) or Filling(application.id, application.citizen_id)

    async def invited_by(self, secret: str) -> Filling | None:
        return await self.find({"cosignatures.secret": secret})

    async def keep(self, filling: Filling) -> None:
        """After one change. Raises ConcurrentUpdate."""
        if filling.version == 1:
            await self.add(filling)
        else:
            await self.save(filling)


async def filling_of(db: Db, application: Application) -> Filling:
    row = await db[COLLECTION].find_one({"_id": application.id})
    return await FILLINGS.read(db, row) if row else Filling(application.id, application.citizen_id)


async def invitation_for(db: Db, secret: str) -> tuple[Application, Filling]:
    """The application that somebody was asked to confirm by this code. Raises NoSuchInvitation."""
    row = await db[COLLECTION].find_one({"cosignatures.secret": secret})
    open_to_it = {"$in": list(CONFIRMED_IN)}
    case = await db.applications.find_one({"_id": row["_id"], "status": open_to_it}) if row else None
    application = await MAPPER.read(db, case) if case else None
    if row is None or application is None or not application.can_be_confirmed:
        raise NoSuchInvitation
    return application, await FILLINGS.read(db, row)


async def draft_of_reference(db: Db, written: str) -> str:
    """The id of the draft with this reference, whoever's it is. Raises NoSuchReference."""
    wanted = {"reference": read_reference(written), "status": Status.DRAFT}
    if (row := await db.applications.find_one(wanted, {"_id": 1})) is None:
        raise NoSuchReference
    return str(row["_id"])


async def draft_with_filling(db: Db, application_id: str) -> tuple[Application, Filling]:
    """For an officer who helps with it. Raises NotAssisted."""
    row = await db.applications.find_one({"_id": application_id, "status": Status.DRAFT})
    if row is None:
        raise NotAssisted
    application = await MAPPER.read(db, row)
    return application, await filling_of(db, application)


def hash_of(code: str) -> str:
    """Of a code that nobody can guess, as it was typed: small letters, spaces and hyphens do not matter."""
    return hashlib.sha256("".join(sign for sign in code.upper() if sign.isalnum()).encode()).hexdigest()
