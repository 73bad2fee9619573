"""The texts for people that stand in the tree: what N_() marks in Python, _() in templates, and the catalogue's data files."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jinja2
from jinja2 import nodes

from deploy.local.places import CHECKOUT

# keys of catalogue/**/*.toml whose values are shown to people and stand in the .po files
DATA_KEYS = ("title", "summary", "guidance", "label", "hint", "text", "remark", "each")


class NotALiteral(Exception):
    """N_() around something that is not one literal string, so that no tool can find its text."""


def folders(root: Path = CHECKOUT) -> list[Path]:
    """The parts of the tree that have texts of their own: shared, and each service."""
    return [root / "shared", *sorted(path.parent for path in (root / "services").glob("*/app.py"))]


def msgids(folder: Path) -> list[str]:
    """Each text once, in the order of files and lines. Raises NotALiteral, naming the place."""
    found: dict[str, None] = {}
    for path in sorted(folder.rglob("*.py")):
        found |= dict.fromkeys(marked(path.read_text(encoding="utf-8"), path.relative_to(folder).as_posix()))
    for path in sorted((folder / "templates").rglob("*.html")):
        found |= dict.fromkeys(in_template(path.read_text(encoding="utf-8"), path.relative_to(folder).as_posix()))
    for path in sorted((folder / "catalogue").rglob("*.toml")):
        found |= dict.fromkeys(_in_data(tomllib.loads(path.read_text(encoding="utf-8"))))
    return list(found)


def marked(source: str, where: str) -> Iterator[str]:
    """The texts that N_() marks in one source."""
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call) and _is_mark(node.func)]
    for call in sorted(calls, key=lambda node: (node.lineno, node.col_offset)):
        text = call.args[0] if len(call.args) == 1 else None
        if not (isinstance(text, ast.Constant) and isinstance(text.value, str)):
            raise NotALiteral(f"{where}:{call.lineno}")
        yield text.value


def in_template(source: str, where: str) -> Iterator[str]:
    """The texts that _() translates in one Jinja2 template. _(variable) is fine: what it holds is marked elsewhere."""
    tree = jinja2.Environment(autoescape=True).parse(source, filename=where)
    calls = [call for call in tree.find_all(nodes.Call) if isinstance(call.node, nodes.Name) and call.node.name == "_"]
    for call in sorted(calls, key=lambda call: call.lineno):
        if not call.args or isinstance(call.args[0], nodes.Concat | nodes.Add | nodes.TemplateData):
            raise NotALiteral(f"{where}:{call.lineno}")
        if isinstance(call.args[0], nodes.Const):
            yield str(call.args[0].value)


def _is_mark(function: ast.expr) -> bool:
    return isinstance(function, ast.Name) and function.id == "N_"


def _in_data(part: Any) -> Iterator[str]:
    if isinstance(part, list):
        for each in part:
            yield from _in_data(each)
    elif isinstance(part, dict):
        for key, value in part.items():
            if key in DATA_KEYS and isinstance(value, str):
                yield value
            else:
                yield from _in_data(value)
