"""Codes in words, from words.toml: acts of the audit, roles, who acts, services, reasons. Without words the code is shown."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Literal

from shared.audit.reasons import all_reasons

Kind = Literal["acts", "roles", "who", "services", "reasons"]


@cache
def all_words() -> Mapping[Kind, Mapping[str, Mapping[str, str]]]:
    """By kind, code and language."""
    read: dict[Kind, dict[str, Mapping[str, str]]] = tomllib.loads(
        (Path(__file__).parent / "words.toml").read_text(encoding="utf-8")
    )  # type: ignore[assignment]
    read["reasons"] = {code: reason.texts for code, reason in all_reasons().items()} | read["reasons"]
    return read


def word(code: str | None, language: str, kind: Kind) -> str:
    """Empty for none."""
    if not code:
        return ""
    known = all_words()[kind].get(code)
    return known[language] if known else code


def choices(kind: Kind, language: str) -> list[tuple[str, str]]:
    """Each code with its words, in the order of the alphabet; of codes with the same words the first one."""
    seen: dict[str, str] = {}
    for code, texts in all_words()[kind].items():
        seen.setdefault(texts[language], code)
    return sorted(((code, text) for text, code in seen.items()), key=lambda each: each[1].casefold())
