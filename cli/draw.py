"""./eshik draw verify FILE: draws again from what was published of a fair draw, without network or stack."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.console import out
from services.applications.domain.fair_draw import faults

draw = typer.Typer(
    help="Fair draws of appointments, as files that anybody can check.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@draw.callback()
def _several() -> None:
    """One command by its own name, so that others can stand beside it."""


@draw.command()
def verify(
    file: Annotated[Path, typer.Argument(help="What was published of the draw (JSON).", exists=True, dir_okay=False)],
    commitment: Annotated[str | None, typer.Option(help="As its page said before it was open.")] = None,
    codes: Annotated[str | None, typer.Option(help="The digest of all codes, as its page said once it was closed.")] = None,
    code: Annotated[str | None, typer.Option(help="Your own code: says which place and time it got.")] = None,
) -> None:
    """Exit code 0: it was fair by what it says; 1: something does not hold; 2: this is no publication of a draw."""
    try:
        published = json.loads(file.read_text(encoding="utf-8"))
        found = faults(published, commitment_before=commitment, codes_before=codes)
    except (ValueError, KeyError, TypeError, AttributeError):
        out.print("This is no publication of a draw.")
        raise typer.Exit(2) from None
    for fault in found:
        out.print(f"✗ {fault}", markup=False)
    if found:
        raise typer.Exit(1)
    given = sum(row["slot"] is not None for row in published["result"])
    entries, slots = len(published["entries"]), len(published["slots"])
    out.print(f"It holds: drawn again, {entries} entries and {slots} times give the same result; {given} got a time.")
    if commitment is None or codes is None:
        out.print("Not compared: what was published before. Give --commitment and --codes, as you noted them.")
    if code:
        out.print(_of(code, published["result"]), markup=False)


def _of(code: str, result: list[dict[str, Any]]) -> str:
    row = next((row for row in result if row["code"] == code), None)
    if row is None:
        return f"{code} is not among the entries."
    return f"{code}: place {row['place']}, {row['slot'] or 'no time'}."
