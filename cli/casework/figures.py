"""What a day came to, in the figures that its picture shows and one sentence that says them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from cli.casework.picture import COLOURS, DayFigures
from cli.casework.plan import OFFICERS, POSTS, TICK, Visit
from services.applications.catalogue import the_catalogue
from shared.contracts.applications import OutcomeKind

SHOWN_AS = {  # what is one band in the picture
    "awaiting_blank": "approved", "awaiting_visit": "approved", "handed_over": "ended",
    "sent": "ended", "annulled": "ended", "expired": "withdrawn",
}  # fmt: skip
HELD_BY = {
    "submitted": "the post: in the queue", "in_review": "the post: officers", "proposed": "the post: officers",
    "awaiting_blank": "the post: officers", "fee_due": "the citizen", "papers_requested": "the citizen",
    "awaiting_visit": "the citizen", "ready": "the citizen", "with_another_body": "another body",
    "awaiting_arrival": "another body", "approved": "being made",
}  # fmt: skip
NOT_DECIDED = ("submitted", "fee_due", "in_review", "papers_requested", "with_another_body", "proposed")
A_TICK_H = TICK.total_seconds() / 3600


@dataclass(frozen=True)
class Played:
    """standings: at each moment, how many stood in which status. acts: by officer. came: handed in until each moment."""

    day: str
    visits: Sequence[Visit]
    standings: Sequence[tuple[str, Counter[str]]]
    acts: dict[str, list[int]]
    came: Sequence[int]
    notes: Sequence[tuple[int, str]]
    moved: int


def status_of(visit: Visit) -> str:
    """What is made as a file, the citizen has as soon as it is ready. Empty: not handed in."""
    digital = visit.case.service.outcome is OutcomeKind.DIGITAL_DOCUMENT
    return "handed_over" if visit.status == "ready" and digital else visit.status


def standing(visits: Sequence[Visit]) -> Counter[str]:
    return Counter(status_of(visit) for visit in visits if visit.status)


def shown(standing: Counter[str]) -> Counter[str]:
    found: Counter[str] = Counter()
    for status, count in standing.items():
        found[SHOWN_AS.get(status, status)] += count
    return found


def city_of(post: str) -> str:
    return the_catalogue().post(post).cities["en"]


def figures(played: Played, below: str) -> DayFigures:
    looks = [shown(counts) for _, counts in played.standings]
    by_service: dict[str, Counter[str]] = {}
    for visit in played.visits:
        by_service.setdefault(visit.case.service.title, Counter()).update(shown(standing([visit])))
    held: Counter[str] = Counter()
    for _, counts in played.standings:
        for status, count in counts.items():
            if holder := HELD_BY.get(status):
                held[holder] += count
    return DayFigures(
        title=f"A day at three consulates, {played.day}: {', '.join(city_of(post) for post in POSTS)}",
        summary=summary(played, looks),
        hours=[hour for hour, _ in played.standings],
        standing={status: [counts[status] for counts in looks] for status in COLOURS},
        came=played.came,
        held={holder: count * A_TICK_H for holder, count in held.items()},
        services=sorted(((title, dict(counts)) for title, counts in by_service.items()), key=lambda row: -sum(row[1].values())),
        officers=[(f"{each.login}, {city_of(each.post)}", played.acts.get(each.login, [])) for each in OFFICERS],
        notes=played.notes,
        below=below,
    )


def summary(played: Played, looks: Sequence[Counter[str]]) -> str:
    end = played.standings[-1][1]
    came, refused, withdrawn = sum(end.values()), end["refused"], end["withdrawn"]
    decided = came - withdrawn - sum(end[status] for status in NOT_DECIDED)
    longest = max(range(len(looks)), key=lambda at: looks[at]["submitted"])
    moved = f" {played.moved} went on at another post when theirs closed." if played.moved else ""
    return (
        f"{came} applications were handed in; {len(OFFICERS)} officers decided {decided} of them by the evening: "
        f"{decided - refused} approved, {refused} refused. {looks[-1]['ended']} citizens have what they came for, "
        f"{withdrawn} took theirs back, and {came - withdrawn - decided} wait for the next day. The queue was longest at "
        f"{played.standings[longest][0]}, with {looks[longest]['submitted']} cases.{moved}"
    )
