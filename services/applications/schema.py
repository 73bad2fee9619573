"""How applications lie in MongoDB: the collections, their indexes, and the shape of a document with its version."""

from pymongo import DESCENDING, IndexModel

from services.applications.domain.application import Application
from services.applications.domain.relations import Relation
from shared.mongo.aggregates import Mapper
from shared.mongo.database import Indexes
from shared.mongo.sealing import SealedFields

MAPPER = Mapper(Application)
RELATIONS = Mapper(Relation)
SEALED: tuple[SealedFields, ...] = ()
INDEXES: Indexes = {
    "applications": [
        IndexModel("reference", unique=True),
        IndexModel([("post_id", 1), ("status", 1), ("submitted_at", 1), ("_id", 1)]),
        IndexModel([("post_id", 1), ("status", 1), ("due_on", 1), ("_id", 1)]),
        IndexModel([("post_id", 1), ("status", 1), ("applicant_key", 1), ("_id", 1)]),
        IndexModel([("post_id", 1), ("claimed_by", 1), ("status", 1)]),
        IndexModel([("deciding_at", 1), ("status", 1), ("submitted_at", 1), ("_id", 1)]),
        IndexModel([("citizen_id", 1), ("started_at", DESCENDING), ("_id", DESCENDING)]),
    ],
    "journal": [IndexModel([("application_id", 1), ("sequence", 1)], unique=True)],
    "relations": [IndexModel("people"), IndexModel([("post_id", 1), ("declared_at", 1)])],
    "blanks": [],  # _id is the number: one blank, one application
    "attachments.files": [IndexModel([("filename", 1), ("uploadDate", 1)])],
    "attachments.chunks": [IndexModel([("files_id", 1), ("n", 1)], unique=True)],
}
