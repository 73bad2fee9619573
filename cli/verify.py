"""./eshik verify FILE: is this file a paper of ours, whole and unchanged? Answered without network or stack."""

import asyncio
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from cryptography import x509
from rich.console import Console
from rich.table import Table

from deploy.local.places import places_from_environment
from services.documents.codes import codes_on_pages
from services.documents.seal import SealedFacts, SealKey, SealRefused, load_keys, open_seal, read_seal
from services.documents.verification import Reason, SealCheck, Verdict, Verification, verify_paper

VERDICTS = {
    Verdict.VALID: "Valid: signed by the document signer, unchanged since.",
    Verdict.EXPIRED: "Genuine and unchanged, but past its last day.",
    Verdict.ALTERED: "Altered: this is not what was signed.",
    Verdict.NOT_TRUSTED: "Not trusted: signed by someone else, or its seal is not ours.",
    Verdict.NOT_A_DOCUMENT: "Not a document of ours.",
}
UNSIGNED = "Not a signed document: a print, a copy or a scan cannot be checked this way."
REASONS = {
    Reason.NOT_A_PDF: "the file is no readable PDF",
    Reason.NOT_SIGNED: "it carries no signature: ask the register by number, date and check code",
    Reason.SEVERAL_SIGNATURES: "it carries more than our one signature",
    Reason.SIGNATURE_BROKEN: "the signature does not fit the content",
    Reason.CHANGED_AFTER_SIGNING: "something was added after signing",
    Reason.SIGNER_NOT_TRUSTED: "the signer is not under the root certificate given",
    Reason.CERTIFICATE_NOT_VALID_NOW: "the signer's certificate is not valid at this time",
    Reason.NOT_A_PAPER: "it is signed, but says nothing that our papers say",
    Reason.TERM_OVER: "its term is over",
    Reason.SEAL_NOT_CHECKED: "the printed seal was not checked (give --seal-keys)",
    Reason.SEAL_NOT_READ: "no single seal could be read off its pages",
    Reason.SEAL_REFUSED: "the printed seal is not signed by a key of the list",
    Reason.SEAL_DIFFERS: "the printed seal belongs to another document",
}
PRINTED_SEALS = {
    "genuine": "The printed seal is genuine; the rest of the page was not checked. It says:",
    "expired": "The printed seal is genuine, but its term is over; the rest of the page was not checked. It says:",
    "refused": "The printed seal is not genuine, or its key is not in the list.",
}


def verify(
    file: Annotated[Path, typer.Argument(help="The PDF to judge.", exists=True, dir_okay=False)],
    trust: Annotated[Path | None, typer.Option(help="Root certificates to trust (PEM); else the local stack's.")] = None,
    seal_keys: Annotated[Path | None, typer.Option(help="Seal key list (JSON): checks the printed code too.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Judge a document offline. Exit code 0: valid; 1: anything else; 2: the question itself was wrong."""
    stack_keys = places_from_environment().keys
    roots = _roots(trust or stack_keys / "test-root.pem")
    # the stack's own keys belong to the stack's own root: with another root nothing is assumed
    keys = _seal_keys(seal_keys, None if trust else stack_keys / "seal-keys.json")
    check = SealCheck(keys, codes_on_pages) if keys else None
    data, now = file.read_bytes(), datetime.now(UTC)
    result = asyncio.run(verify_paper(data, roots, now, check))
    printed = printed_seal(data, keys, now) if Reason.NOT_SIGNED in result.reasons else None
    if as_json:
        print(json.dumps(as_data(result, printed), ensure_ascii=False))
    else:
        _show(result, printed)
    raise typer.Exit(0 if result.verdict is Verdict.VALID else 1)


@dataclass(frozen=True, slots=True)
class PrintedSeal:
    """The one seal on the pages of an unsigned file: what it says when it is genuine. state: genuine, expired, refused."""

    state: str
    says: SealedFacts | None = None


def printed_seal(pdf: bytes, keys: dict[str, SealKey], at: datetime) -> PrintedSeal | None:
    """None where no keys are known or no single seal can be read."""
    codes = [code for code in codes_on_pages(pdf) if "/#" in code] if keys else []
    if len(codes) != 1:
        return None
    try:
        return PrintedSeal("genuine", open_seal(codes[0], keys, at))
    except SealRefused as error:
        if error.params["reason"] == "expired":
            return PrintedSeal("expired", read_seal(codes[0], keys))
        return PrintedSeal("refused")


def as_data(result: Verification, printed: PrintedSeal | None = None) -> dict[str, Any]:
    """The result for machines: codes, number and days; no personal data."""
    said = result.said
    return {
        "verification": result.verdict.value,
        "reasons": [reason.value for reason in result.reasons],
        "number": said.number if said else None,
        "kind": said.kind.value if said else None,
        "revision": said.revision if said else None,
        "issued_on": said.issued_on.isoformat() if said else None,
        "valid_until": said.valid_until.isoformat() if said and said.valid_until else None,
        "signer": result.signer,
        "seal": "valid" if result.sealed else "not_checked",
        "printed_seal": _printed_data(printed) if printed else None,
    }


def _printed_data(printed: PrintedSeal) -> dict[str, Any]:
    says = printed.says
    facts = {"number": says.number, "kind": says.kind.value, "issued_at": says.issued_at.isoformat()} if says else {}
    return {"state": printed.state, **facts}


def _roots(path: Path) -> list[x509.Certificate]:
    try:
        return x509.load_pem_x509_certificates(path.read_bytes())
    except OSError:
        raise typer.BadParameter(f"{path} cannot be read; give the root certificate with --trust") from None
    except ValueError:
        raise typer.BadParameter(f"{path} holds no PEM certificate") from None


def _seal_keys(given: Path | None, of_stack: Path | None) -> dict[str, SealKey]:
    listed = given or of_stack
    if listed is None or (given is None and not listed.exists()):
        return {}
    try:
        return load_keys(listed.read_bytes())
    except (OSError, ValueError, KeyError, TypeError):
        raise typer.BadParameter(f"{listed} is no seal key list") from None


def _show(result: Verification, printed: PrintedSeal | None) -> None:
    console = Console()
    colour = {Verdict.VALID: "green", Verdict.EXPIRED: "yellow"}.get(result.verdict, "red")
    words = UNSIGNED if Reason.NOT_SIGNED in result.reasons else VERDICTS[result.verdict]
    console.print(words, style=f"bold {colour}")
    for reason in result.reasons:
        console.print(f"  {REASONS[reason]}")
    table = Table(show_header=False, box=None)
    for name, value in as_data(result).items():
        if value is not None and name not in ("verification", "reasons", "printed_seal"):
            table.add_row(name.replace("_", " "), str(value))
    if result.said:
        console.print(table)
    if printed:
        _show_printed(console, printed)


def _show_printed(console: Console, printed: PrintedSeal) -> None:
    console.print(PRINTED_SEALS[printed.state])
    if says := printed.says:
        console.print(f"  {says.number}, {says.kind.value}, issued {says.issued_at:%Y-%m-%d} (UTC)", highlight=False)
