"""Keys for personal data as tests need them: a file, or its text, with key-encryption keys that mean nothing anywhere else."""

import base64
import json
import os
from collections.abc import Sequence
from pathlib import Path

BLIND = base64.b64encode(b"blind index key of tests; 32 by.").decode()
OF_TESTS = base64.b64encode(b"key-encryption key of all tests.").decode()
KEYS_OF_TESTS = json.dumps({"current": "tests", "keys": {"tests": OF_TESTS}, "blind": BLIND})


class KeyFile:
    """A key file that a test turns the keys of."""

    def __init__(self, path: Path, keks: Sequence[str] = ("first",)) -> None:
        self.path = path
        self._keys: dict[str, str] = {}
        for kek in keks:
            self.add(kek)

    def add(self, kek: str) -> str:
        """A new one, which is the current one from now on."""
        self._keys[kek] = base64.b64encode(os.urandom(32)).decode()
        self._write(kek)
        return kek

    def destroy(self, kek: str) -> None:
        del self._keys[kek]
        self._write(list(self._keys)[-1])

    def _write(self, current: str) -> None:
        fresh = self.path.with_suffix(".new")
        fresh.write_text(json.dumps({"current": current, "keys": self._keys, "blind": BLIND}))
        fresh.replace(self.path)
