"""Replaying and discarding dead letters: the act with its audit entry and its jobs, and the job that moves one letter back.

The command only writes to the database, so it works while services and broker are down; each service's worker moves its own.
A crash between the move and the mark moves the message once more, and the inbox absorbs that.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from shared.clock import Clock
from shared.crash_points import crash_point
from shared.errors import Unavailable
from shared.jobs.job import Alarm, Finish, Job, JobKind, JobState, NewJob, RetryLater
from shared.messaging import topology
from shared.messaging.publisher import BrokerAway, NotConfirmed, Publisher, Unroutable
from shared.messaging.replay import message_of_letter
from shared.mongo.audit import AUDIT, OperatorAct
from shared.mongo.database import BACKGROUND_TIMEOUT_S, Database, Document, within
from shared.mongo.dead_letters import DeadState, is_too_old
from shared.mongo.transactions import UnitOfWork

REPLAY_DEAD_LETTER = "replay_dead_letter"
AT_ONCE = 200  # letters of one transaction
TOO_OLD = "older-than-the-inbox"
MAX_ATTEMPTS = 10


@dataclass(frozen=True, slots=True)
class OnDeadLetters:
    """What an operator does with these letters. chosen_by: the filter, for the audit entry."""

    ids: Sequence[str]
    who: str
    chosen_by: Mapping[str, str]
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Replay(OnDeadLetters):
    """a_second: no more than so many are due in one second. again: those that were replayed before, too."""

    a_second: float = 10.0
    again: bool = False


async def replay_dead_letters(command: Replay, uow: UnitOfWork) -> list[str]:
    """Out: the ids that are now to be replayed; those in another state, or too old, are left alone."""
    states = [DeadState.PARKED, *([DeadState.REPLAYED] if command.again else [])]
    letters = await _in_states(command.ids, states, uow)
    letters = [letter for letter in letters if not is_too_old(letter, uow.at)]
    due_at, step = await _first_free(uow, command.a_second), timedelta(seconds=1 / command.a_second)
    for place, letter in enumerate(letters):
        replays = letter.get("replays", 0) + 1
        change = {
            "$set": {"state": DeadState.REPLAYING, "replays": replays, "replaying_since": uow.at},
            "$unset": {"refused": ""},
        }
        await uow.db.dead_letters.update_one({"_id": letter["_id"]}, change, session=uow.session)
        data = {"dead_letter_id": letter["_id"], "replay": replays}
        uow.schedule(NewJob(REPLAY_DEAD_LETTER, f"{letter['_id']}:{replays}", due_at + place * step, data))
    return await _noted("dead:replay", command, letters, uow)


async def discard_dead_letters(command: OnDeadLetters, uow: UnitOfWork) -> list[str]:
    """Out: the ids that are now discarded. Only what is parked can be; the letter itself stays."""
    letters = await _in_states(command.ids, [DeadState.PARKED], uow)
    change = {"state": DeadState.DISCARDED, "discarded_at": uow.at}
    await uow.db.dead_letters.update_many(
        {"_id": {"$in": [letter["_id"] for letter in letters]}}, {"$set": change}, session=uow.session
    )
    return await _noted("dead:discard", command, letters, uow)


async def _in_states(ids: Sequence[str], states: Sequence[DeadState], uow: UnitOfWork) -> list[Document]:
    chosen = {"_id": {"$in": list(ids)}, "state": {"$in": states}}
    return await uow.db.dead_letters.find(chosen, session=uow.session).sort("dead_at", 1).to_list()


async def _first_free(uow: UnitOfWork, a_second: float) -> datetime:
    """Now, or behind what earlier replays have in hand: two commands together keep to the cap, too."""
    waiting = {"state": JobState.WAITING, "kind": REPLAY_DEAD_LETTER}
    last = await uow.db.jobs.find_one(waiting, {"due_at": 1}, sort=[("due_at", -1)], session=uow.session)
    return max(uow.at, last["due_at"] + timedelta(seconds=1 / a_second)) if last else uow.at


async def _noted(act: str, command: OnDeadLetters, letters: Sequence[Document], uow: UnitOfWork) -> list[str]:
    ids = [str(letter["_id"]) for letter in letters]
    if ids:
        about: dict[str, Any] = {"dead_letters": ids, "filter": dict(command.chosen_by)}
        uow.insert(AUDIT, OperatorAct(uow.at, command.who, act, about, command.reason).document(uow.new_id()))
    return ids


class BrokerNotReached(Unavailable):
    """The broker is away, or did not confirm: the same is tried again, and costs no attempt."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one replay ended. refused: why it was not moved."""

    dead_letter_id: str
    replay: int
    refused: str | None = None


class Replayer:
    """Works the replay jobs of one service."""

    def __init__(self, database: Database, publisher: Publisher, service: str, clock: Clock) -> None:
        self._database, self._publisher, self._clock = database, publisher, clock
        self._queue = topology.inbox(service)

    @property
    def kind(self) -> JobKind:
        return JobKind(self.run, max_attempts=MAX_ATTEMPTS, retry_s=2, retry_max_s=60, on_alarm=give_replay_up)

    async def run(self, job: Job) -> Finish | None:
        """Raises BrokerNotReached, DatabaseUnavailable, RetryLater where the queue is not there."""
        letter_id, replay = job.data["dead_letter_id"], job.data["replay"]
        with within(BACKGROUND_TIMEOUT_S):
            letter = await self._database.db.dead_letters.find_one({"_id": letter_id})
        if letter is None or (letter["state"], letter["replays"]) != (DeadState.REPLAYING, replay):
            return None  # it was moved, and has died again since
        if is_too_old(letter, self._clock.now()):  # asked again here: time has passed since the command
            return Finish(settle_replay, Outcome(letter_id, replay, refused=TOO_OLD))
        try:
            await self._publisher.move_to(self._queue, message_of_letter(letter))
        except Unroutable:
            raise RetryLater("queue-not-there") from None
        except (NotConfirmed, BrokerAway) as error:
            raise BrokerNotReached(type(error).__name__) from error
        crash_point("dead_letters.moved")
        return Finish(settle_replay, Outcome(letter_id, replay))


async def settle_replay(outcome: Outcome, uow: UnitOfWork) -> None:
    """Replayed, or parked again with the reason. One that has died again meanwhile stays as it is."""
    mine = {"_id": outcome.dead_letter_id, "replays": outcome.replay, "state": DeadState.REPLAYING}
    moved = {"state": DeadState.REPLAYED, "replayed_at": uow.at}
    change = {"state": DeadState.PARKED, "refused": outcome.refused} if outcome.refused else moved
    await uow.db.dead_letters.update_one(mine, {"$set": change}, session=uow.session)


async def give_replay_up(alarm: Alarm, uow: UnitOfWork) -> None:
    data = alarm.job.data
    await settle_replay(Outcome(data["dead_letter_id"], data["replay"], refused=alarm.reason), uow)
