"""How applications lie in MongoDB: the collections, their indexes, what is sealed in them, and the shape of a document."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from pymongo import DESCENDING, IndexModel

from services.applications import life, objections
from services.applications.appointments import schema as appointments
from services.applications.catalogue import the_catalogue
from services.applications.domain.application import Application
from services.applications.domain.attachments import stored_of
from services.applications.domain.filling import Filling
from services.applications.domain.findable import Findable, FindableKind, findable_by, kinds_of_answers
from services.applications.domain.relations import Relation
from services.applications.fees import schema as fees
from services.applications.queue import claims, closures
from services.applications.uploads import schema as uploads
from shared.mongo.aggregates import Mapper
from shared.mongo.database import Document, Indexes
from shared.mongo.sealing import Blind, SealedFields
from shared.sealing.blind import BlindIndex, BlindKind
from shared.sealing.erased import ERASED

_BLIND: Mapping[FindableKind, BlindKind] = {"pin": BlindKind.PIN, "phone": BlindKind.PHONE, "name": BlindKind.NAME_TOKEN}


@dataclass(frozen=True, slots=True)
class FoundBy(Blind):
    """All that officers find a case by, in one index: PINs, phones, and each token of each name in the answers."""

    def of(self, value: Any, index: BlindIndex) -> list[str] | None:
        return blind_indexes(findable_by(value, _kinds(), the_catalogue().names), index) or None


def blind_indexes(ways: Iterable[Findable], index: BlindIndex) -> list[str]:
    return sorted({index.of(_BLIND[way.kind], way.value) for way in ways})


@cache
def _kinds() -> Mapping[str, Collection[FindableKind]]:
    return kinds_of_answers(the_catalogue().versions.values())


def _with_attachments(document: Document) -> Document:
    """Version 1 held one file at most."""
    held = document.get("attachment")
    return {**document, "attachments": [held] if held else []}


def attached(row: Document) -> list[Document]:
    """The files of a stored application, of any schema version."""
    return list(row["attachments"] if "attachments" in row else _with_attachments(row)["attachments"])


def file_ids(row: Document) -> list[str]:
    """What lies in GridFS for them."""
    found: list[str] = []
    for each in attached(row):
        redrawn, shown, marked = each.get("redrawn", False), each.get("shown_size", 0), each.get("marked_size", 0)
        found += stored_of(each["id"], redrawn=redrawn, shown_size=shown, marked_size=marked)
    return found


CASES = SealedFields(
    "applications",
    person="citizen_id",
    fields={"answers": {}, "applicant": ERASED, "said": {}},
    indexes={"found_by": FoundBy("answers", BlindKind.NAME_TOKEN)},
    proven=True,
)
FILLED_IN = SealedFields("fillings", person="citizen_id", fields={}, proven=True)  # others' word for a case rests on it
SEALED = (CASES, *life.SEALED, FILLED_IN, *appointments.SEALED)
MAPPER = Mapper(Application, schema_version=2, upgrades={1: _with_attachments}, sealed=CASES)
FILLINGS = Mapper(Filling, sealed=FILLED_IN)
RELATIONS = Mapper(Relation)
INDEXES: Indexes = {
    **life.INDEXES,
    **objections.INDEXES,
    **appointments.INDEXES,
    **claims.INDEXES,
    **closures.INDEXES,
    **fees.INDEXES,
    "desks": [IndexModel([("post_id", 1), ("_id", 1)]), IndexModel("officer_id")],
    "applications": [
        IndexModel("reference", unique=True),
        IndexModel([("post_id", 1), ("status", 1), ("submitted_at", 1), ("_id", 1)]),
        IndexModel([("post_id", 1), ("status", 1), ("due_on", 1), ("_id", 1)]),
        IndexModel([("post_id", 1), ("status", 1), ("turn.key", 1), ("_id", 1)]),
        IndexModel([("post_id", 1), ("status", 1), ("turn.given_back_at", 1), ("_id", 1)]),
        IndexModel([("post_id", 1), ("term_alarm", 1), ("due_on", 1), ("_id", 1)]),
        IndexModel([("post_id", 1), ("unanswered_since", 1), ("_id", 1)]),
        IndexModel([("body.code", 1), ("status", 1), ("body.at", 1), ("_id", 1)]),
        IndexModel("found_by"),
        IndexModel([("post_id", 1), ("claimed_by", 1), ("status", 1), ("submitted_at", 1), ("_id", 1)]),
        IndexModel([("deciding_at", 1), ("status", 1), ("submitted_at", 1), ("_id", 1)]),
        IndexModel([("citizen_id", 1), ("started_at", DESCENDING), ("_id", DESCENDING)]),
    ],
    "journal": [IndexModel([("application_id", 1), ("sequence", 1)], unique=True)],
    "relations": [
        IndexModel("people"),
        IndexModel([("post_id", 1), ("declared_at", 1)]),
        IndexModel([("other_post_id", 1), ("declared_at", 1)]),
        IndexModel([("declared_by", 1), ("declared_at", 1)]),
        IndexModel("declared_at"),  # all of them, as the ministry lists them
        IndexModel("live_key", unique=True, partialFilterExpression={"live_key": {"$gt": ""}}),
    ],
    "fillings": [  # _id is the application's
        IndexModel("cosignatures.secret"),
        IndexModel([("cosignatures.by", 1), ("_id", 1)]),
        IndexModel([("citizen_id", 1), ("_id", 1)]),
    ],
    "blanks": [],  # _id is the number: one blank, one application
    "attachments.files": [IndexModel([("filename", 1), ("uploadDate", 1)])],
    **uploads.INDEXES,
    "attachments.chunks": [IndexModel([("files_id", 1), ("n", 1)], unique=True)],
}
