"""./eshik check and ./eshik test."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from cli.advisories import UnusableList, audit_locks, summary, told
from cli.bootstrap import Environment, ensure, environment_of_checkout
from cli.console import err, fail, out
from cli.lanes import Lane, Lanes
from cli.stack import the_stack
from deploy.local.browser import prepare_browser
from deploy.local.file_tools import prepare_scanner
from deploy.local.places import CHECKOUT, places_from_environment
from deploy.local.system import Obstacle

TYPED = ("shared", "services", "cli", "deploy")
FAST = ("unit", "contract", "architecture")
FOLDERS = {
    "unit": ["unit"],
    "contract": ["contract"],
    "architecture": ["architecture"],
    "integration": ["integration"],
    "fault": [
        "fault",
        "integration/test_dead.py",
        "integration/test_erasure.py",
        "integration/test_notifications_kills.py",
        "integration/test_ledger.py",
    ],
    "fuzz": ["fuzz"],
    "browser": ["browser"],
    "default": [*FAST, "integration", "fault", "fuzz", "browser"],
    "all": [*FAST, "integration", "fault", "fuzz", "browser", "judges"],
}
IN_LANES = ("default", "all")  # these run side by side, as tests wait a part of their time
LANES = 5
NO_TESTS_COLLECTED = 5


def check() -> None:
    """Fast checks: format, lint, types, imports, known faults of packages, then unit, contract and architecture tests."""
    tools = Path(sys.executable).parent
    steps: list[tuple[str, list[str | Path]]] = [
        ("format", [tools / "ruff", "format", "--check", "."]),
        ("lint", [tools / "ruff", "check", "."]),
        ("types", [tools / "mypy", "--strict", *_existing(TYPED)]),
        ("imports", [tools / "lint-imports"]),
        ("tests", _pytest(FAST, [])),
    ]
    failed = [name for name, command in steps if not _step(name, command)]
    faultless, not_audited = _advisories()
    failed += [] if faultless else ["advisories"]
    if failed:
        fail(f"these checks failed: {', '.join(failed)}")
    if not_audited:
        out.print(f"[yellow]●[/] All checks passed that could be made; {not_audited} packages of the locks were not audited.")
    else:
        out.print("[green]●[/] All checks passed.")


def run_tests(
    context: typer.Context,
    full: Annotated[bool, typer.Option("--full", help="Fault tests with their full counts, many more requests of fuzz.")] = False,
) -> None:
    """Run tests on a real broker and database of their own: ./eshik test [SUITE] [PYTEST'S OWN OPTIONS OR FILES]

    SUITE is unit, contract, architecture, integration, fault, fuzz, browser, or all. Without one: all seven, side by side.
    The suite "all" adds RabbitMQ 4 (fetched by debootstrap, needs root) and the independent judges of issued documents.
    Anything else is passed on to pytest, which then runs one test after the other, as in: ./eshik test unit -k form -x
    """
    suite, rest = _suite_and_rest(context.args)
    variables = {"ESHIK_TEST_FULL": "1"} if full else {}
    folders = FOLDERS[suite] if suite else []
    if suite not in FAST:
        try:
            the_stack().prepare_machine(_say)
            if "browser" in folders or any("tests/browser" in word for word in rest):
                _prepare_pages()
            if "integration" in folders:
                prepare_scanner(_say, the_stack().places.logs / "apt.log")
        except Obstacle as obstacle:
            fail(str(obstacle))
    if suite == "all":
        variables |= _prepare_all()
    if suite in IN_LANES and not rest:
        raise typer.Exit(Lanes(lanes_of(folders), variables, _print).run())
    raise typer.Exit(_run(_pytest(folders, rest), variables))


def lanes_of(folders: Sequence[str]) -> list[Lane]:
    """Each is given all of it: see cli/lane_queue.py."""
    return [Lane(str(number), _existing([f"tests/{folder}" for folder in folders])) for number in range(1, LANES + 1)]


def _suite_and_rest(words: Sequence[str]) -> tuple[str | None, list[str]]:
    """The suite, and what pytest is told; no suite where files are named."""
    first = words[0] if words else ""
    if first in FOLDERS:
        return first, list(words[1:])
    if first and not first.startswith("-") and not (CHECKOUT / first.partition("::")[0]).exists():
        fail(f"there is no suite {first}: choose one of {', '.join(FOLDERS)}, or name a test file", code=2)
    has_files = any((CHECKOUT / word.partition("::")[0]).exists() for word in words)
    return (None if has_files else "default"), list(words)


def _prepare_pages() -> None:
    """A browser, and the pages' style built: the tests of several lanes would wait for it. Raises Obstacle."""
    from cli.assets import ensure_assets

    prepare_browser(_say, the_stack().places.logs / "apt.log")
    ensure_assets(_say)


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


def _print(text: str) -> None:
    print(text, flush=True)  # as it is: pytest's own colours are in it


def _say(text: str) -> None:
    err.print("  " + text, style="dim", markup=False)


def _step(name: str, command: Sequence[str | Path]) -> bool:
    started = time.monotonic()
    done = subprocess.run([str(word) for word in command], cwd=CHECKOUT, capture_output=True, text=True, check=False)  # noqa: S603 (our own words, no shell)
    passed = done.returncode in (0, NO_TESTS_COLLECTED)
    mark = "[green]●[/]" if passed else "[red]●[/]"
    out.print(f"{mark} {name:<10}[dim]{time.monotonic() - started:5.1f} s[/]")
    if not passed:
        out.print((done.stdout + done.stderr).rstrip(), markup=False)
    return passed


def _advisories() -> tuple[bool, int]:
    """Whether no package of the locks has a known fault, and of how many nobody could say so."""
    started = time.monotonic()
    try:
        audit = audit_locks(datetime.now(UTC).date(), cache=places_from_environment().home / "advisories")
    except UnusableList as error:
        out.print("[red]●[/] advisories")
        out.print(str(error), markup=False)
        return False, 0
    colour = "red" if not audit.passed else "green" if audit.complete else "yellow"
    out.print(f"[{colour}]●[/] advisories[dim]{time.monotonic() - started:5.1f} s[/]  {summary(audit)}")
    for line in told(audit):
        out.print(f"  {line}", markup=False)
    return audit.passed, len(audit.not_audited)


def _pytest(folders: Sequence[str], extra: Sequence[str]) -> list[str | Path]:
    return [sys.executable, "-m", "pytest", "-q", *_existing([f"tests/{folder}" for folder in folders]), *extra]


def _existing(paths: Sequence[str]) -> list[str]:
    return [path for path in paths if (CHECKOUT / path).exists()]


def _run(command: Sequence[str | Path], variables: dict[str, str]) -> int:
    return subprocess.run([str(word) for word in command], cwd=CHECKOUT, env={**os.environ, **variables}, check=False).returncode  # noqa: S603 (pytest; what else is in it was typed by the developer who asked, and no shell)
