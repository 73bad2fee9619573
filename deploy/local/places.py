"""Where a stack keeps its state, and how its files are written."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Places:
    """The folders and files of one stack under its state folder, by default .eshik in the checkout."""

    home: Path

    @property
    def run(self) -> Path:
        return self.home / "run"

    @property
    def logs(self) -> Path:
        return self.home / "logs"

    @property
    def rabbitmq(self) -> Path:
        return self.home / "rabbitmq"

    @property
    def mongo(self) -> Path:
        return self.home / "mongo"

    @property
    def keys(self) -> Path:
        return self.home / "keys"

    @property
    def second_body(self) -> Path:
        """Checkpoints of the audit, as somebody else would keep them."""
        return self.home / "second-body"

    @property
    def inbox(self) -> Path:
        return self.home / "inbox"

    @property
    def clock(self) -> Path:
        return self.home / "clock"

    @property
    def lock(self) -> Path:
        return self.run / "lock"

    @property
    def record(self) -> Path:
        """What the supervisor says about itself and its parts."""
        return self.run / "stack.json"

    def make(self) -> None:
        """Create the folders; they hold keys and messages, so only their owner may enter."""
        self.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        for folder in (self.run, self.logs, self.rabbitmq, self.mongo, self.keys, self.inbox):
            folder.mkdir(mode=0o700, exist_ok=True)


def places_from_environment(environment: Mapping[str, str] = os.environ) -> Places:
    """The state folder that ESHIK_HOME names, or .eshik in the checkout."""
    chosen = environment.get("ESHIK_HOME")
    return Places(Path(chosen).expanduser().resolve() if chosen else CHECKOUT / ".eshik")


def write_whole(path: Path, content: bytes | str, mode: int = 0o600) -> None:
    """Replace the file in one step, so that a reader or a crash never meets half of it."""
    data = content.encode() if isinstance(content, str) else content
    draft = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "wb") as file:
        file.write(data)
    draft.replace(path)


def read_json(path: Path) -> dict[str, object] | None:
    """The JSON object in the file, or None when there is none that can be read."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return content if isinstance(content, dict) else None
