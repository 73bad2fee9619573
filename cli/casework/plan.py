"""What a day at the consulates is made of: who works where, who comes when and with what, and what is to become of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from cli.casework.case import Case
from cli.casework.desk import Desk
from cli.casework.people import Person, people
from services.applications.catalogue import Catalogue

OPENS, CLOSES = 9, 18
TICK = timedelta(minutes=15)
TICKS = (CLOSES - OPENS) * 4
PEOPLE = 48
POSTS = {"yek": 120, "ist": 40, "nov": 40}
WEIGHTS = {
    "consular-registration-certificate": 5, "passport-adult": 5, "passport-child": 3, "passport-lost": 2, "return-certificate": 3,
    "power-of-attorney": 4, "minor-travel-consent": 2, "birth-registration": 2, "document-request": 2,
    "no-conviction-certificate": 2, "citizenship-renunciation": 1, "meken-kart": 1, "request-for-help": 1,
}  # fmt: skip
FATES = {
    "approve": 61, "ask_papers": 14, "refuse": 9, "send_back": 5, "withdraw": 5, "body": 3, "never_paid": 3,
}  # fmt: skip
ARRIVES = 0.3  # of what another body makes; most of it takes weeks


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
    """One application of the day: when it comes, and what is to become of it.

    hands: officers who had it for review; turned: what its fate wants besides a decision has happened, at the tick of since.
    """

    case: Case
    fate: str
    comes_at: int  # tick
    arrives: bool
    hands: list[str] = field(default_factory=list)
    turned: bool = False
    since: int = 0

    @property
    def status(self) -> str:
        """Empty until it is handed in."""
        status = str(self.case.seen.get("status", "draft"))
        return "" if status == "draft" else status

    @property
    def post(self) -> str:
        return str(self.case.seen["post"]["id"]) if self.case.seen else self.case.post


def next_working_day(now: datetime, zone: ZoneInfo) -> date:
    """Tomorrow at the post, or the Monday after."""
    day = now.astimezone(zone).date() + timedelta(days=1)
    while day.weekday() > 4:
        day += timedelta(days=1)
    return day


def plan(desk: Desk, catalogue: Catalogue, seed: int, day: date, total: int) -> list[Visit]:
    """Who comes when, with what, and what is to become of it: the same seed gives the same day."""
    random = Random(seed)  # noqa: S311 (a day that can be played again)
    crowd = people(PEOPLE, random)
    homes = {post: crowd[at :: len(POSTS)] for at, post in enumerate(POSTS)}  # who is seen at a counter belongs to its post
    offered = [service for service in catalogue.services() if WEIGHTS.get(service.id)]
    weights = [WEIGHTS[service.id] for service in offered]
    visits = []
    for number in range(total):
        service = random.choices(offered, weights)[0]
        takes = [post for post in POSTS if not service.posts or post in service.posts]
        post = random.choices(takes, [POSTS[each] for each in takes])[0]
        person, other = _two_of(homes[post], number)
        chance = Random(f"{seed}/{number}")  # noqa: S311 (of its own: whoever is quicker changes nobody's answers)
        case = Case(desk, service, person, post, chance, day, cosigner=other)
        fate = random.choices(list(FATES), list(FATES.values()))[0]
        comes_at = min(int(abs(random.gauss(0, TICKS / 2.6))), TICKS - 8)  # most come in the morning
        visits.append(Visit(case, fate, comes_at, arrives=random.random() < ARRIVES))
    return visits


def _two_of(neighbours: Sequence[Person], number: int) -> tuple[Person, Person]:
    return neighbours[number % len(neighbours)], neighbours[(number + 1) % len(neighbours)]
