"""The kinds of legal holds, read from their data file."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal


@dataclass(frozen=True, slots=True)
class HoldKind:
    """by-hand: placed on a case and released by an operator. by-rule: a service sees it in its own data, by the catalogue's
    services where it names some."""

    name: str
    placed: Literal["by-hand", "by-rule"]
    why: str
    source: str
    services: tuple[str, ...] = ()


@cache
def hold_kinds() -> dict[str, HoldKind]:
    read = tomllib.loads((Path(__file__).parent / "legal_holds.toml").read_text(encoding="utf-8"))
    return {name: HoldKind(name, **fields | {"services": tuple(fields.get("services", ()))}) for name, fields in read.items()}
