"""./eshik check and ./eshik test."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from cli.bootstrap import Environment, ensure, environment_of_checkout
from cli.console import err, fail, out
from cli.stack import the_stack
from deploy.local.places import CHECKOUT
from deploy.local.system import Obstacle

TYPED = ("shared", "services", "cli", "deploy")
FAST = ("unit", "contract", "architecture")
FOLDERS = {
    "unit": ["unit"],
    "contract": ["contract"],
    "architecture": ["architecture"],
    "integration": ["integration"],
    "fault": ["fault"],
    "default": [*FAST, "integration", "fault"],
    "all": [*FAST, "integration", "fault", "judges"],
}
NO_TESTS_COLLECTED = 5


def check() -> None:
    """Fast checks: format, lint, types, imports, then unit, contract and architecture tests."""
    tools = Path(sys.executable).parent
    steps: list[tuple[str, list[str | Path]]] = [
        ("format", [tools / "ruff", "format", "--check", "."]),
        ("lint", [tools / "ruff", "check", "."]),
        ("types", [tools / "mypy", "--strict", *_existing(TYPED)]),
        ("imports", [tools / "lint-imports"]),
        ("tests", _pytest(FAST, [])),
    ]
    failed = [name for name, command in steps if not _step(name, command)]
    if failed:
        fail(f"these checks failed: {', '.join(failed)}")
    out.print("[green]●[/] All checks passed.")


def run_tests(
    context: typer.Context,
    full: Annotated[bool, typer.Option("--full", help="Fault tests with their full counts, as before a release.")] = False,
) -> None:
    """Run tests on a real broker and database of their own: ./eshik test [SUITE] [PYTEST'S OWN OPTIONS OR FILES]

    SUITE is unit, contract, architecture, integration, fault, or all. Without one: all of these five. The suite "all"
    adds RabbitMQ 4 (fetched by debootstrap, needs root) and the independent judges of issued documents.
    Anything else is passed on to pytest, as in: ./eshik test unit -k form -x
    """
    suite, rest = _suite_and_rest(context.args)
    variables = {"ESHIK_TEST_FULL": "1"} if full else {}
    if suite not in FAST:
        try:
            the_stack().prepare_machine(_say)
        except Obstacle as obstacle:
            fail(str(obstacle))
    if suite == "all":
        variables |= _prepare_all()
    raise typer.Exit(_run(_pytest(FOLDERS[suite] if suite else [], rest), variables))


def _suite_and_rest(words: Sequence[str]) -> tuple[str | None, list[str]]:
    """The suite, and what pytest is told; no suite where files are named."""
    first = words[0] if words else ""
    if first in FOLDERS:
        return first, list(words[1:])
    if first and not first.startswith("-") and not (CHECKOUT / first.partition("::")[0]).exists():
        fail(f"there is no suite {first}: choose one of {', '.join(FOLDERS)}, or name a test file", code=2)
    has_files = any((CHECKOUT / word.partition("::")[0]).exists() for word in words)
    return (None if has_files else "default"), list(words)


def _prepare_all() -> dict[str, str]:
    from deploy.local.trixie import prepare_root

    try:
        environment = environment_of_checkout()
        judges = Environment(environment.folder.with_name("judges"), environment.locks, environment.log)
        ensure(judges, "judges", _say)
        root = prepare_root(the_stack().places, _say)
    except Obstacle as obstacle:
        fail(str(obstacle))
    return {"ESHIK_TEST_RABBIT4_ROOT": str(root), "ESHIK_TEST_JUDGES_PYTHON": str(judges.python)}


def _say(text: str) -> None:
    err.print("  " + text, style="dim", markup=False)


def _step(name: str, command: Sequence[str | Path]) -> bool:
    started = time.monotonic()
    done = subprocess.run([str(word) for word in command], cwd=CHECKOUT, capture_output=True, text=True, check=False)
    passed = done.returncode in (0, NO_TESTS_COLLECTED)
    mark = "[green]●[/]" if passed else "[red]●[/]"
    out.print(f"{mark} {name:<10}[dim]{time.monotonic() - started:5.1f} s[/]")
    if not passed:
        out.print((done.stdout + done.stderr).rstrip(), markup=False)
    return passed


def _pytest(folders: Sequence[str], extra: Sequence[str]) -> list[str | Path]:
    return [sys.executable, "-m", "pytest", "-q", *_existing([f"tests/{folder}" for folder in folders]), *extra]


def _existing(paths: Sequence[str]) -> list[str]:
    return [path for path in paths if (CHECKOUT / path).exists()]


def _run(command: Sequence[str | Path], variables: dict[str, str]) -> int:
    return subprocess.run([str(word) for word in command], cwd=CHECKOUT, env={**os.environ, **variables}, check=False).returncode
