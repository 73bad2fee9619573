"""./eshik audit: the audit as a file, judged without the services; and a proof that one entry is in it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer
from pymongo.errors import PyMongoError
from rich.markup import escape

from cli.console import fail, out, print_json
from cli.databases import running_databases
from cli.stack import the_stack
from deploy.local.environment import SERVICES

if TYPE_CHECKING:
    from shared.audit.verifying import Judged

HOLDS, BROKEN, NOT_ASKED = 0, 1, 2
SUBMIT = "application:submit"

_NOTHING_OUTSIDE = (
    "[yellow]![/] Nothing outside was compared: only the export's own checkpoints and key were used, and who rewrites a log "
    "writes those too. --checkpoints takes those that others kept."
)
_NOTHING_OUTSIDE_OF_A_PROOF = (
    "[yellow]![/] Nothing outside was compared: the key and the checkpoint are the proof's own, which anybody can make. "
    "--checkpoints takes those that others kept."
)

audit = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Export the audit, verify an export, prove an entry.")
AsJson = Annotated[bool, typer.Option("--json", help="For programs.")]


@audit.command("export")
def export(
    folder: Annotated[Path, typer.Argument(help="Where the files are written, one a service: audit-SERVICE.jsonl")],
    service: Annotated[str, typer.Option(help="Only this one.")] = "",
) -> None:
    """Write the log of each service with its checkpoints and public keys. Exit code 2 where the database does not answer."""
    from cli.audit_export import write_export

    if service and service not in SERVICES:
        fail(f"there is no service {service}; there are {', '.join(SERVICES)}", NOT_ASKED)
    folder.mkdir(parents=True, exist_ok=True)
    with running_databases(the_stack(), exit_code=NOT_ASKED) as databases:
        for name in [service] if service else SERVICES:
            count = write_export(databases[name], name, folder / f"audit-{name}.jsonl")
            out.print(f"audit-{name}.jsonl  {count} entries")


@audit.command("verify")
def verify(
    file: Annotated[Path, typer.Argument(help="An export, or a proof")],
    checkpoints: Annotated[Path | None, typer.Option(help="A folder with checkpoints and keys that others kept.")] = None,
    receipt: Annotated[Path | None, typer.Option(help="For a proof: the receipt, or the text of its promise.")] = None,
    as_json: AsJson = False,
) -> None:
    """Needs nothing of ours but this program. Exit code 0: it holds; 1: it does not, and the first entry at fault is named;
    2: it could not be judged."""
    from shared.audit.verifying import FORMAT, Kept, NotAnExport, judge

    try:
        with file.open("rb") as lines:
            first = lines.readline()
            lines.seek(0)
            if FORMAT.encode() not in first:
                _proof(file, checkpoints, receipt, as_json=as_json)
            kept = Kept.in_folder(checkpoints, str(json.loads(first)["service"])) if checkpoints else None
            judged = judge(lines, kept)
    except NotAnExport as wrong:
        _give_up(str(wrong), as_json=as_json)
    except IsADirectoryError:
        _give_up(f"{file.name} is a folder: name one of the files in it, each service has its own", as_json=as_json)
    except (OSError, ValueError, KeyError) as error:
        _give_up(f"{file.name} cannot be read ({type(error).__name__})", as_json=as_json)
    _tell(judged, has_kept=kept is not None, as_json=as_json)
    raise typer.Exit(BROKEN if judged.broken else HOLDS)


def _tell(judged: Judged, *, has_kept: bool, as_json: bool) -> None:
    broken = judged.broken
    if as_json:
        named = {"what": broken.what, "told": broken.told, "number": broken.number, "id": broken.id} if broken else None
        counted = {"service": judged.service, "entries": judged.entries, "checkpoints": judged.checkpoints}
        more = {"covered": judged.covered, "checked_against": judged.checked_against, "notes": judged.notes}
        print_json({"holds": broken is None, **counted, **more, "broken": named})
        return
    if broken:
        out.print(f"[red]✗[/] {judged.service}: {broken.what}: {escape(broken.told)}")
        if broken.id:
            out.print(f"  {escape(broken.id)}")
    else:
        mark = "[green]●[/]" if judged.checked_against else "[yellow]![/]"
        under = f"{judged.covered} of them under {judged.checkpoints} signed checkpoints"
        out.print(f"{mark} {judged.service}: {judged.entries} entries, each as it was written, {under}.")
    for note in judged.notes:
        out.print(f"[yellow]![/] {escape(note)}")
    if not has_kept:
        out.print(_NOTHING_OUTSIDE)


@audit.command("prove")
def prove(
    case: Annotated[str, typer.Argument(help="Id or reference of the application, or the file of a receipt")],
    to: Annotated[Path | None, typer.Option("--out", help="Where the proof is written; otherwise it is printed.")] = None,
) -> None:
    """Prove that a submission is in the audit: verify --receipt then checks it without us. Exit code 1: no checkpoint holds it
    yet; 2: it could not be asked."""
    import asyncio

    from cli.audit_export import prove_submission

    stack = the_stack()
    url = os.environ.get("ESHIK_MONGO_URL") or stack.ports.mongo_url
    try:
        proof = asyncio.run(prove_submission(url, os.environ.get("ESHIK_DATABASE_PREFIX", ""), _case_of(case)))
    except PyMongoError as error:
        fail(f"the database does not answer ({type(error).__name__}); ./eshik status says more", NOT_ASKED)
    except LookupError:
        fail("there is no such submission", NOT_ASKED)
    if proof is None:
        fail("no checkpoint holds it yet; the next one comes within minutes", BROKEN)
    text = json.dumps(proof, indent=1, ensure_ascii=False)
    if to:
        to.write_text(text + "\n", encoding="utf-8")
        out.print(f"{to.name}  entry {proof['number']}")
    else:
        print(text)


def _proof(file: Path, checkpoints: Path | None, receipt: Path | None, *, as_json: bool) -> NoReturn:
    from shared.audit.proving import NotProved, check_proof
    from shared.audit.verifying import Kept

    proof: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    kept = Kept.in_folder(checkpoints, str(proof["service"])) if checkpoints else None
    promise = _promise_in(receipt.read_text(encoding="utf-8")) if receipt else None
    try:
        proved = check_proof(proof, keys=kept.keys if kept else None, promise=promise)
        told = (
            f"entry {proved.number} is under checkpoint {proved.checkpoint.number} of {proved.checkpoint.at:%Y-%m-%d %H:%M} UTC"
        )
        holds = kept is None or proof["checkpoint"] in kept.texts
        compared = kept is not None and holds
        if not holds:
            told = "its checkpoint is not one of those that others kept"
    except NotProved as wrong:
        told, holds, compared = str(wrong), False, False
    if as_json:
        print_json({"holds": holds, "told": told, "compared_with_others": compared})
    else:
        mark = "[red]✗[/]" if not holds else "[green]●[/]" if compared else "[yellow]![/]"
        out.print(f"{mark} {escape(told)}")
        if holds and not compared:
            out.print(_NOTHING_OUTSIDE_OF_A_PROOF)
    raise typer.Exit(HOLDS if holds else BROKEN)


def _promise_in(text: str) -> str:
    """Of a receipt as the API answered it, or by itself."""
    stripped = text.strip()
    return str(json.loads(stripped)["promise"]) if stripped.startswith("{") else stripped


def _case_of(given: str) -> str:
    path = Path(given)
    if path.suffix == ".json" and path.exists():
        return str(json.loads(path.read_text(encoding="utf-8"))["id"])
    return given


def _give_up(problem: str, *, as_json: bool) -> NoReturn:
    if as_json:
        print(json.dumps({"holds": None, "problem": problem}, ensure_ascii=False))
        raise typer.Exit(NOT_ASKED)
    fail(problem, NOT_ASKED)
