"""What applications keeps about a person, for the person themselves: cases with answers and files, and what happened to them."""

from datetime import datetime

from services.applications.api import views
from services.applications.api.appointment_own_data import APPOINTMENT_KINDS, APPOINTMENTS_LEFT_OUT
from services.applications.api.wording import Wording
from services.applications.domain.journal import Action
from services.applications.life import HELD, SAID
from services.applications.objections import OBJECTIONS
from services.applications.schema import CASES, FILLED_IN, MAPPER, attached
from shared.mongo.database import Document
from shared.mongo.own_data import OwnData, OwnFile, OwnRecords, Words, acted
from shared.web import own_data

_PROPOSALS = {Action.PROPOSE_APPROVAL.value, Action.PROPOSE_REFUSAL.value}


class _Told(Wording):
    """As a route speaks, for one record."""

    def __init__(self, words: Words) -> None:
        self.texts, self._spoken, self._words = words.texts, words.language, words

    @property
    def now(self) -> datetime:
        return self._words.now

    @property
    def language(self) -> str:
        return self._words.language


def _case(document: Document, words: Words) -> Document:
    application, say = MAPPER.from_document(document), _Told(words)
    status = views.status_view(application, say)
    answers = views.answer_views(application, views.definition_of(application), say)
    return {
        "service": status.service.name,
        "post": status.post.name,
        "status": status.status_text,
        "what_happened": status.what_happened,
        "reason": status.reason.text if status.reason else None,
        "answers": [{"question": answer.label, "answer": answer.text} for answer in answers],
    }


def _files(document: Document) -> list[OwnFile]:
    path = f"/api/applications/{document['_id']}/files"
    return [OwnFile(f"{path}/{each['id']}", each["media_type"], each["size"]) for each in attached(document)]


def _journal(row: Document, person: str) -> Document:
    """As on the case's own page: what was proposed, and why it was sent back, stays inside the post."""
    inside = row["action"] in _PROPOSALS or row["action"] == Action.SEND_BACK.value
    told = {"act": "application:propose" if row["action"] in _PROPOSALS else row["action"]}
    case = {"case": row["application_id"], "who": acted(row["actor"], person)}
    return row | told | case | {"reason": None if inside else row["reason"]}


def _cosignature(row: Document, person: str) -> Document:
    """Of somebody else's application only what one said oneself."""
    said = [each for each in row["cosignatures"] if each["by"] == person]
    kept = ("cosigner", "state", "at", "version", "assurance")
    return {"_id": row["_id"], "said": [{name: each.get(name) for name in kept} for each in said]}


OWN_DATA = OwnData(
    kinds=(
        OwnRecords(
            "application",
            "applications",
            "citizen_id",
            {"proposal": "what one officer proposed stays inside the post: what was decided stands in the record"},
            sealed=CASES,
            told=_case,
            files=_files,
            file_fields=("attachment", "attachments"),
        ),
        OwnRecords("cosignature", "fillings", "cosignatures.by", shaped=_cosignature),
        OwnRecords(
            "filling",
            "fillings",
            "citizen_id",
            {
                "assisted": "an officer's id: role and post stand in the history",
                "cosignatures": "who confirmed it, and what was known of them, is theirs: that they did stands in the history",
            },
            sealed=FILLED_IN,
        ),
        OwnRecords(
            "message-of-case",
            "messages_of_cases",
            "citizen_id",
            {"by": "an officer's id where the post wrote: its role is there"},
            sealed=SAID,
        ),
        OwnRecords(
            "original",
            "originals",
            "citizen_id",
            {
                "received_by": "an officer's id: role and post stand in the history",
                "returned_by": "as above",
                "pouch_id": "an id of a pouch, which carries papers of others too",
            },
            sealed=HELD,
        ),
        OwnRecords(
            "objection",
            OBJECTIONS,
            "citizen_id",
            {"officer_id": "an officer's id: role and post stand in the history"},
        ),
        OwnRecords("desk", "desks", "officer_id"),
        OwnRecords("fee", "fees", "citizen_id"),
        OwnRecords(
            "payment",
            "payments",
            "citizen_id",
            {
                "recorded_by": "an officer's id",
                "returned_by": "an officer's id",
                "settled_by": "an officer's id",
                "voided_by": "an officer's id",
            },
        ),
        OwnRecords("checkout", "checkouts", "citizen_id"),
        OwnRecords("relation", "relations", "people", {"live_key": "the id of the officer who declared it, and a count"}),
        OwnRecords(
            "journal",
            "journal",
            "application_id",
            {
                "event_ids": "ids of events between services",
                "event_types": "as above",
                "actor": "given as `who`: role and post, and no officer's id",
                "action": "given as `act`; what was only proposed as that",
            },
            through=("applications", "citizen_id"),
            shaped=_journal,
        ),
        *APPOINTMENT_KINDS,
    ),
    left_out={
        **APPOINTMENTS_LEFT_OUT,
        "reconciliations": "numbers of payments, each of which is given with its case",
        "claims": "until when an officer has a case: who had it stands in its journal",
        "closures": "which posts are closed: nobody's but a post's",
        "pouches": "what a pouch carried, by ids: each original is given by itself",
        "uploads": "sizes and times of a file that is not whole yet, for a day; when it is, it is given with its application",
        "blanks": "the number of the blank stands in the application",
        "attachments.files": "the files themselves, each given by the path in its application",
        "attachments.chunks": "as above",
    },
)
router = own_data.routes(OWN_DATA)
