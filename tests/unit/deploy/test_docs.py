"""What the documentation names is there: files, the names in them, links, commands, settings and tests."""

import ast
import re
from pathlib import Path

import pytest
from typer.main import get_command

from cli.__main__ import app

CHECKOUT = Path(__file__).resolve().parents[3]
PAGES = [CHECKOUT / "README.md", CHECKOUT / "docs" / "tour.md", *sorted((CHECKOUT / "docs" / "adr").glob("*.md"))]
ROOMS = ("cli/", "deploy/", "docs/", "locks/", "services/", "shared/", "tests/", ".ci/")


def every_page() -> list[object]:
    return [pytest.param(page, id=page.relative_to(CHECKOUT).as_posix()) for page in PAGES]


@pytest.mark.parametrize("page", every_page())
def test_every_file_that_is_named_exists_and_holds_what_is_said(page: Path) -> None:
    for word in _quoted(page):
        path, _, name = word.partition(":")
        if path.startswith(ROOMS) and " " not in path:
            assert (CHECKOUT / path).exists(), f"{path} is not there"
            assert not name or name in _names_in(CHECKOUT / path), f"{path} has no {name}"


@pytest.mark.parametrize("page", every_page())
def test_every_link_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s#]+)[^)]*\)", page.read_text(encoding="utf-8")):
        if not target.startswith(("http://", "https://")):
            assert (page.parent / target).exists(), f"{target} is not there"


@pytest.mark.parametrize("page", every_page())
def test_every_command_exists(page: Path) -> None:
    known = _commands()
    for first, second in re.findall(r"\./eshik ([a-z]+)(?: ([a-z]+))?", page.read_text(encoding="utf-8")):
        assert first in known, f"./eshik {first}"
        if known[first]:
            assert second in known[first], f"./eshik {first} {second}"


@pytest.mark.parametrize("page", every_page())
def test_every_test_that_is_named_exists(page: Path) -> None:
    """By its name, its file's, or file::name."""
    texts = {path.name: path.read_text(encoding="utf-8") for path in (CHECKOUT / "tests").rglob("test_*.py")}
    for word in (word for word in _quoted(page) if word.startswith("test_")):
        file, _, name = word.rpartition("::") if not word.endswith(".py") else (word, "", "")
        assert not file or file in texts, word
        assert not name or any(f"def {name}(" in text for text in ([texts[file]] if file else texts.values())), word


def test_each_decision_is_in_the_list_of_decisions() -> None:
    folder = CHECKOUT / "docs" / "adr"
    listed = set(re.findall(r"\((\d{4}-[^)]+\.md)\)", (folder / "README.md").read_text(encoding="utf-8")))
    assert listed == {path.name for path in folder.glob("0*.md")}


def _quoted(page: Path) -> list[str]:
    return re.findall(r"`([^`\n]+)`", page.read_text(encoding="utf-8"))


def _commands() -> dict[str, set[str]]:
    """Each command with its own commands, where it is a group."""
    commands = getattr(get_command(app), "commands", {})
    return {name: set(getattr(command, "commands", {})) for name, command in commands.items()}


def _names_in(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ClassDef):
            inner = (one for one in node.body if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef))
            found |= {node.name, *(f"{node.name}.{one.name}" for one in inner)}
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            found.add(node.name)
        elif isinstance(node, ast.Assign):
            found |= {target.id for target in node.targets if isinstance(target, ast.Name)}
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            found.add(node.target.id)
    return found
