"""What a soak prints: tables for a person, one line of JSON for a program."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

from rich.markup import escape

from cli.console import err, out, show_rows
from cli.soak.run import ALARM, Ledger, Result
from cli.soak.schedule import TARGETS

SHOWN = 30  # wrong things; the rest is counted
KINDS = ("kill", "freeze", "end")
COUNTERS = ("attempted", "acknowledged", "lost", "duplicated", "recovered", "unexpected")
EVERY_S = 10.0


class Progress:
    """One line that changes on a terminal; elsewhere a line every ten seconds, and each new stage."""

    def __init__(self) -> None:
        self._status = err.status("starting a stack of its own")
        self._shown_at = 0.0
        self._stage = ""

    def __enter__(self) -> Progress:
        if err.is_terminal:
            self._status.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._status.stop()

    def tell(self, text: str) -> None:
        if text.startswith(ALARM):
            err.print(f"  [red]{ALARM}[/]{escape(text.removeprefix(ALARM))}")
            return
        if err.is_terminal:
            self._status.update(escape(text))
            return
        stage = text.partition(" ")[2].partition(",")[0] if text[:1].isdigit() else text.partition(":")[0]
        if stage != self._stage or time.monotonic() - self._shown_at >= EVERY_S:
            self._stage, self._shown_at = stage, time.monotonic()
            err.print("  " + text, markup=False)


def show(result: Result, kept: Path | None) -> None:
    _show_faults(result)
    _show_acts(result)
    _show_verdict(result)
    if kept:
        out.print("\nLogs and data are kept:", end=" ")
        out.print(str(kept / "logs"), markup=False)


def _show_faults(result: Result) -> None:
    done = result.injected.done
    rows = [
        [
            target,
            *(str(done[target, kind]) for kind in KINDS),
            str(result.restarts.get(target, 0)),
            f"{result.injected.slowest_s[target]:.1f} s" if target in result.injected.slowest_s else "–",
        ]
        for target in TARGETS
    ]
    show_rows(rows, ["faults", "killed", "frozen", "told to end", "restarts", "longest to serve again"])
    crashed = ", ".join(f"{point} {count}" for point, count in sorted(result.injected.crashed.items())) or "none"
    out.print(f"crashes at a named point: {crashed}; found down already: {result.injected.missed}\n")


def _show_acts(result: Result) -> None:
    columns = ("attempted", "acknowledged", "refused", "unknown")
    rows = [[name, *(str(counts[column]) for column in columns)] for name, counts in result.history.by_name().items()]
    show_rows(rows, ["acts", *columns])
    history = result.history
    out.print(
        f"{history.reads} reads; requests without an answer {history.unanswered}; refusals that were right {history.refusals}\n"
    )


def _show_verdict(result: Result) -> None:
    verdict = result.verdict
    out.print(", ".join(f"{name} {getattr(verdict, name)}" for name in COUNTERS))
    there = f"{verdict.cases} cases, {verdict.documents} documents, {verdict.messages} messages"
    out.print(f"{there} ({verdict.unknown_messages} declared unknown); worked off after {result.settled_s:.0f} s of calm")
    for one in verdict.wrong[:SHOWN]:
        out.print(f"[red]●[/] {one.fault}: {escape(one.what)} [dim]{escape(one.about)}[/]")
    if len(verdict.wrong) > SHOWN:
        out.print(f"  and {len(verdict.wrong) - SHOWN} more")
    _show_ledger(result.ledger)
    out.print(f"[green]●[/] seed {result.seed} holds" if result.holds else f"[red]●[/] seed {result.seed} does not hold")


def _show_ledger(ledger: Ledger) -> None:
    out.print(f"the ledger: {sum(rule['holds'] for rule in ledger.rules)} of {len(ledger.rules)} rules hold")
    if ledger.text:
        out.print(ledger.text, markup=False)
    for rule in ledger.rules:
        if not rule["holds"]:
            out.print(f"[red]●[/] {escape(rule['about'])}: {escape(rule['rule'])}, {rule['faults']} faults")
            for fault in rule["ids"]:
                out.print(f"  {escape(fault['what'])} [dim]{escape(fault['id'])}[/]")


def as_json(result: Result, kept: Path | None) -> str:
    verdict = result.verdict
    content: dict[str, Any] = {
        "seed": result.seed,
        "minutes": result.minutes,
        "holds": result.holds,
        **{name: getattr(verdict, name) for name in COUNTERS},
        "unsettled": verdict.unsettled,
        "cases": verdict.cases,
        "documents": verdict.documents,
        "messages": verdict.messages,
        "unknown_messages": verdict.unknown_messages,
        "unanswered": result.history.unanswered,
        "faults": {f"{kind} {target}": count for (target, kind), count in sorted(result.injected.done.items())},
        "crashes": dict(sorted(result.injected.crashed.items())),
        "longest_to_serve_again_s": result.injected.slowest_s,
        "restarts": result.restarts,
        "settled_s": result.settled_s,
        "acts": {name: dict(counts) for name, counts in result.history.by_name().items()},
        "wrong": [{"fault": one.fault, "about": one.about, "what": one.what} for one in verdict.wrong],
        "ledger": {"holds": result.ledger.holds, "rules": len(result.ledger.rules), "faults": result.ledger.faults},
        "logs": str(kept / "logs") if kept else None,
    }
    return json.dumps(content, ensure_ascii=False)
