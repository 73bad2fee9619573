"""How uploads that are not finished lie in MongoDB."""

from typing import Final

from pymongo import IndexModel

from services.applications.domain.upload import Upload
from shared.mongo.aggregates import Aggregates, Mapper
from shared.mongo.database import Indexes
from shared.mongo.transactions import UnitOfWork

COLLECTION: Final = "uploads"
MAPPER = Mapper(Upload)
INDEXES: Indexes = {COLLECTION: [IndexModel([("application_id", 1), ("expires_at", 1)])]}


class Uploads(Aggregates[Upload]):
    def __init__(self, uow: UnitOfWork) -> None:
        super().__init__(uow, COLLECTION, MAPPER)

    async def open_of(self, application_id: str) -> int:
        """How many there are of a case."""
        return await self.collection.count_documents({"application_id": application_id}, session=self.session)

    async def remove(self, upload_id: str) -> None:
        await self.collection.delete_one({"_id": upload_id}, session=self.session)
