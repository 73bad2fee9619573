"""What a day at the consulates is made of: who works where, who comes when and with what, and what is to become of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from cli.casework.case import Case
from cli.casework.desk import Desk
from cli.casework.people import people
from cli.casework.picture import COLOURS, DayFigures
from services.applications.catalogue import Catalogue
from shared.contracts.applications import OutcomeKind

OPENS, CLOSES = 9, 18
TICKS = (CLOSES - OPENS) * 4
PEOPLE = 48
POSTS = {"yek": 120, "ist": 40, "nov": 40}
WEIGHTS = {
    "consular-registration-certificate": 5, "passport-adult": 5, "passport-child": 3, "passport-lost": 2, "return-certificate": 3,
    "power-of-attorney": 4, "minor-travel-consent": 2, "birth-registration": 2, "document-request": 2,
    "no-conviction-certificate": 2, "citizenship-renunciation": 1, "meken-kart": 1, "request-for-help": 1,
}  # fmt: skip
FATES = {"approve": 66, "ask_papers": 14, "refuse": 9, "withdraw": 5, "body": 3, "never_paid": 3}
STANDING = {
    "awaiting_blank": "approved", "awaiting_visit": "approved", "awaiting_arrival": "approved", "handed_over": "ended",
    "sent": "ended", "annulled": "ended", "expired": "withdrawn",
}  # fmt: skip


@dataclass(frozen=True)
class Officer:
    """budget: acts in a quarter of an hour."""

    login: str
    post: str
    reviews: bool
    decides: tuple[str, ...] = ()  # posts whose proposals they decide
    budget: int = 7


OFFICERS = (
    Officer("nurlan", "yek", reviews=True, budget=10),
    Officer("gulnara", "yek", reviews=True, decides=("yek",), budget=10),
    Officer("ermek", "yek", reviews=True, decides=("yek",), budget=10),
    Officer("cholpon", "ist", reviews=True, decides=("ist",)),
    Officer("azamat", "nov", reviews=True),
    Officer("jyldyz", "mow", reviews=False, decides=("nov",)),
)


@dataclass
class Visit:
    """One application of the day: when it comes, and what is to become of it."""

    case: Case
    fate: str
    comes_at: int  # tick
    arrives: bool = True  # what another body makes comes on this day; most of it takes weeks
    done: set[str] = field(default_factory=set)
    since: int = 0

    @property
    def begun(self) -> bool:
        return bool(self.case.seen)


def next_working_day(now: datetime, zone: ZoneInfo) -> date:
    """Tomorrow at the post, or the Monday after."""
    day = now.astimezone(zone).date() + timedelta(days=1)
    while day.weekday() > 4:
        day += timedelta(days=1)
    return day


def plan(desk: Desk, catalogue: Catalogue, random: Random, day: date, total: int) -> list[Visit]:
    """Who comes when, with what, and what is to become of it: the same seed gives the same day."""
    crowd = people(PEOPLE, random)
    homes = {post: crowd[at :: len(POSTS)] for at, post in enumerate(POSTS)}  # who is seen at a counter belongs to its post
    offered = [service for service in catalogue.services() if WEIGHTS.get(service.id)]
    weights = [WEIGHTS[service.id] for service in offered]
    visits = []
    for number in range(total):
        service = random.choices(offered, weights)[0]
        takes = [post for post in POSTS if not service.posts or post in service.posts]
        post = random.choices(takes, [POSTS[each] for each in takes])[0]
        neighbours = homes[post]
        person, other = neighbours[number % len(neighbours)], neighbours[(number + 1) % len(neighbours)]
        case = Case(desk, service, person, post, random, day, cosigner=other)
        fate = random.choices(list(FATES), list(FATES.values()))[0]
        comes_at = min(int(abs(random.gauss(0, TICKS / 2.6))), TICKS - 8)  # most come in the morning
        visits.append(Visit(case, fate, comes_at, arrives=random.random() < 0.3))
    return visits


def standing(visits: Iterable[Visit]) -> Counter[str]:
    found: Counter[str] = Counter()
    for visit in visits:
        if visit.begun and visit.case.status != "draft":
            status = visit.case.status
            if status == "ready" and visit.case.service.outcome is OutcomeKind.DIGITAL_DOCUMENT:
                status = "handed_over"
            found[STANDING.get(status, status)] += 1
    return found


def figures(
    visits: Sequence[Visit],
    looks: Sequence[tuple[str, Counter[str]]],
    acts: Mapping[str, Sequence[int]],
    notes: Sequence[tuple[int, str]],
    below: str,
) -> DayFigures:
    by_service: dict[str, Counter[str]] = {}
    for visit in visits:
        by_service.setdefault(visit.case.service.title, Counter()).update(standing([visit]))
    rows = sorted(by_service.items(), key=lambda row: -sum(row[1].values()))
    return DayFigures(
        title=f"A day at three consulates: {sum(looks[-1][1].values())} applications, {len(OFFICERS)} officers",
        hours=[hour for hour, _ in looks],
        standing={status: [counts[status] for _, counts in looks] for status in COLOURS},
        services=[(title, dict(counts)) for title, counts in rows],
        officers=[(f"{officer.login} ({officer.post})", acts.get(officer.login, [])) for officer in OFFICERS],
        notes=notes,
        below=below,
    )
