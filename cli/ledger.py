"""./eshik ledger: whether nothing is lost and nothing made up, over the whole system, also while it works."""

from __future__ import annotations

import asyncio
import json
import os
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer
from rich.markup import escape

from cli.console import fail, out, print_json, show_rows
from cli.databases import stack_now
from cli.findings import management_url
from cli.kernel_databases import with_databases
from cli.ledger_advice import advice
from cli.stack import Stack, the_stack
from deploy.local.system import Obstacle
from shared.ledger import Queued, Side, Verdict
from shared.mongo.database import Database

if TYPE_CHECKING:
    from cli.ledger_reading import Page
    from shared.sealing.key_file import ServiceKeys

DOES_NOT_HOLD, NOT_ASKED = 1, 2
UNSEEN = "queues could not be seen, as the broker does not say what they hold, so what is on its way was not judged"


def ledger(
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
    shown: Annotated[int, typer.Option("--show", min=1, help="Ids shown for each rule; all are counted.")] = 20,
) -> None:
    """Compare what each part says must be there with what is there, by ids.

    Ends with exit code 1 where a rule does not hold, and names the ids; with exit code 2 where it could not be asked: Eshik is
    not running, or the database does not answer. Then --json prints {"holds": null, "problem": "..."}.
    """

    def give_up(problem: str) -> NoReturn:
        if as_json:
            print(json.dumps({"holds": None, "problem": problem}, ensure_ascii=False))
            raise typer.Exit(NOT_ASKED)
        fail(problem, NOT_ASKED)

    try:
        pages, queues_seen = _read(give_up)
    except Obstacle as obstacle:
        give_up(str(obstacle))
    holds = all(verdict.holds for page in pages for verdict in page.verdicts)
    if as_json:
        rules = [_as_data(page.about, v, shown) for page in pages for v in page.verdicts]
        print_json({"holds": holds, "queues_seen": queues_seen, "rules": rules})
    else:
        for page in pages:
            out.print(f"[bold]{page.about}[/]")
            show_rows([_row(verdict) for verdict in page.verdicts], ["", "rule", "must be there", "", "is there"])
            _show_more(page.verdicts, shown)
            out.print()
        out.print(_in_one_line(pages, queues_seen=queues_seen))
    raise typer.Exit(0 if holds else DOES_NOT_HOLD)


def _read(give_up: Callable[[str], NoReturn]) -> tuple[list[Page], bool]:
    """Out: the verdicts, and whether the broker said what its queues hold, each time that it was asked. Raises Obstacle."""
    from cli.ledger_reading import queued_at, read_all  # here: it loads the services' own rules

    stack = the_stack()
    url, rabbit_url = management_url(stack, os.environ), os.environ.get("ESHIK_RABBIT_URL", "")
    answers: list[bool] = []

    def depths() -> Mapping[str, Queued] | None:
        found = queued_at(url, rabbit_url)
        answers.append(found is not None and all(queued.messages is not None for queued in found.values()))
        return found

    async def read(databases: dict[str, Database]) -> list[Page]:
        pages = await read_all(databases, stack_now(stack), depths, keys=_keys_of(stack))
        if not answers:  # nothing was missing: said all the same, for whoever asks while the broker is away
            await asyncio.to_thread(depths)
        return pages

    return with_databases(read, give_up=give_up), all(answers)


def _keys_of(stack: Stack) -> dict[str, ServiceKeys]:
    """Of this machine's stack. Where the services run elsewhere, each of them judges what it has sealed, part by part."""
    from deploy.local.keys import SEALING, Keys
    from shared.sealing.errors import UnusableKeys
    from shared.sealing.key_file import keys_from_file

    found = {}
    for name in SEALING:
        with suppress(OSError, UnusableKeys):
            found[name] = keys_from_file(Keys(stack.places.keys).key_encryption_keys(name))
    return found


def _in_one_line(pages: Sequence[Page], *, queues_seen: bool) -> str:
    """The verdict, which names the rules that do not hold."""
    seen = "." if queues_seen else f"; {UNSEEN}."
    pages_with = Counter(verdict.rule for page in pages for verdict in page.verdicts)
    broken = [
        verdict.rule if pages_with[verdict.rule] == 1 else f"{verdict.rule} of {page.about}"
        for page in pages
        for verdict in page.verdicts
        if not verdict.holds
    ]
    if broken:
        counted = "1 rule does not hold" if len(broken) == 1 else f"{len(broken)} rules do not hold"
        return f"[red]✗[/] {counted}: {', '.join(broken)}{seen}"
    return "[green]●[/] All of it holds." if queues_seen else f"[yellow]![/] What could be judged holds{seen}"


def _row(verdict: Verdict) -> list[str]:
    """The signs differ by more than their colour: they are read in files and pipes, too."""
    mark, relation = ("[green]●[/]", "=") if verdict.holds else ("[red]✗[/]", "≠")
    notes = f" ({'; '.join(verdict.notes)})" if verdict.notes else ""
    return [mark, verdict.rule, escape(_equation(verdict.left)), relation, escape(_equation(verdict.right) + notes)]


def _equation(side: Side) -> str:
    return " + ".join(f"{count} {name}" for name, count in side.counts.items())


def _show_more(verdicts: list[Verdict], shown: int) -> None:
    for verdict in verdicts:
        out.print(f"[dim]  {verdict.rule}: {escape(verdict.left.source)} = {escape(verdict.right.source)}[/]")
        for fault in verdict.faults[:shown]:
            out.print(f"  [red]{escape(fault.id)}[/] {escape(fault.what)}")
        if len(verdict.faults) > shown:
            out.print(f"  … and {len(verdict.faults) - shown} more")
        if not verdict.holds:
            out.print(f"  → {escape(advice(verdict.rule))}")


def _as_data(about: str, verdict: Verdict, shown: int) -> dict[str, Any]:
    sides = {
        name: {"from": side.source, "counts": dict(side.counts)}
        for name, side in (("left", verdict.left), ("right", verdict.right))
    }
    faults = [{"id": fault.id, "what": fault.what} for fault in verdict.faults[:shown]]
    return {
        "about": about,
        "rule": verdict.rule,
        "holds": verdict.holds,
        **sides,
        "notes": list(verdict.notes),
        "faults": len(verdict.faults),
        "ids": faults,
    }
