"""How an act lies in the journal, and how such a row is read as an entry of the audit: a transition needs no second one."""

from collections.abc import Sequence

from services.applications.domain.application import Application
from services.applications.domain.journal import Act
from shared.audit.entry import Entry, Kind, Who
from shared.mongo.audit import Source
from shared.mongo.database import Document

COLLECTION = "journal"


def journal_row(application: Application, act: Act, events: Sequence[tuple[str, str]], asked_by: Who, request: str) -> Document:
    """events: the one that caused the act, where one did, and the one it published, as (id, type)."""
    actor = {"kind": act.by.kind, "id": act.by.id, "role": act.by.role}
    if asked_by.id == act.by.id:
        actor |= {"post": asked_by.post, "session": asked_by.session}
    return {
        "_id": f"{application.id}:{act.sequence}",
        "application_id": application.id,
        "sequence": act.sequence,
        "at": act.at,
        "actor": actor,
        "action": act.action.value,
        "reason": act.reason,
        "event_ids": [event_id for event_id, _ in events],
        "event_types": [event_type for _, event_type in events],
        "citizen_id": application.citizen_id,
        "post_id": application.post_id,
        "request": request,
    }


def entry_of(service: str, row: Document) -> Entry:
    about = {"case": row["application_id"], "person": row.get("citizen_id"), "post": row.get("post_id")}
    return Entry(
        id=JOURNAL.entry_id(row["_id"]),
        service=service,
        kind=Kind.CHANGE,
        at=row["at"],
        who=Who.of_data(row["actor"]),
        act=row["action"],
        about={
            **{name: value for name, value in about.items() if value is not None},
            "sequence": row["sequence"],
            "events": row["event_ids"],
        },
        reason=row["reason"],
        request=row.get("request"),
    )


JOURNAL = Source(COLLECTION, entry_of, belongs_to=lambda row_id: row_id.rpartition(":")[0])
