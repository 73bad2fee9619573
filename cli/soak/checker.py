"""Compares what the clients know with what is there, as Jepsen's checkers do. Pure: no I/O, so that tests can plant faults."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from cli.soak import history as acts
from cli.soak.evidence import Evidence, Row
from cli.soak.history import Act, Case, History, Wrong

SAME = "as it was"
# what each act makes of a case; the outcome decides where an approval leads
FROM_TO: dict[str, tuple[tuple[str, ...], str]] = {
    acts.START: ((), "draft"),
    acts.SAVE: (("draft",), "draft"),
    acts.ATTACH: (("draft",), "draft"),
    acts.SUBMIT: (("draft",), "submitted"),
    acts.WITHDRAW: (("submitted", "in_review", "proposed"), "withdrawn"),
    acts.CLAIM: (("submitted",), "in_review"),
    acts.RELEASE: (("in_review",), "submitted"),
    acts.PROPOSE_APPROVAL: (("in_review",), "proposed"),
    acts.PROPOSE_REFUSAL: (("in_review",), "proposed"),
    acts.SEND_BACK: (("proposed",), "in_review"),
    acts.APPROVE: (("proposed",), ""),
    acts.REFUSE: (("proposed",), "refused"),
    acts.BLANK: (("awaiting_blank",), "approved"),
    acts.VISIT: (("awaiting_visit",), "approved"),
    acts.PAY: (("awaiting_blank", "awaiting_visit"), SAME),
    acts.READY: (("approved",), "ready"),
    acts.HANDOVER: (("ready",), "handed_over"),
}
AFTER_APPROVAL = {
    "digital_document": "approved",
    "print_on_blank": "awaiting_blank",
    "prepared_for_visit": "awaiting_visit",
    "made_elsewhere": "awaiting_arrival",
}
CLEARS = (acts.BLANK, acts.VISIT)
NOTES = ("application:note_undeliverable", "application:note_issue_problem")
NOTICES = {
    acts.SUBMIT: "application_received",
    acts.WITHDRAW: "application_withdrawn",
    acts.REFUSE: "application_refused",
    acts.READY: "document_ready",
    acts.PAY: "fee_settled",
}
FEE_TO_BE_PAID = "fee_to_be_paid"  # told in the place of application_received, where something is owed
NOTICE_OF_APPROVAL = {"print_on_blank": "document_in_preparation", "prepared_for_visit": "visit_needed"}
OWES = ("print_on_blank", "prepared_for_visit")  # of the three services that a soak drives
CHANNELS = ("email", "sms")


@dataclass
class Verdict:
    """recovered: not answered, and there all the same: allowed. unknown: messages of which nobody can say whether they left."""

    attempted: int = 0
    acknowledged: int = 0
    recovered: int = 0
    lost: int = 0
    duplicated: int = 0
    unexpected: int = 0
    unsettled: int = 0
    cases: int = 0
    documents: int = 0
    messages: int = 0
    unknown_messages: int = 0
    wrong: list[Wrong] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        return not (self.lost or self.duplicated or self.unexpected or self.unsettled)


def check(history: History, found: Evidence) -> Verdict:
    """Everything that was noted on the way, and everything that does not fit afterwards."""
    wrong = list(history.wrong)
    by_key = {act.scope: act for act in history.acts if act.scope}
    _settle_starts(history, found)
    for case_id in found.applications.keys() | found.journal.keys() | history.cases.keys():
        wrong += _of_case(case_id, history, found)
    wrong += _of_keys(by_key, found)
    wrong += _numbers_once(found)
    wrong += [Wrong("lost", str(row["_id"]), f"parked as a dead letter of {row['queue']}: {row['reason']}") for row in found.dead]
    wrong += [Wrong("unsettled", job, "a job was given up") for job in found.given_up]
    wrong += _sent_by_nobody(found)
    counted = Counter(one.fault for one in wrong)
    messages = [row for rows in found.messages.values() for row in rows]
    return Verdict(
        attempted=history.count(),
        acknowledged=history.count("acknowledged"),
        recovered=_recovered(history, found),
        lost=counted["lost"],
        duplicated=counted["duplicated"],
        unexpected=counted["unexpected"],
        unsettled=counted["unsettled"],
        cases=len(found.applications),
        documents=sum(len(rows) for rows in found.documents.values()),
        messages=len(messages),
        unknown_messages=sum(1 for row in messages if row["state"] == "unknown"),
        wrong=wrong,
    )


def _settle_starts(history: History, found: Evidence) -> None:
    """Which case an unanswered beginning became, by its key: that one is nobody's surprise."""
    for act in history.starts:
        if not act.case and (stored := found.answered.get(act.scope)):
            act.case = stored["id"]


def _of_case(case_id: str, history: History, found: Evidence) -> list[Wrong]:
    known = history.cases.get(case_id)
    row, entries = found.applications.get(case_id), sorted(found.journal.get(case_id, []), key=lambda e: int(e["sequence"]))
    asked = [act for act in history.starts if act.case == case_id] + (known.acts if known else [])
    if row is None:
        return [Wrong("lost", case_id, "the case is gone")]
    if not asked:
        return [Wrong("unexpected", case_id, "nobody began this case")]
    wrong = _of_acts(case_id, asked, Counter(entry["action"] for entry in entries))
    wrong += _of_journal(case_id, row, entries)
    if (shown := found.listed.get(case_id)) != row["status"]:
        wrong.append(Wrong("unexpected" if shown else "lost", case_id, f"is {row['status']}; its citizen's list shows {shown}"))
    if known and known.sure:
        wrong += _of_state(known, row)
    wrong += _of_document(case_id, row, entries, found)
    return wrong + _of_messages(case_id, row, entries, found)


def _of_acts(case_id: str, asked: list[Act], there: Counter[str]) -> list[Wrong]:
    wrong = []
    for name in {act.name for act in asked} | (there.keys() - {acts.READY, *NOTES}):
        same = [act for act in asked if act.name == name]
        sure = sum(1 for act in same if act.outcome == "acknowledged")
        if name in acts.WITHOUT_KEY:  # the same answers twice are one entry; an upload counts each time it arrives
            least, most = min(sure, 1), sum(act.tries for act in same)
        else:
            least, most = sure, sure + sum(1 for act in same if act.outcome in ("unknown", "pending"))
        if there[name] < least:
            wrong.append(Wrong("lost", case_id, f"{name}: acknowledged {least} times, there {there[name]}"))
        elif there[name] > most:
            fault: acts.Fault = "duplicated" if most else "unexpected"
            wrong.append(Wrong(fault, case_id, f"{name}: asked for at most {most} times, there {there[name]}"))
    return wrong


def _of_journal(case_id: str, row: Row, entries: list[Row]) -> list[Wrong]:
    """The journal is whole, each step was allowed, and the case stands where the last one led."""
    sequences = [int(entry["sequence"]) for entry in entries]
    if sequences != list(range(1, int(row["version"]) + 1)):
        return [
            Wrong("lost", case_id, f"version {row['version']}, but {len(sequences)} entries up to {max(sequences, default=0)}")
        ]
    status = ""
    for entry in entries:
        action = entry["action"]
        if action in NOTES:
            continue
        before, after = FROM_TO.get(action, (("",), "?"))
        if status not in (before or ("",)):
            return [Wrong("unexpected", case_id, f"{action} of a case that is {status or 'not begun'}")]
        if after != SAME:
            status = after or AFTER_APPROVAL[row["outcome"]]
    return [] if status == row["status"] else [Wrong("unexpected", case_id, f"is {row['status']}; its journal leads to {status}")]


def _of_state(case: Case, row: Row) -> list[Wrong]:
    allowed = (case.status, "ready") if case.status == "approved" else (case.status,)
    wrong = []
    if row["status"] not in allowed:
        wrong.append(Wrong("lost", case.id, f"was acknowledged as {case.status}, is {row['status']}"))
    if row["version"] < case.version:
        wrong.append(Wrong("lost", case.id, f"version {case.version} was acknowledged, {row['version']} is there"))
    if case.answers and row["answers"] != case.answers:
        wrong.append(Wrong("lost", case.id, "the answers are not those that were acknowledged last"))
    return wrong


def _of_document(case_id: str, row: Row, entries: list[Row], found: Evidence) -> list[Wrong]:
    done = Counter(entry["action"] for entry in entries)
    digital = row["outcome"] == "digital_document"
    cleared = done[acts.APPROVE] > 0 if digital else any(done[name] for name in CLEARS)
    documents = found.documents.get(case_id, [])
    if not cleared:
        return [Wrong("unexpected", case_id, "a document without approval")] if documents else []
    if len(documents) != 1:
        return [Wrong("duplicated" if documents else "lost", case_id, f"{len(documents)} documents")]
    document, wrong = documents[0], []
    if document["state"] != "issued":
        wrong.append(Wrong("lost", case_id, f"its document is {document['state']}"))
    elif found.verified.get(document["_id"]) != "valid":
        wrong.append(Wrong("lost", case_id, f"its document verifies as {found.verified.get(document['_id'], 'nothing')}"))
    if done[acts.READY] != 1:
        wrong.append(Wrong("duplicated" if done[acts.READY] else "lost", case_id, f"made ready {done[acts.READY]} times"))
    elif row["document_id"] != document["_id"]:
        wrong.append(Wrong("unexpected", case_id, "it names another document than the register has"))
    return wrong


def _of_messages(case_id: str, row: Row, entries: list[Row], found: Evidence) -> list[Wrong]:
    """Each notice once by each channel; what counts as sent arrived once, and nothing arrived twice."""
    wanted: Counter[tuple[str, str]] = Counter()
    for entry in entries:
        approval = NOTICE_OF_APPROVAL.get(row["outcome"]) if entry["action"] == acts.APPROVE else None
        notice = NOTICES.get(entry["action"], approval)
        if entry["action"] == acts.SUBMIT and row["outcome"] in OWES:
            notice = FEE_TO_BE_PAID
        if notice:
            wanted.update((notice, channel) for channel in CHANNELS)
    messages = found.messages.get(case_id, [])
    there = Counter((str(one["notice"]), str(one["channel"])) for one in messages)
    wrong = [Wrong("lost", case_id, f"{' by '.join(what)} is missing") for what in wanted if there[what] < wanted[what]]
    for what, count in there.items():
        if count > wanted[what]:
            wrong.append(
                Wrong("duplicated" if wanted[what] else "unexpected", case_id, f"{' by '.join(what)} queued {count} times")
            )
    for one in messages:
        arrived, label = found.arrived[one["_id"]], f"message {one['_id']} by {one['channel']} is {one['state']}"
        if arrived > 1:
            wrong.append(Wrong("duplicated", case_id, f"{label}, and was handed over {arrived} times"))
        elif one["state"] not in ("sent", "unknown"):
            wrong.append(Wrong("lost", case_id, f"{label} ({one.get('reason')})"))
        elif one["state"] == "sent" and not arrived:
            wrong.append(Wrong("lost", case_id, f"{label}, and never arrived"))
    return wrong


def _of_keys(by_key: dict[str, Act], found: Evidence) -> list[Wrong]:
    """Each key that changed something is one that a client made, and its stored answer is the one that was given."""
    wrong = []
    for scope, stored in found.answered.items():
        act = by_key.get(scope)
        if act is None:
            wrong.append(Wrong("unexpected", str(stored.get("id")), "a key that no client made"))
        elif act.outcome == "refused":
            wrong.append(Wrong("unexpected", act.case, f"{act.name} was refused, and done"))
        elif act.outcome == "acknowledged" and act.version and stored["version"] != act.version:
            wrong.append(Wrong("unexpected", act.case, f"{act.name} was answered otherwise than its key remembers"))
    for scope, act in by_key.items():
        if act.outcome == "acknowledged" and scope not in found.answered:
            wrong.append(Wrong("lost", act.case, f"{act.name} was acknowledged, and its key is forgotten"))
    return wrong


def _numbers_once(found: Evidence) -> list[Wrong]:
    given = Counter(str(row["numbering"]["number"]) for rows in found.documents.values() for row in rows if row.get("numbering"))
    return [Wrong("duplicated", number, f"the number of {count} documents") for number, count in given.items() if count > 1]


def _sent_by_nobody(found: Evidence) -> list[Wrong]:
    known = {row["_id"] for rows in found.messages.values() for row in rows}
    return [Wrong("unexpected", one, "a message arrived that nobody queued") for one in found.arrived if one not in known]


def _recovered(history: History, found: Evidence) -> int:
    """Not answered, and done all the same: told by the stored answer, or by the replay of it."""
    return sum(
        1 for act in history.acts if act.replayed or (act.outcome in ("unknown", "pending") and act.scope in found.answered)
    )
