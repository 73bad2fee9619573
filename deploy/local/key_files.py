"""The key files of services, for personal data at rest: made, turned to a new key-encryption key, and rid of an old one.

python -m deploy.local.key_files turn FILE...      a new key-encryption key, which is the current one from now on
python -m deploy.local.key_files destroy ID FILE   once no data key is wrapped under it; nothing opens it after that
"""

from __future__ import annotations

import base64
import json
import secrets
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from deploy.local.places import write_whole
from shared.sealing.envelopes import KEY_BYTES
from shared.sealing.key_file import read_keys


class StillCurrent(Exception):
    """The current key-encryption key cannot be destroyed: turn to a new one first."""


def new_key_file() -> bytes:
    kek = _new_id([])
    return _as_file({"current": kek, "keys": {kek: _secret()}, "blind": _secret()})


def next_id(file: Path) -> str:
    """What the next key will be called, for who writes that down before. Raises OSError, UnusableKeys."""
    return _new_id(_read(file)["keys"])


def turn(file: Path, kek: str | None = None) -> str:
    """kek: what the new key is called, as next_id said. Out: its id. The old ones stay, for what is wrapped under them.
    Raises OSError, UnusableKeys."""
    content = _read(file)
    kek = kek or _new_id(content["keys"])
    content["keys"][kek] = _secret()
    write_whole(file, _as_file(content | {"current": kek}))
    return kek


def destroy(kek: str, file: Path) -> None:
    """Raises StillCurrent, KeyError for one that is not there, OSError, UnusableKeys."""
    content = _read(file)
    if kek == content["current"]:
        raise StillCurrent
    del content["keys"][kek]
    write_whole(file, _as_file(content))


def _read(file: Path) -> dict[str, Any]:
    raw = file.read_bytes()
    read_keys(raw)
    content: dict[str, Any] = json.loads(raw)
    return content


def _new_id(taken: list[str] | dict[str, str]) -> str:
    """The day, and which of that day's: 2026-11-22.1. After all that are there, of which the newest is never destroyed: what lies
    under a destroyed one, in a backup, must be without its key, and not under another of its name."""
    day = datetime.now(UTC).date().isoformat()
    numbers = [int(kek.rpartition(".")[2]) for kek in taken if kek.startswith(f"{day}.")]
    return f"{day}.{max(numbers, default=0) + 1}"


def _secret() -> str:
    return base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()


def _as_file(content: dict[str, Any]) -> bytes:
    return json.dumps(content, indent=2).encode() + b"\n"


def main(arguments: list[str]) -> None:
    match arguments:
        case ["turn", *files] if files:
            for file in files:
                sys.stdout.write(f"{file}: {turn(Path(file))}\n")
        case ["destroy", kek, file]:
            destroy(kek, Path(file))
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
