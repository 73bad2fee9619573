"""The table of docs/guarantees.md and the record of full runs: read, compared with the tests, and written."""

import ast
import fcntl
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from typing import Any

from deploy.local.places import CHECKOUT, write_whole

TABLE = CHECKOUT / "docs" / "guarantees.md"
RUNS = CHECKOUT / "docs" / "fault_runs.json"
TESTS = CHECKOUT / "tests" / "fault"
NOT_YET = "not yet"
HEAD = re.compile(r"\| no\. \| guarantee \|")
CODE = re.compile(r"`([^`]+)`")
NUMBERS = ("attempted", "acknowledged", "recovered", "lost", "doubled", "unexpected", "redelivered")

Runs = dict[str, dict[str, Any]]  # by "file.py::test_function"


@dataclass(frozen=True, slots=True)
class Row:
    """One line: numbers of the guarantees it holds, the files and tests it names, and what its last column says."""

    numbers: frozenset[int]
    guarantee: str
    files: tuple[str, ...]
    tests: tuple[str, ...]
    without: str
    last_full_run: str


def rows(text: str) -> list[Row]:
    """The lines of the table that begins with HEAD. Raises ValueError where one has not six cells."""
    found = []
    for line in _table_lines(text):
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        if len(cells) != 6:
            raise ValueError(f"not six cells: {line[:80]}")
        numbers, guarantee, mechanism, tests, without, last = cells
        paths = tuple(path for path in CODE.findall(mechanism) if "/" in path)
        found.append(Row(_numbers(numbers), guarantee, paths, tuple(CODE.findall(tests)), without, last))
    return found


def _numbers(cell: str) -> frozenset[int]:
    return frozenset(int(number) for number in re.findall(r"\d+", cell))


def fault_tests() -> Iterator[str]:
    """Every test function of tests/fault, as file.py::test_function."""
    for path in sorted(TESTS.glob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
                yield f"{path.name}::{node.name}"


def runs() -> Runs:
    return dict(json.loads(RUNS.read_text(encoding="utf-8"))) if RUNS.exists() else {}


def last_full_run(tests: tuple[str, ...], recorded: Mapping[str, Mapping[str, Any]]) -> str:
    """What the last column says: the oldest of the tests' days, their time and their counts taken together."""
    known = [recorded[test] for test in tests if test in recorded]
    if not known or len(known) < len(tests):
        return NOT_YET
    if failed := [run["day"] for run in known if not run["passed"]]:
        return f"failed on {max(failed)}"
    total = {name: sum(run["counts"].get(name, 0) for run in known) for name in NUMBERS}
    counted = ", ".join(f"{total[name]} {name}" for name in NUMBERS if total[name] or name in ("lost", "doubled"))
    took = f"{min(run['day'] for run in known)}, {sum(run['seconds'] for run in known)} s"
    return f"{took}: {counted}" if total["attempted"] else took


def record(fresh: Runs) -> None:
    """Add the outcome of a full run, and write the table's last column anew."""
    with (CHECKOUT / ".eshik" / "fault-runs.lock").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)  # lanes side by side
        known = {test: run for test, run in (runs() | fresh).items() if test in set(fault_tests())}
        write_whole(RUNS, json.dumps(dict(sorted(known.items())), indent=1) + "\n", 0o644)
        write_whole(TABLE, with_last_full_runs(TABLE.read_text(encoding="utf-8"), known), 0o644)


def with_last_full_runs(text: str, recorded: Mapping[str, Mapping[str, Any]]) -> str:
    """The table with its last column as the record has it."""
    for row, line in zip(rows(text), _table_lines(text), strict=True):
        before, _, _ = line.rstrip("| ").rpartition(" | ")
        text = text.replace(line, f"{before} | {last_full_run(row.tests, recorded)} |")
    return text


def _table_lines(text: str) -> list[str]:
    lines = text.splitlines()
    start = next(number for number, line in enumerate(lines) if HEAD.match(line))
    return list(takewhile(lambda line: line.startswith("|"), lines[start + 2 :]))


def function_of(nodeid: str) -> str:
    """file.py::test_function of a pytest node id, whatever its parameters."""
    path, _, name = nodeid.partition("::")
    return f"{Path(path).name}::{name.partition('[')[0]}"
