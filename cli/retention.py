"""./eshik retention: how long what is kept, what falls due, and what the daily purge deleted."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any

import typer
from rich.markup import escape

from cli.console import fail, out, print_json, show_rows
from cli.databases import stack_now
from cli.kernel_databases import with_databases
from cli.stack import the_stack
from deploy.local.environment import SERVICES
from shared.mongo.database import Database
from shared.mongo.purge_job import Preview, Retention, preview
from shared.mongo.purging import REPORTS
from shared.retention.rules import KindRule

MOST_LINES = 1_000


def retention(
    report: Annotated[bool, typer.Option("--report", help="What was deleted by which rule, the newest first.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="What a purge would delete now, and what would be held back.")
    ] = False,
    days: Annotated[int, typer.Option("--in-days", min=0, max=36_500, help="With --dry-run: as of so many days from now.")] = 0,
    lines: Annotated[int, typer.Option("--show", min=1, max=MOST_LINES, help="With --report: lines for each service.")] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """How long each service keeps what. Without an option it tells the rules, which are data, and nothing needs to run."""
    if report and dry_run:
        fail("--report says what was, and --dry-run what would be: choose one")
    if report:
        _tell_reports(with_databases(lambda databases: reports(databases, lines)), as_json=as_json)
    elif dry_run:
        now = stack_now(the_stack()) + timedelta(days=days)
        _tell_previews(with_databases(lambda databases: previews(databases, now)), as_json=as_json)
    else:
        _tell_rules(rules_of_all(), as_json=as_json)


def retention_of(service: str) -> Retention:
    """As the service itself has it. Raises RulesUnusable."""
    from importlib import import_module  # here: it loads the service's own rules

    found: Retention = import_module(f"services.{service}.retention").retention()
    return found


def rules_of_all() -> dict[str, Mapping[str, KindRule]]:
    now = stack_now(the_stack())
    return {service: retention_of(service).on(now).kinds for service in SERVICES}


async def reports(databases: Mapping[str, Database], lines: int) -> dict[str, list[dict[str, Any]]]:
    """By service. Raises PyMongoError."""
    return {
        name: await database.db[REPORTS].find().sort([("began_at", -1), ("_id", 1)]).limit(lines).to_list()
        for name, database in databases.items()
    }


async def previews(databases: Mapping[str, Database], now: datetime) -> dict[str, dict[str, Preview]]:
    """By service and kind. Changes nothing. Raises PyMongoError."""
    found: dict[str, dict[str, Preview]] = {}
    for name, database in databases.items():
        of = retention_of(name)
        kinds = of.on(now).kinds
        found[name] = {one.kind: await preview(database.db, one, kinds[one.kind], now) for one in of.purged}
    return found


def _tell_rules(found: Mapping[str, Mapping[str, KindRule]], *, as_json: bool) -> None:
    if as_json:
        print_json(
            {
                service: {name: {"version": kind.version, **kind.rule.model_dump(mode="json")} for name, kind in kinds.items()}
                for service, kinds in found.items()
            }
        )
        return
    of_all = set.intersection(*(set(kinds) for kinds in found.values()))
    first = next(iter(found.values()))
    parts = {"every service": {name: first[name] for name in first if name in of_all}}
    parts |= {service: {name: kind for name, kind in kinds.items() if name not in of_all} for service, kinds in found.items()}
    for title, kinds in parts.items():
        out.print(f"[bold]{title}[/]")
        show_rows([_rule_row(kind) for kind in kinds.values()], ["kind", "kept for", "from", "then", "by", "", "source"])
        out.print()
    out.print("D: decided by us, for no source names a term; an officer of the ministry must check it before it is used.")


def _rule_row(kind: KindRule) -> list[str]:
    rule = kind.rule
    term = rule.keep_for or "for ever" if rule.then != "destroy-keys" else "until erased"
    who = rule.by if rule.collections else "nothing is kept yet"
    return [kind.kind, term, rule.counted_from or "", rule.then, who, rule.certainty, escape(rule.source)]


def _tell_reports(found: Mapping[str, list[dict[str, Any]]], *, as_json: bool) -> None:
    if as_json:
        print_json(found)
        return
    rows = [[service, *_report_row(row)] for service, rows in found.items() for row in rows]
    if not rows:
        out.print("No purge has run yet: the first is due in the night after the first start.")
        return
    show_rows(rows, ["service", "run", "kind", "rule", "kept for", "deleted", "closed between", "held back", "took", "state"])


def _report_row(row: Mapping[str, Any]) -> list[str]:
    between = f"{row['closed_from']:%Y-%m-%d} and {row['closed_to']:%Y-%m-%d}" if row["closed_from"] else ""
    took = f"{row['duration_ms'] / 1000:.1f} s" if row["duration_ms"] is not None else ""
    state = row["state"] if row["tries"] == 1 else f"{row['state']}, {row['tries']} tries"
    return [row["run"], row["kind"], row["rule"], row["keep_for"], str(row["deleted"]), between, _held(row["held"]), took, state]


def _tell_previews(found: Mapping[str, Mapping[str, Preview]], *, as_json: bool) -> None:
    if as_json:
        print_json(
            {
                service: {kind: {"due": one.due, "held": dict(one.held)} for kind, one in kinds.items()}
                for service, kinds in found.items()
            }
        )
        return
    rows = [[service, kind, str(one.due), _held(one.held)] for service, kinds in found.items() for kind, one in kinds.items()]
    show_rows(rows, ["service", "kind", "would be deleted", "held back"])


def _held(held: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {reason}" for reason, count in sorted(held.items()))
