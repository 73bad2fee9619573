"""What notifications keeps about a person, for the person themselves: which messages were sent to them, and their history."""

from services.notifications.api.wording import channel_text, notice_text, status_text
from services.notifications.schema import MAPPER
from shared.mongo.database import Document
from shared.mongo.own_data import OwnData, OwnRecords, Words
from shared.web import own_data


def _in_words(document: Document, words: Words) -> Document:
    message = MAPPER.from_document(document)
    return {
        "subject": notice_text(message, words.texts, words.language),
        "channel": channel_text(message, words.texts, words.language),
        "status": status_text(message, words.texts, words.language),
    }


OWN_DATA = OwnData(
    kinds=(
        OwnRecords(
            "message", "notifications", "citizen_id", {"run": "which try of ours sends it, by a random id"}, told=_in_words
        ),
    )
)
router = own_data.routes(OWN_DATA)
