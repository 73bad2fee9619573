"""How the command speaks: results to stdout, what happens meanwhile to stderr."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import NoReturn

import typer
from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)


def fail(text: str, code: int = 1) -> NoReturn:
    """Say in one line what is wrong, and end."""
    err.print("eshik:", style="red", end=" ")
    err.print(text, markup=False)
    raise typer.Exit(code)


def print_json(content: object) -> None:
    """For programs: plain JSON, nothing else on stdout."""
    print(json.dumps(content, ensure_ascii=False, indent=2, default=str))


def counted(count: int, noun: str) -> str:
    """1 draft, 2 drafts, 1,200 drafts."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def show_rows(rows: Sequence[Sequence[str]], headings: Sequence[str] = ()) -> None:
    """Columns as wide as their content, never folded: addresses stay whole for copying. Cells may carry rich markup."""
    head = [[f"[dim]{heading}[/]" for heading in headings]] if headings else []
    lines = [[Text.from_markup(cell) for cell in row] for row in [*head, *rows]]
    widths = [max(cell_len(cell.plain) for cell in column) for column in zip(*lines, strict=True)]
    for line in lines:
        shown = Text()
        for cell, width in zip(line, widths, strict=True):
            shown.append_text(cell)
            shown.append(" " * (width - cell_len(cell.plain) + 3))
        shown.rstrip()
        out.print(shown)
