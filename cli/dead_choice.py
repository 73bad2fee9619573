"""What ./eshik dead is told to work on: options that mean nothing are refused, ids that are nobody's are named."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import typer
from rich.markup import escape

from cli.console import err, fail, out
from cli.dead_letters import CLASSES, Chosen, Discarded, LeftAlone, UnknownLetters
from cli.kernel_databases import with_databases
from deploy.local.environment import SERVICES
from shared.messaging import topology
from shared.mongo.database import Database
from shared.mongo.dead_letters import DeadState

T = TypeVar("T")
MISUSED = 2  # as for every other option that cannot be


@dataclass(frozen=True, slots=True)
class Asked(Generic[T]):
    """there: what letters died of, by reason; asked only where nothing was chosen."""

    answer: T
    there: dict[str, int]


def must_be_clear(chosen: Chosen, *, limit: int = 1) -> Chosen:
    """A typo must not look like an empty list."""
    _one_of("--service", chosen.service, SERVICES)
    _one_of("--queue", chosen.queue, [topology.inbox(service) for service in topology.SUBSCRIPTIONS])
    _one_of("--state", chosen.state, [*DeadState, "all"])
    if limit < 1:
        fail(f"--limit is how many are shown: 1 or more, not {limit}", MISUSED)
    return chosen


def _one_of(option: str, value: str, there: Iterable[str]) -> None:
    if value and value not in (known := list(there)):
        fail(f"{option}: there is no {value}; there are {', '.join(known)}", MISUSED)


def must_choose(chosen: Chosen, all_of_them: bool) -> None:
    if not (chosen.ids or chosen.filter or all_of_them):
        fail("say which: ids, --service, --queue, --died-of, --event-type, or --all")


def with_letters(work: Callable[[dict[str, Database]], Awaitable[T]]) -> T:
    """As with_databases; ends with the ids that are nobody's."""
    try:
        return with_databases(work)
    except UnknownLetters as unknown:
        fail(f"there is no dead letter {', '.join(unknown.args)}; nothing was done. ./eshik dead list --state all has the ids")


def of_all(planned: Callable[[], Discarded]) -> None:
    """Ask before everything is set aside."""
    if not sys.stdin.isatty():
        fail("--all alone discards every dead letter: add --yes, or look first with --dry-run", MISUSED)
    count = len(planned().discarded)
    if not typer.confirm(f"Discard all dead letters, {count} now?", default=False, err=True):
        err.print("Nothing was changed.")
        raise typer.Exit(1)


def none_chosen(text: str, there: dict[str, int]) -> None:
    """There may be others: a reason is easily mistyped."""
    out.print(text)
    if there:
        named = ", ".join(f"{escape(reason)} ({count})" for reason, count in sorted(there.items()))
        out.print(f"Reasons that there are: {named}. --died-of takes these, or a class of them: {', '.join(CLASSES)}.")


def tell_left_alone(letters: Sequence[LeftAlone]) -> None:
    for letter in letters:
        out.print(f"{letter.id}: {letter.why}", markup=False)
