"""Write docs/benchmarks.md: tables, machine, picture, and the words of cli/bench/notes.md, from docs/benchmarks.json."""

from __future__ import annotations

import platform
import re
from collections.abc import Sequence
from importlib.metadata import packages_distributions, version
from pathlib import Path

import psutil

from cli.bench import picture
from cli.bench.report import number, with_spread
from cli.bench.summary import SUMMARIES, Line, Summary

CHECKOUT = Path(__file__).resolve().parents[2]
DATA, PAGE = CHECKOUT / "docs" / "benchmarks.json", CHECKOUT / "docs" / "benchmarks.md"
PICTURE = CHECKOUT / "docs" / "pictures" / "benchmarks.svg"
NOTES = Path(__file__).with_name("notes.md")
PACKAGES = ("pymongo", "aio-pika", "aiormq", "fastapi", "uvicorn", "uvloop", "pydantic", "SecantusDB", "faststream", "motor")
INSTALLED = {name.lower() for names in packages_distributions().values() for name in names}
RABBITMQ = Path("/usr/lib/rabbitmq/lib")
INTRODUCTION = """# Benchmarks

Written by `./eshik bench --write-docs`; the words about missed targets come from `cli/bench/notes.md`. Each workload runs
beside its floor: a bare script on PyMongo and aio-pika that does the same reads and writes, with the same bytes and the same
durability, on the same servers in the same minutes. Variants take turns (ABBA), each with a virtual host and databases of its
own. After every turn the effects are counted: a turn that lost or doubled one event fails the whole run.

`ratio` is ours / floor, a median of turns that stood beside each other, with the least and the most in brackets. For times
lower is better.
"""


def write(summaries: Sequence[Summary]) -> list[Path]:
    """Put what was measured now in the place of what was known, and write all three files. Out: them, from the checkout."""
    known = {one.name: one for one in SUMMARIES.validate_json(DATA.read_bytes())} if DATA.exists() else {}
    known |= {one.name: one for one in summaries}
    everything = sorted(
        known.values(), key=lambda one: [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", one.name)]
    )
    DATA.write_bytes(SUMMARIES.dump_json(everything, indent=1) + b"\n")
    picture.draw(everything, PICTURE)
    PAGE.write_text(text(everything, machine()), encoding="utf-8")
    return [path.relative_to(CHECKOUT) for path in (PAGE, PICTURE, DATA)]


def text(summaries: Sequence[Summary], machine: str) -> str:
    notes = notes_by_workload(NOTES.read_text(encoding="utf-8")) if NOTES.exists() else {}
    parts = [INTRODUCTION, machine, overview(summaries)]
    parts.append(f"![Each workload's speed beside its floor]({PICTURE.relative_to(PAGE.parent)})\n")
    for summary in summaries:
        parts.append(f"## {summary.name}: {summary.title}\n")
        per = "call" if summary.name == "driver" else "event"
        parts.append(f"{summary.repeats} turns of each variant, {summary.day}. CPU milliseconds per {per}:\n")
        parts.append(cpu_table(summary))
        if note := notes.get(summary.name):
            parts.append(f"{note}\n")
    if note := notes.get("all"):
        parts.append(f"## What these numbers cannot say\n\n{note}\n")
    return "\n".join(parts)


def overview(summaries: Sequence[Summary]) -> str:
    rows = [_row(line) for summary in summaries for line in summary.lines]
    head = "| figure | unit | ours | compared with | its figure | ratio | target | |"
    return "\n".join([head, "|---|---|---|---|---|---|---|---|", *rows, ""])


def _row(line: Line) -> str:
    sign = "≥" if line.better == "higher" else "≤"
    met = {True: "met", False: "**missed**", None: ""}[line.met]
    compared = with_spread(line.floor) if line.floor else ""
    ratio = with_spread(line.ratio) if line.ratio else ""
    target = f"{sign} {line.target:g}" if line.target is not None else ""
    cells = (f"{line.name}: {line.title}", line.unit, with_spread(line.ours), line.floor_is or "", compared, ratio, target, met)
    return f"| {' | '.join(cells)} |"


def cpu_table(summary: Summary) -> str:
    names = list(dict.fromkeys(name for spent in summary.cpu_ms.values() for name in spent))
    rows = [
        f"| {variant} | {' | '.join(number(spent[name]) if name in spent else '' for name in names)} |"
        for variant, spent in summary.cpu_ms.items()
    ]
    return "\n".join([f"| | {' | '.join(names)} |", "|---" * (len(names) + 1) + "|", *rows, ""])


def machine() -> str:
    """Cores, memory and versions; nothing by which the machine could be found."""
    found = re.search(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text(encoding="utf-8"))
    cpu = found.group(1).strip() if found else platform.machine()
    memory = round(psutil.virtual_memory().total / 1024**3)
    brokers = [f"RabbitMQ {found.name.partition('-')[2]}" for found in RABBITMQ.glob("rabbitmq_server-*")]
    versions = ", ".join(brokers + [f"{name} {version(name)}" for name in PACKAGES if name.lower() in INSTALLED])
    return (
        f"**Machine**: {psutil.cpu_count()} cores ({cpu}), {memory} GiB, shared with other work; clients, load and both servers "
        f"on it. Python {platform.python_version()}. **Versions**: {versions}.\n\n"
        "**Durability**: the database runs with `--sync-on-commit`, transactions with w=majority, j=true and snapshot reads; "
        "queues are quorum queues, messages persistent, each confirmed before its outbox row goes, each acknowledged after its "
        "effect is committed.\n"
    )


def notes_by_workload(written: str) -> dict[str, str]:
    """`# name` begins the words about a workload; `# all` those for the end."""
    parts = re.split(r"(?m)^# (.+)$", written)
    return {name.strip(): words.strip() for name, words in zip(parts[1::2], parts[2::2], strict=True)}
