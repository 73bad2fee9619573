"""The kinds of legal holds, read from their data file."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Literal

LANGUAGES = ("ky", "ru", "en")
TAKEN_BACK = "taken-back"  # in place of a kind: the person took the request back before anything was destroyed


@dataclass(frozen=True, slots=True)
class HoldKind:
    """by-hand: placed on a case and released by an operator. by-rule: a service sees it in its own data, by the catalogue's
    services where it names some. account_stays: while it lasts in applications, nothing is destroyed anywhere. texts: what the
    person is told, by language."""

    name: str
    placed: Literal["by-hand", "by-rule"]
    why: str
    source: str
    account_stays: bool = True
    services: tuple[str, ...] = ()
    texts: Mapping[str, str] = field(default_factory=dict)


@cache
def hold_kinds() -> Mapping[str, HoldKind]:
    read = tomllib.loads((Path(__file__).parent / "legal_holds.toml").read_text(encoding="utf-8"))
    return {name: _kind(name, fields) for name, fields in read.items()}


def account_stays(held_for: Iterable[str]) -> bool:
    """Whether one of these kinds keeps everything as it is. One that this release does not know does."""
    kinds = hold_kinds()
    return any(kind not in kinds or kinds[kind].account_stays for kind in held_for)


def kinds_in(held_for: str | None) -> list[str]:
    """As an answer of a service names them, with commas."""
    return held_for.split(",") if held_for else []


def _kind(name: str, fields: dict[str, object]) -> HoldKind:
    texts = {language: str(fields.pop(language)) for language in LANGUAGES}
    services = fields.pop("services", ())
    return HoldKind(name, services=tuple(services), texts=texts, **fields)  # type: ignore[arg-type]
