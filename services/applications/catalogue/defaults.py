"""Values of ours (mark D) in the files that all services share: hours, districts, rates, days to appeal, and the like."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from services.applications.catalogue.files import toml


def shared_defaults(folder: Path) -> list[str]:
    """Where each stands, as casework.toml: appeal. Raises CatalogueError."""
    files = [path for path in sorted(folder.rglob("*.toml")) if path.parent.name != "services" and path.name != "planned.toml"]
    return [f"{path.name}: {where}" for path in files for where in _marked(toml(path), "")]


def _marked(part: Any, where: str) -> Iterator[str]:
    if isinstance(part, dict):
        if part.get("certainty") == "D":
            yield where
        for key, value in part.items():
            yield from _marked(value, f"{where}.{key}" if where else key)
    elif isinstance(part, list):
        for position, each in enumerate(part):
            name = (each.get("id") or each.get("code") or each.get("office")) if isinstance(each, dict) else None
            yield from _marked(each, f"{where}.{name or position}")
