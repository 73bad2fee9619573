"""The files of the checkout, and what can be read from their source without running it."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
PARTS = ("services", "shared", "cli", "deploy", "tests")
ALSO = ("docs", "locks", ".ci")
NOT_OURS = {"__pycache__", "node_modules", ".venv"}
LOG_METHODS = {"debug", "info", "warning", "error", "exception", "critical"}
_LOG_EVENT = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")


def files(*folders: str, endings: tuple[str, ...] = (".py",)) -> list[Path]:
    """Files below the folders whose names end so; all endings where none is named."""
    found = [path for folder in folders for path in sorted((CHECKOUT / folder).rglob("*")) if path.is_file()]
    return [path for path in found if not NOT_OURS & set(path.parts) and (not endings or path.name.endswith(endings))]


def all_files() -> list[Path]:
    """Everything of the checkout but state, caches and version control."""
    top = [path for path in sorted(CHECKOUT.iterdir()) if path.is_file()]
    return top + files(*PARTS, *ALSO, endings=())


def relative(path: Path) -> str:
    return path.relative_to(CHECKOUT).as_posix()


def source(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def imports(text: str) -> set[str]:
    """Names of all modules that the source imports, wherever it does so."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


def calls(text: str) -> Iterator[tuple[str, ast.Call]]:
    """Each call with the last part of its name: run for transactions.run(...)."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Attribute):
                yield node.func.attr, node
            elif isinstance(node.func, ast.Name):
                yield node.func.id, node


def prints(text: str) -> list[int]:
    """Lines that call print."""
    return [node.lineno for name, node in calls(text) if name == "print" and isinstance(node.func, ast.Name)]


def restless_log_events(text: str) -> list[int]:
    """Lines that log something other than a static snake_case name."""
    return [node.lineno for name, node in calls(text) if name in LOG_METHODS and _is_log(node) and not _is_static(node)]


def docstring_fault(text: str) -> str | None:
    """Why the module's docstring is not one: it must begin with one sentence on one line that says what it is for."""
    if not text.strip():
        return None
    docstring = ast.get_docstring(ast.parse(text))
    if not docstring:
        return "no docstring"
    first, _, rest = docstring.partition("\n")
    if first[-1] not in ".:":
        return "the first line is not a whole sentence"
    return None if not rest or rest.startswith("\n") else "the first line is not followed by an empty one"


def _is_log(node: ast.Call) -> bool:
    return (
        isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name) and node.func.value.id in {"log", "logger"}
    )


def _is_static(node: ast.Call) -> bool:
    first = node.args[0] if node.args else None
    return isinstance(first, ast.Constant) and isinstance(first.value, str) and bool(_LOG_EVENT.fullmatch(first.value))
