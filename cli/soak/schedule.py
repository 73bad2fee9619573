"""When what is killed, frozen, told to end or made to crash: made of the seed alone, so that a run can be had again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import takewhile
from random import Random
from typing import Literal

Kind = Literal["kill", "freeze", "end", "crash"]
SERVICES = ("identity", "applications", "documents", "notifications")
# how often each is hit, against the others: where events and cases live more often than beside the path
TARGETS = {
    "applications": 4,
    "documents": 4,
    "notifications": 4,
    "rabbitmq": 3,
    "mongo": 3,
    "identity": 1,
    "mail-sink": 1,
    "sms-sink": 1,
}
KINDS: dict[Kind, int] = {"kill": 40, "freeze": 30, "end": 15, "crash": 15}
CRASH_POINTS = (
    "audit.appended",
    "audit.checkpoint_placed",
    "audit.checkpoint_signed",
    "audit.head_written",
    "consumer.before_commit",
    "consumer.committed",
    "documents.number_reserved",
    "documents.signed",
    "documents.stored",
    "notifications.after_fence",
    "notifications.after_send",
    "notifications.before_fence",
    "relay.confirmed",
    "relay.deleted",
    "request.before_reply",
    "transaction.before",
    "transaction.before_commit",
    "transaction.committed",
    "transaction.state_written",
)
CRASHING = "a crash point"  # whoever comes by first dies there
FIRST_AFTER_S = 3.0
PAUSE_S = (4.0, 16.0)  # long enough for work to get done between two faults, too short for calm
SHORT_FREEZE_S = (1.0, 8.0)
LONG_FREEZE_S = (8.0, 40.0)  # past leases (10 s), a transaction's life (10 s), the broker's heartbeats
LONG_FREEZES = 0.35
TWO_AT_ONCE = 0.2
MOST_POINTS = 3


@dataclass(frozen=True)
class Fault:
    """at_s and seconds: since the load began, and how long a freeze holds. points: of a crash only."""

    at_s: float
    kind: Kind
    target: str
    seconds: float = 0.0
    points: tuple[str, ...] = ()

    @property
    def over_s(self) -> float:
        return self.at_s + self.seconds

    def __str__(self) -> str:
        more = f" for {self.seconds:.1f} s" if self.kind == "freeze" else f" ({', '.join(self.points)})" if self.points else ""
        return f"{self.at_s:8.1f} s  {self.kind:<6} {self.target}{more}"


def schedule(seed: int, minutes: float) -> list[Fault]:
    """All that begins before the end; a freeze that would outlast it is cut there. A longer run begins like a shorter one."""
    end = minutes * 60
    begun = takewhile(lambda fault: fault.at_s < end, _faults(Random(f"eshik-soak/{seed}")))  # noqa: S311 (to be repeated)
    return [_cut(fault, end) for fault in begun]


def _faults(random: Random) -> Iterator[Fault]:
    at = FIRST_AFTER_S
    frozen_until = dict.fromkeys(TARGETS, 0.0)
    while True:
        free = [target for target in TARGETS if frozen_until[target] <= at]
        hit = _drawn(random, free, 2 if random.random() < TWO_AT_ONCE else 1)
        for fault in [_fault(random, at, target) for target in hit]:
            if fault.kind == "freeze":
                frozen_until[fault.target] = fault.over_s
            yield fault
        at = round(at + random.uniform(*PAUSE_S), 1)


def _drawn(random: Random, among: list[str], count: int) -> list[str]:
    drawn: list[str] = []
    for _ in range(min(count, len(among))):
        left = [target for target in among if target not in drawn]
        drawn += random.choices(left, [TARGETS[target] for target in left])
    return drawn


def _fault(random: Random, at: float, target: str) -> Fault:
    kind = random.choices(list(KINDS), list(KINDS.values()))[0]
    if kind == "crash":
        points = random.sample(CRASH_POINTS, random.randint(1, MOST_POINTS))
        return Fault(at, kind, CRASHING, points=tuple(sorted(points)))
    if kind == "freeze":
        how_long = LONG_FREEZE_S if random.random() < LONG_FREEZES else SHORT_FREEZE_S
        return Fault(at, kind, target, round(random.uniform(*how_long), 1))
    return Fault(at, kind, target)


def _cut(fault: Fault, end: float) -> Fault:
    left = round(max(0.0, end - fault.at_s), 1)
    return fault if fault.seconds <= left else Fault(fault.at_s, fault.kind, fault.target, left, fault.points)
