"""How the command speaks: results to stdout, what happens meanwhile to stderr."""

from __future__ import annotations

import json
from typing import NoReturn

import typer
from rich.console import Console
from rich.table import Table

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


def plain_table(*columns: str) -> Table:
    """A table without frames; columns without a heading stay without one."""
    table = Table(box=None, pad_edge=False, show_header=any(columns), header_style="dim", padding=(0, 3, 0, 0))
    for column in columns:
        table.add_column(column, overflow="fold")
    return table
