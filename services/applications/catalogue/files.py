"""A data file of the catalogue read into its model; one that cannot be used is named, with each wrong field."""

import json
import tomllib
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

_Model = TypeVar("_Model", bound=BaseModel)


class CatalogueError(Exception):
    """A data file cannot be used. The text names the file and each wrong field."""


def toml(path: Path) -> dict[str, Any]:
    """Raises CatalogueError."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise CatalogueError(f"{path.name}: the file is missing") from None
    except tomllib.TOMLDecodeError as error:
        raise CatalogueError(f"{path.name}: {error}") from None


def read(path: Path, model: type[_Model]) -> _Model:
    """A file that is one model. Raises CatalogueError."""
    return checked(path, model, toml(path))


def rows(path: Path, key: str, model: type[_Model]) -> tuple[_Model, ...]:
    """A file that is a list of them. Raises CatalogueError."""
    return tuple(checked(path, model, row) for row in toml(path).get(key, []))


def checked(path: Path, model: type[_Model], data: dict[str, Any]) -> _Model:
    """Raises CatalogueError."""
    try:  # by way of JSON: strict about types, and lists may still become tuples
        return model.model_validate_json(json.dumps(data, default=str))
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, e['loc'])) or 'file'}: {e['msg']}" for e in error.errors())
        raise CatalogueError(f"{path.name}: {wrong}") from None
