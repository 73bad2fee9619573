"""The way of an application as its citizen sees it: what is behind, where it is, what is still to come."""

from dataclasses import dataclass, replace
from typing import Any, Literal

from shared.texts import N_

Place = Literal["done", "now", "coming", "stopped"]
TAGS = {
    "draft": "yours",
    "fee_due": "yours",
    "papers_requested": "yours",
    "awaiting_visit": "yours",
    "ready": "done",
    "handed_over": "done",
    "sent": "done",
    "refused": "no",
    "annulled": "no",
    "withdrawn": "closed",
    "expired": "closed",
}
OVER = {"ready", "sent", "refused", "withdrawn", "expired", "annulled"}  # nothing more happens by itself
SENT, REVIEW, DECISION = "application:submit", "application:claim", "application:decide"
BLANK, VISIT, READY = "application:record_blank", "application:record_identity_check", "application:mark_ready"
ARRIVED = "application:record_arrival"
COLLECTED, MAILED = "application:record_handover", "application:record_sent"
WITHDRAWN = "application:withdraw"
TITLES = {
    SENT: N_("You handed it in"),
    REVIEW: N_("An officer of the post reviews it"),
    DECISION: N_("A second officer decides"),
    BLANK: N_("The post prints it on a numbered blank"),
    VISIT: N_("You come to the post, and your identity is checked"),
    ARRIVED: N_("Another body makes it, and it arrives at the post"),
    READY: N_("The document is issued"),
    COLLECTED: N_("You collect it at the post"),
    WITHDRAWN: N_("You took it back"),
}
DONE = {
    REVIEW: N_("An officer of the post took it for review"),
    DECISION: N_("It was approved"),
    BLANK: N_("The post took a numbered blank"),
    VISIT: N_("You were at the post, and your identity was checked"),
    ARRIVED: N_("It arrived at the post"),
    READY: N_("The document was issued"),
    COLLECTED: N_("You collected it at the post"),
    MAILED: N_("It was sent to you by mail"),
}
ONE_DECIDES = N_("An officer decides")
REFUSED = N_("It was refused")
ANNULLED = N_("It was annulled")
WAITING = N_("It waits for an officer of the post to take it")
STOPS = {  # where the review waits for somebody: what is to be done, before the post goes on
    "fee_due": N_("You pay the fee"),
    "papers_requested": N_("You change what the post asked for"),
    "with_another_body": N_("Another body answers the post"),
}
BETWEEN = {
    "print_on_blank": (BLANK, READY, COLLECTED),
    "prepared_for_visit": (VISIT, READY),
    "made_elsewhere": (ARRIVED, COLLECTED),
}
NOW = {
    "submitted": REVIEW,
    "in_review": REVIEW,
    "proposed": DECISION,
    "approved": READY,
    "awaiting_blank": BLANK,
    "awaiting_visit": VISIT,
    "awaiting_arrival": ARRIVED,
    "ready": COLLECTED,
}
WHO = {
    ("citizen", "applicant"): N_("You"),
    ("officer", "intake"): N_("An officer of the post"),
    ("officer", "deciding"): N_("A deciding officer of the post"),
    ("officer", "head"): N_("The head of the post"),
    ("officer", "ministry"): N_("An officer of the ministry"),
    ("officer", "auditor"): N_("An auditor"),
}
BY_ITSELF = N_("Eshik, by itself")
AN_OFFICER = N_("An officer")
LOOKED_AT = {
    "document:view": N_("Your document in the register"),
    "document:download": N_("The document itself"),
    "document:preview": N_("A preview of the document"),
    "messages:view": N_("The messages to you"),
}


@dataclass(frozen=True, slots=True)
class Event:
    """title: a msgid. at: ISO, where it has happened. decides: that is what the term of the post is for."""

    title: str
    place: Place
    at: str = ""
    decides: bool = False


def way(case: dict[str, Any], outcome: str, entries: list[dict[str, Any]]) -> list[Event]:
    """In: a case that was handed in, the outcome of its service, its journal. Out: its way, oldest first."""
    events = _way(case, outcome, entries)
    if case.get("second_officer", True):
        return events
    return [replace(event, title=ONE_DECIDES) if event.title == TITLES[DECISION] else event for event in events]


def _way(case: dict[str, Any], outcome: str, entries: list[dict[str, Any]]) -> list[Event]:
    at = {entry["action"]: entry["at"] for entry in entries}
    status = case["status"]
    if status == "refused":
        at[DECISION] = at.get("application:refuse", "")
        return [*_behind((SENT, REVIEW), at), Event(REFUSED, "stopped", at[DECISION])]
    at[DECISION] = at.get("application:approve", "")
    stations = (SENT, REVIEW, DECISION, *BETWEEN.get(outcome, (READY,)))
    if MAILED in at:
        stations = tuple(MAILED if name == COLLECTED else name for name in stations)
    if status == "withdrawn":
        return [*_behind(stations, at), Event(TITLES[WITHDRAWN], "stopped", at.get(WITHDRAWN, ""))]
    if status == "annulled":
        return [*_behind(stations, at), Event(ANNULLED, "stopped", at.get("application:annul", ""))]
    if status in STOPS:
        place = stations.index(REVIEW) + (status != "fee_due")
        coming = [_ahead(name, "coming") for name in stations[place:]]
        return [*_behind(stations[:place], at, always=True), Event(STOPS[status], "now"), *coming]
    here = stations.index(NOW[status]) if NOW.get(status) in stations else len(stations)
    ahead = [_ahead(name, "now" if index == 0 else "coming") for index, name in enumerate(stations[here:])]
    if status == "submitted":
        ahead[0] = Event(WAITING, "now")
    elif status == "in_review":
        ahead[0] = Event(TITLES[REVIEW], "now", at.get(REVIEW, ""))
    return [*_behind(stations[:here], at, always=True), *ahead]


def _ahead(name: str, place: Place) -> Event:
    return Event(TITLES[name], place, decides=name == DECISION)


def _behind(stations: tuple[str, ...], at: dict[str, str], *, always: bool = False) -> list[Event]:
    return [Event(DONE.get(name) or TITLES[name], "done", at.get(name, "")) for name in stations if always or at.get(name)]


def folded(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same act of the same one, several times in a row, as one line with the last time; times: how often."""
    lines: list[dict[str, Any]] = []
    for entry in entries:
        before = lines[-1] if lines else {}
        again = all(before.get(name) == entry[name] for name in ("action", "by", "role"))
        if again:
            lines.pop()
        lines.append({**entry, "times": before["times"] + 1 if again else 1})
    return lines


def told(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each piece of news once, with the messages that carried it, in the order in which they were written."""
    news: list[dict[str, Any]] = []
    for message in messages:
        if not news or news[-1]["notice"] != message["notice"]:
            news.append({"notice": message["notice"], "text": message["notice_text"], "messages": []})
        news[-1]["messages"].append(message)
    return news


def tag_of(status: str) -> str:
    """The class of a status' tag; the text beside it says the same."""
    return f"eshik-status--{TAGS.get(status, 'open')}"


def who(entry: dict[str, Any]) -> str:
    """A msgid: who did it, never by name."""
    return WHO.get((entry["by"], entry["role"] or ""), BY_ITSELF)


def looked(look: dict[str, Any]) -> str:
    """A msgid: who looked, never by name."""
    return WHO.get((look["by"], look["role"] or ""), AN_OFFICER) if look["by"] == "officer" else BY_ITSELF


def all_looks(
    of_case: dict[str, Any] | None, elsewhere: list[dict[str, Any] | None], posts: dict[str, dict[str, Any]]
) -> list[dict[str, Any]]:
    """Those of the case, which can be objected to, and those of its document and messages, newest first. None: not known now."""
    found = list(of_case["looks"]) if of_case else []
    for look in (look for told in elsewhere if told for look in told["looks"]):
        post = posts.get(look["post_id"] or "")
        found.append({**look, "id": "", "objected": False, "what_id": LOOKED_AT.get(look["act"]), "post": post})
    return sorted(found, key=lambda look: str(look["at"]), reverse=True)
