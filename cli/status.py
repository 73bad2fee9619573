"""./eshik status: is all well, and if not, where."""

from __future__ import annotations

import os
from typing import Annotated

import typer
from rich.markup import escape

from cli.console import out, print_json, show_rows
from cli.findings import Findings, LedgerFinding, look
from cli.stack import the_stack

GOOD, ODD, BAD = "[green]●[/]", "[yellow]![/]", "[red]✗[/]"  # they differ by more than their colour: in a file there is none


def status(as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False) -> None:
    """Show each part's health and address, the queues, unsent events, dead letters, jobs and the last check of each ledger.

    Ends with exit code 1 when something is unhealthy or nothing runs.
    """
    found = look(the_stack(), os.environ)
    if as_json:
        print_json(found.model_dump(mode="json"))
    else:
        _show(found)
    raise typer.Exit(0 if found.healthy else 1)


def _show(found: Findings) -> None:
    if found.running:
        _show_parts(found)
        _show_queues(found)
        _show_stores(found)
    for line in found.problems:
        out.print(f"{BAD} {escape(line)}")
    for line in found.attention:
        out.print(f"{ODD} {escape(line)}")
    if found.healthy and not found.gave_up:
        out.print(f"{GOOD} All is well." if not found.attention else f"{GOOD} Everything runs.")


def _show_parts(found: Findings) -> None:
    rows = []
    for part in found.parts:
        mark = "[dim]–[/]" if part.state == "absent" else GOOD if part.healthy else BAD
        rows.append([mark, part.name, part.state, part.address or "–", f"[dim]{escape(part.note)}[/]"])
    show_rows(rows, ["", "part", "state", "address", ""])
    out.print()


def _show_queues(found: Findings) -> None:
    if not found.queues:
        return
    rows = []
    for queue in found.queues:
        if "." in queue.name and queue.name.rpartition(".")[2] != "inbox":
            continue
        own = [other for other in found.queues if other.name.startswith(f"{queue.name}.")]
        retrying = sum(other.messages for other in own if ".retry-" in other.name)
        dead = sum(other.messages for other in own if other.name.endswith(".dead"))
        waiting = queue.messages - queue.unacknowledged
        counts = (waiting, queue.unacknowledged, queue.consumers, retrying, dead)
        rows.append([queue.name, *(str(count) for count in counts)])
    show_rows(rows, ["queue", "waiting", "in hand", "consumers", "retrying", "dead"])
    out.print()


def _show_stores(found: Findings) -> None:
    if found.stores is None:
        return
    rows = [
        [
            store.service,
            str(store.unsent),
            f"{store.oldest_unsent_s:.0f} s" if store.oldest_unsent_s is not None else "–",
            str(store.dead_letters),
            "–" if store.unknown_messages is None else str(store.unknown_messages),
            ", ".join(f"{count} {state}" for state, count in store.jobs.items()) or "–",
            _last_check(store.ledger),
        ]
        for store in found.stores
    ]
    show_rows(rows, ["database", "unsent events", "oldest", "dead letters", "unknown messages", "jobs", "ledger"])
    out.print()


def _last_check(ledger: LedgerFinding | None) -> str:
    if ledger is None:
        return "not checked yet"
    age = f"{ledger.age_s:.0f} s" if ledger.age_s < 120 else f"{ledger.age_s / 60:.0f} min"
    return f"{'holds' if ledger.holds else '≠ does not hold'}, {age} ago"
