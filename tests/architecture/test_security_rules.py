"""Ruff's security rules (S) hold everywhere; where one is set aside, the line says why."""

import re
import tomllib
from typing import Any

from tests.architecture import tree
from tests.architecture.tree import CHECKOUT, files, relative, source

SET_ASIDE = re.compile(r"# noqa: (?:[A-Z]+\d+, *)*S\d+\b(?! *\([^)]{5,}\))")
IN_TESTS = {"S101", "S105", "S106", "S311", "S603"}  # pyproject.toml says why


def lint() -> dict[str, Any]:
    found: dict[str, Any] = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["ruff"]["lint"]
    return found


def without_reason(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if SET_ASIDE.search(line)]


def security(rules: list[str]) -> set[str]:
    return {rule for rule in rules if re.fullmatch(r"S\d*", rule)}


def test_the_security_rules_are_chosen_and_set_aside_as_a_whole_only_in_tests_and_only_some() -> None:
    chosen = lint()
    assert "S" in chosen["select"]
    assert security(chosen["ignore"]) == set()
    assert {where: rules for where, given in chosen["per-file-ignores"].items() if (rules := security(given))} == {
        "tests/**": IN_TESTS
    }


def test_whoever_sets_a_security_rule_aside_says_why_in_the_line() -> None:
    assert [f"{relative(path)}: {line}" for path in files(*tree.PARTS) for line in without_reason(source(path))] == []


def test_a_rule_set_aside_without_a_word_would_be_seen() -> None:
    said, unsaid = (f"x()  # noqa: {rule}" for rule in ("S603 (our own words, no shell)", "S603"))
    assert without_reason(f"{said}\n{unsaid}\n{unsaid} ()") == [unsaid, f"{unsaid} ()"]
