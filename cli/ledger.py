"""./eshik ledger: whether nothing is lost and nothing made up, over the whole system, also while it works."""

from __future__ import annotations

import os
from typing import Annotated, Any

import typer
from rich.markup import escape

from cli.console import out, print_json, show_rows
from cli.databases import stack_now
from cli.findings import management_url
from cli.kernel_databases import with_databases
from cli.stack import the_stack
from shared.ledger import Side, Verdict
from shared.mongo.database import Database


def ledger(
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
    shown: Annotated[int, typer.Option("--show", min=1, help="Ids shown for each rule; all are counted.")] = 20,
) -> None:
    """Compare what each part says must be there with what is there, by ids.

    Ends with exit code 1 where a rule does not hold, and names the ids.
    """
    from cli.ledger_reading import Page, queued_at, read_all  # here: it loads the services' own rules

    stack = the_stack()

    async def read(databases: dict[str, Database]) -> list[Page]:
        url = management_url(stack, os.environ)
        rabbit_url = os.environ.get("ESHIK_RABBIT_URL", "")
        return await read_all(databases, stack_now(stack), lambda: queued_at(url, rabbit_url))

    pages = with_databases(read)
    holds = all(verdict.holds for page in pages for verdict in page.verdicts)
    if as_json:
        print_json({"holds": holds, "rules": [_as_data(page.about, v, shown) for page in pages for v in page.verdicts]})
    else:
        for page in pages:
            out.print(f"[bold]{page.about}[/]")
            show_rows([_row(verdict) for verdict in page.verdicts], ["", "rule", "must be there", "", "is there"])
            _show_more(page.verdicts, shown)
            out.print()
        out.print("[green]●[/] All of it holds." if holds else "[red]●[/] Something does not hold.")
    raise typer.Exit(0 if holds else 1)


def _row(verdict: Verdict) -> list[str]:
    mark = "[green]●[/]" if verdict.holds else "[red]●[/]"
    return [mark, verdict.rule, escape(_equation(verdict.left)), "=", escape(_equation(verdict.right))]


def _equation(side: Side) -> str:
    return " + ".join(f"{count} {name}" for name, count in side.counts.items())


def _show_more(verdicts: list[Verdict], shown: int) -> None:
    for verdict in verdicts:
        out.print(f"[dim]  {verdict.rule}: {escape(verdict.left.source)} = {escape(verdict.right.source)}[/]")
        for note in verdict.notes:
            out.print(f"  {escape(note)}")
        for fault in verdict.faults[:shown]:
            out.print(f"  [red]{escape(fault.id)}[/] {escape(fault.what)}")
        if len(verdict.faults) > shown:
            out.print(f"  … and {len(verdict.faults) - shown} more")


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
