"""docs/security.md names files and tests that exist, every item of the API Top 10 and every chapter of ASVS 5."""

import ast
import re

from tests.architecture.tree import CHECKOUT

PAGE = (CHECKOUT / "docs" / "security.md").read_text(encoding="utf-8")
ROOMS = ("cli/", "deploy/", "docs/", "services/", "shared/", "tests/")
QUOTED = [word for word in re.findall(r"`([^`\n]+)`", PAGE) if word.startswith(ROOMS) and " " not in word]


def functions_in(path: str) -> set[str]:
    found = ast.walk(ast.parse((CHECKOUT / path).read_text(encoding="utf-8")))
    return {node.name for node in found if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


def absent(words: list[str]) -> list[str]:
    """Of files and of file::test, those that are not there."""
    gone = [word for word in words if not (CHECKOUT / word.partition("::")[0]).exists()]
    tests = [word for word in words if "::" in word and word not in gone]
    return gone + [word for word in tests if word.partition("::")[2] not in functions_in(word.partition("::")[0])]


def test_every_file_and_test_that_is_named_exists() -> None:
    assert len(QUOTED) > 60
    assert absent(QUOTED) == []


def test_what_does_not_exist_would_be_seen() -> None:
    wrong = ["shared/nothing.py", "tests/architecture/test_security_page.py::test_nothing"]
    assert absent([*wrong, "shared/config.py"]) == wrong


def test_every_item_of_the_lists_has_a_line_with_a_mechanism_and_a_test() -> None:
    lines = PAGE.splitlines()
    for item in [*(f"API{number} " for number in range(1, 11)), *(f"V{number} " for number in range(1, 17))]:
        found = [line for line in lines if line.startswith(f"| {item}")]
        assert len(found) == 1, item
        assert "::test_" in found[0], item


def test_each_of_the_attempts_that_must_be_told_is_told() -> None:
    for attempt in ("forge a token", "read another's case", "approve alone", "in parallel", "edit and cut history"):
        assert attempt in PAGE


def test_whoever_finds_a_fault_is_told_whom_to_tell() -> None:
    text = (CHECKOUT / "SECURITY.md").read_text(encoding="utf-8")
    assert {"## Telling us", "## What is supported", "## What is in scope"} <= set(text.splitlines())
