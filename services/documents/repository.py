"""Register entries and number series in MongoDB."""

from pymongo import IndexModel, ReturnDocument

from services.documents.domain.register_entry import RegisterEntry
from shared.mongo.aggregates import Aggregates, Mapper
from shared.mongo.database import Indexes
from shared.mongo.sealing import SealedFields
from shared.mongo.transactions import UnitOfWork

SEALED: tuple[SealedFields, ...] = ()
INDEXES: Indexes = {
    "documents": [
        IndexModel([("application_id", 1), ("revision", 1)], unique=True),
        IndexModel("numbering.number", unique=True, partialFilterExpression={"numbering.number": {"$exists": True}}),
        IndexModel([("citizen_id", 1), ("_id", 1)]),
    ],
    "number_series": [],
    "files.files": [IndexModel([("filename", 1), ("uploadDate", 1)])],
    "files.chunks": [IndexModel([("files_id", 1), ("n", 1)], unique=True)],
}

MAPPER = Mapper(RegisterEntry, schema_version=1)


class Register(Aggregates[RegisterEntry]):
    def __init__(self, uow: UnitOfWork) -> None:
        super().__init__(uow, "documents", MAPPER)
        self._series = uow.db.number_series

    async def add(self, aggregate: RegisterEntry) -> None:
        await super().add(aggregate)
        self._note("document:order", aggregate)

    async def save(self, aggregate: RegisterEntry, *, act: str | None = None) -> None:
        """act: what the audit calls it, where that is not the state it came to. Raises ConcurrentUpdate."""
        await super().save(aggregate)
        self._note(act or f"document:{aggregate.state.value}", aggregate)

    def _note(self, act: str, entry: RegisterEntry) -> None:
        """The register has no journal: each of its changes is an entry of the audit."""
        about = {"document": entry.id, "case": entry.application_id, "person": entry.citizen_id, "post": entry.held_at}
        self._uow.audit(act, about={**about, "version": entry.version})

    async def of_application(self, application_id: str, revision: int) -> RegisterEntry | None:
        return await self.find({"application_id": application_id, "revision": revision})

    async def revisions(self, application_id: str) -> list[RegisterEntry]:
        rows = await self.collection.find({"application_id": application_id}, session=self.session).sort("revision", 1).to_list()
        return [self.mapper.from_document(row) for row in rows]

    async def next_position(self, series: str) -> int:
        """The next number of a series. Taken with the entry in one transaction: no number is lost, none given twice."""
        row = await self._series.find_one_and_update(
            {"_id": series},
            {"$inc": {"last": 1}},
            upsert=True,
            return_document=ReturnDocument.AFTER,
            session=self.session,
        )
        assert row is not None  # noqa: S101 (an upsert that returns the document after)
        position: int = row["last"]
        return position
