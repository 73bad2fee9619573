"""The browser of the browser tests: Debian's, installed only where it is missing."""

from pathlib import Path

import pytest

from deploy.local import browser
from deploy.local.system import Obstacle


def test_where_all_is_there_nothing_is_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(browser, "PACKAGES", {"chromium": tmp_path, "fonts-dejavu-core": tmp_path})
    said: list[str] = []
    assert browser.prepare_browser(said.append, tmp_path / "apt.log") == browser.CHROMIUM
    assert said == []


def test_where_it_cannot_be_installed_the_way_out_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(browser, "PACKAGES", {"chromium": tmp_path / "not-there", "fonts-dejavu-core": tmp_path})
    monkeypatch.setenv("PATH", str(tmp_path))  # no apt
    with pytest.raises(Obstacle) as told:
        browser.prepare_browser(lambda _text: None, tmp_path / "apt.log")
    assert str(told.value).startswith("chromium is missing (the browser tests)")
    assert "or leave the browser out: ./eshik test SUITE" in str(told.value)
