"""The published example of each event, as it travels."""

import json
from pathlib import Path
from typing import Any

import shared.contracts
from shared.contracts.envelope import Envelope

FOLDER = Path(shared.contracts.__file__).parent / "examples"


def example(kind: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FOLDER / f"{kind}.json").read_text(encoding="utf-8"))
    return found


def parsed(body: dict[str, Any]) -> Envelope:
    return Envelope.from_body(json.dumps(body).encode())
