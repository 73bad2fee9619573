"""The reasons of reasons.toml: for which somebody may look at a person's data, in three languages."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

WORKING = "working-the-case"
OWN_ACT = "own-act"  # the page that follows an act says it, for a minute

UNCHOSEN = frozenset({WORKING, OWN_ACT})  # an officer may say them, and they are not believed by the word alone


@dataclass(frozen=True, slots=True)
class Reason:
    """given_by: who may give it. chosen: a list offers it; the others are known by themselves."""

    code: str
    given_by: Literal["officer", "service", "operator", "citizen"]
    chosen: bool
    texts: Mapping[str, str]


@cache
def all_reasons() -> Mapping[str, Reason]:
    data = tomllib.loads((Path(__file__).parent / "reasons.toml").read_text(encoding="utf-8"))
    return {
        code: Reason(code, row["for"], row["chosen"], {name: row[name] for name in ("ky", "ru", "en")})
        for code, row in data["reasons"].items()
    }


def reasons_to_choose() -> list[Reason]:
    """What an officer who looks at a case that is not theirs must choose from."""
    return [reason for reason in all_reasons().values() if reason.chosen]


def text_of(code: str | None, language: str) -> str:
    """Empty for none, and the code itself for one that this release does not know."""
    if code is None:
        return ""
    reason = all_reasons().get(code)
    return reason.texts[language] if reason else code
