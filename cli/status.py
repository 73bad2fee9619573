"""./eshik status: is all well, and if not, where."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from cli.console import out, plain_table, print_json
from cli.findings import Findings, look
from cli.stack import the_stack


def status(as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False) -> None:
    """Show each part's health and address, the queues, unsent events, dead letters and jobs.

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
        out.print(f"[red]●[/] {line}")
    for line in found.attention:
        out.print(f"[yellow]●[/] {line}")
    if found.healthy:
        out.print("[green]●[/] All is well." if not found.attention else "[green]●[/] Everything runs.")


def _show_parts(found: Findings) -> None:
    table = plain_table("", "part", "state", "address", "")
    for part in found.parts:
        mark = "[dim]–[/]" if part.state == "absent" else "[green]●[/]" if part.healthy else "[red]●[/]"
        table.add_row(mark, part.name, part.state, part.address or "–", f"[dim]{part.note}[/]")
    out.print(table)
    out.print()


def _show_queues(found: Findings) -> None:
    if not found.queues:
        return
    table = plain_table("queue", "waiting", "in hand", "consumers")
    for queue in found.queues:
        waiting = queue.messages - queue.unacknowledged
        table.add_row(queue.name, str(waiting), str(queue.unacknowledged), str(queue.consumers))
    out.print(table)
    out.print()


def _show_stores(found: Findings) -> None:
    if found.stores is None:
        return
    table = plain_table("database", "unsent events", "oldest", "dead letters", "jobs", "unknown messages")
    for store in found.stores:
        table.add_row(
            store.service,
            str(store.unsent),
            f"{store.oldest_unsent_s:.0f} s" if store.oldest_unsent_s is not None else "–",
            str(store.dead_letters),
            ", ".join(f"{count} {state}" for state, count in store.jobs.items()) or "–",
            "–" if store.unknown_messages is None else str(store.unknown_messages),
        )
    out.print(table)
    out.print()
