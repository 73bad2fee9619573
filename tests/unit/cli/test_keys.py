"""./eshik keys destroy: what may still be written under an old key is waited for."""

import os
import time
from pathlib import Path

import pytest

from cli.keys import SETTLED_AFTER_S, _wait_until_settled
from tests.support.sealing import KeyFile


def test_an_old_key_is_not_destroyed_before_all_that_is_being_written_under_it_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[float] = []
    monkeypatch.setattr(time, "sleep", waited.append)
    files = {name: KeyFile(tmp_path / f"{name}.json").path for name in ("identity", "documents")}
    for age_s in (SETTLED_AFTER_S - 60, SETTLED_AFTER_S + 1):
        for file in files.values():
            os.utime(file, (time.time() - age_s,) * 2)
        _wait_until_settled(files)
    [once] = waited
    assert once == pytest.approx(60, abs=5)
