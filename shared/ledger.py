"""The rules of the ledger, as comparisons of what was read: no database, no clock. Used by ./eshik ledger and by each service.

Each rule has two sides that were read from different places, so that a loss shows: on the left what must be there, told by
one kind of record; on the right what is there, counted by its state. A fault names the id that stands on one side only.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

SETTLED_AFTER = timedelta(seconds=60)  # an event older than this must have arrived, or be seen to be on its way
KEPT_FOR = timedelta(days=29)  # a day less than done jobs and the ids of published events are kept
OVERTAKEN_FOR = timedelta(minutes=15)  # longer than all delays of the ladder together, with the tries between them
EMPTY_FOR = timedelta(minutes=2)  # longer than a message is in a consumer's hands while its queue looks empty
LEASE_OVER_FOR_S = 60  # a worker takes an abandoned job up within seconds


@dataclass(frozen=True, slots=True)
class Fault:
    """key: by which the evidence is read again; id: what is told, often the same."""

    key: str
    id: str
    what: str


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a rule: counts by name, and from what they were taken."""

    source: str
    counts: Mapping[str, int]

    @property
    def total(self) -> int:
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True)
class Verdict:
    """One rule at one moment. It holds where there is no fault. on_its_way: not arrived, and known to be no fault yet."""

    rule: str
    left: Side
    right: Side
    faults: tuple[Fault, ...] = ()
    notes: tuple[str, ...] = field(default=())

    @property
    def holds(self) -> bool:
        return not self.faults


Groups = Mapping[str, Sequence[str]]  # the name of a group, as open, and the states that count as it


def by_group(states: Iterable[str], groups: Groups) -> dict[str, int]:
    """How many are in each group; what is in none stands under `unknown state`."""
    names = {state: name for name, members in groups.items() for state in members}
    counted = Counter(names.get(state, "unknown state") for state in states)
    return {name: counted[name] for name in (*groups, "unknown state") if name in groups or counted[name]}


def balance(
    rule: str, expected: Side, found: Mapping[str, str | None], due: Mapping[str, str | None], groups: Groups, source: str
) -> Verdict:
    """due: what must be there, by id, with who says so (None: nobody says so); found: the state it is in (None: not there)."""
    known = {state for members in groups.values() for state in members}
    faults = []
    for key in sorted(found.keys() | due.keys()):
        state, said_by = found.get(key), due.get(key)
        if state is None and said_by is not None:
            faults.append(Fault(key, key, f"lost: {said_by}, and it is not there"))
        elif state is not None and state not in known:
            faults.append(Fault(key, key, "in a state that nobody knows"))
        elif state is not None and said_by is None:
            faults.append(Fault(key, key, "there, and nothing says why"))
    right = Side(source, by_group((state for state in found.values() if state is not None), groups))
    return Verdict(rule, expected, right, tuple(faults))


@dataclass(frozen=True, slots=True)
class Told:
    """What the journal of one aggregate says: how many entries, the highest number, and the states its last step can lead to."""

    entries: int
    last: int
    states: frozenset[str]


@dataclass(frozen=True, slots=True)
class Kept:
    """The aggregate as it is kept."""

    version: int
    state: str


def journal_faults(key: str, told: Told | None, kept: Kept | None) -> list[Fault]:
    """A journal has one entry for each version, and its last step leads to the state the aggregate is in."""
    if told is None or kept is None:
        return [Fault(key, key, "it has no journal" if kept else "lost: its journal is there, and it is not")]
    if told.last != kept.version:
        return [Fault(key, key, f"version {kept.version}, and the last entry of its journal is {told.last}")]
    if told.entries != told.last:
        return [Fault(key, key, f"{told.last - told.entries} of {told.last} entries of its journal are missing")]
    if kept.state not in told.states:
        return [Fault(key, key, "its journal does not lead to the state it is in")]
    return []


@dataclass(frozen=True, slots=True)
class Delivery:
    """One published event and one service that hears it. place: where it was found; None: nowhere."""

    event_id: str
    subscriber: str
    at: datetime
    place: str | None = None

    @property
    def key(self) -> str:
        return f"{self.subscriber}:{self.event_id}"


@dataclass(frozen=True, slots=True)
class Queued:
    """What the queues of one subscriber hold. messages: None where nobody can say."""

    messages: int | None


@dataclass(frozen=True, slots=True)
class Watched:
    """What was seen of a missing delivery over time: since when it is in no outbox, since when its queues were found empty, and
    since when a later event is known to have been handled, which came into the same queue behind it."""

    since: datetime
    empty_since: datetime | None = None
    overtaken_since: datetime | None = None


def missing_faults(
    missing: Sequence[Delivery], queues: Mapping[str, Queued], watched: Mapping[str, Watched], now: datetime, *, exact: bool
) -> list[Fault]:
    """Deliveries that are faults, and no longer on their way.

    A message in a queue cannot be seen by its id. So a missing delivery is a fault where the queues of its subscriber are
    empty (exact: messages counts those in a consumer's hands, too; else they must have been empty for EMPTY_FOR); where they
    hold fewer messages than are missing; and, whatever they hold, where a later event was handled OVERTAKEN_FOR ago.
    """
    faults = []
    for subscriber in sorted({delivery.subscriber for delivery in missing}):
        of_this = [delivery for delivery in missing if delivery.subscriber == subscriber]
        held = queues.get(subscriber, Queued(None)).messages
        for delivery in of_this:
            seen = watched.get(delivery.key)
            if exact and held is not None and held < len(of_this):
                rest = f", with {len(of_this) - 1} others: its queues hold {held} messages" if held else ", its queues are empty"
                faults.append(_lost(delivery, f"in no outbox, not handled and not parked{rest}"))
            elif seen and seen.empty_since and now - seen.empty_since >= EMPTY_FOR:
                faults.append(_lost(delivery, "in no outbox, not handled and not parked, and its queues were empty for minutes"))
            elif seen and seen.overtaken_since and now - seen.overtaken_since >= OVERTAKEN_FOR:
                faults.append(_lost(delivery, "a later event was handled long ago, and this one was not"))
    return faults


def watch(
    missing: Sequence[Delivery],
    arrived: Sequence[Delivery],
    queues: Mapping[str, Queued],
    before: Mapping[str, Watched],
    now: datetime,
) -> dict[str, Watched]:
    """What is known of the missing ones after this look, to be handed in at the next."""
    newest: dict[str, datetime] = {}
    for there in arrived:
        newest[there.subscriber] = max(there.at, newest.get(there.subscriber, there.at))
    after = {}
    for delivery in missing:
        seen = before.get(delivery.key, Watched(now))
        held = queues.get(delivery.subscriber, Queued(None)).messages
        later = newest.get(delivery.subscriber)
        empty = (seen.empty_since or now) if held == 0 else seen.empty_since if held is None else None
        overtaken = seen.overtaken_since or (now if later is not None and later > seen.since else None)
        after[delivery.key] = Watched(seen.since, empty, overtaken)
    return after


def events_verdict(
    publisher: str,
    deliveries: Sequence[Delivery],
    faults: Sequence[Fault],
    published: int,
    left: str,
    right: str,
    *,
    young: int = 0,
) -> Verdict:
    """published: how many events; each is due at every service that hears it. young: deliveries that are not due yet."""
    counted = Counter(delivery.place or "on their way" for delivery in deliveries)
    counted["on their way"] -= len({fault.key for fault in faults})
    counts = {name: counted[name] for name in ("in the outbox", "handled", "parked", "on their way")}
    on_the_way = counts["on their way"]
    notes = (
        *([f"{young} younger than a minute, not judged yet"] if young else []),
        *([f"{on_the_way} may be in a queue, which cannot be seen by id"] if on_the_way else []),
    )
    left_side = Side(f"{left}; {published} events", {"deliveries due": len(deliveries)})
    return Verdict(f"events of {publisher}", left_side, Side(right, counts), tuple(faults), notes)


@dataclass(frozen=True, slots=True)
class JobSeen:
    """over_for_s: how long ago its lease ended, where it is leased and somebody is there to take it up."""

    state: str
    over_for_s: float = 0.0


JOB_GROUPS: Groups = {"done": ("done",), "waiting": ("waiting", "leased"), "alarmed": ("alarmed",)}


def jobs_verdict(jobs: Mapping[str, JobSeen], left: str, right: str) -> Verdict:
    known = {state for members in JOB_GROUPS.values() for state in members}
    faults = [Fault(key, key, "in a state that nobody knows") for key, job in sorted(jobs.items()) if job.state not in known]
    for key, job in sorted(jobs.items()):
        if job.state == "leased" and job.over_for_s > LEASE_OVER_FOR_S:
            faults.append(Fault(key, key, f"its lease ended {job.over_for_s:.0f} s ago, and nobody took it up"))
    counts = by_group((job.state for job in jobs.values()), JOB_GROUPS)
    return Verdict("jobs", Side(left, {"stored": len(jobs)}), Side(right, counts), tuple(faults))


def _lost(delivery: Delivery, what: str) -> Fault:
    return Fault(delivery.key, delivery.event_id, f"at {delivery.subscriber}: {what}")
