"""What documents keeps about a person, for the person themselves: their lines of the register, the papers, and their history."""

from services.documents.api.answers import state_words, title_words
from services.documents.domain.register_entry import EntryState
from services.documents.repository import MAPPER
from shared.mongo.database import Document
from shared.mongo.own_data import OwnData, OwnFile, OwnRecords, Words
from shared.web import own_data


def _in_words(document: Document, words: Words) -> Document:
    entry = MAPPER.from_document(document)
    title = title_words(entry)
    return {"title": words.say(title) if title else None, "state": words.say(state_words(entry, words.now))}


def _paper(document: Document) -> OwnFile | None:
    there = document["state"] == EntryState.ISSUED.value and not document.get("file_deleted_at")
    there = there and not document.get("revoked")  # it is not given out any more
    return OwnFile(f"/api/documents/{document['_id']}/file", "application/pdf", document["size"]) if there else None


OWN_DATA = OwnData(
    kinds=(
        OwnRecords(
            "document",
            "documents",
            "citizen_id",
            told=_in_words,
            file=_paper,
            file_fields=("state", "size", "file_deleted_at", "revoked"),
        ),
    ),
    left_out={
        "number_series": "the last number of each series: of nobody",
        "files.files": "the papers themselves, each given by the path in its record",
        "files.chunks": "as above",
    },
)
router = own_data.routes(OWN_DATA)
