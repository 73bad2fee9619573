"""./eshik demo --ahead: how far the stack's clock may go. What is too far is said before anything is started or written."""

from pathlib import Path

import pytest
import typer

from cli.demo import demo


def told(capsys: pytest.CaptureFixture[str], day: int) -> str:
    with pytest.raises(typer.Exit) as end:
        demo(ahead=day)
    assert end.value.exit_code == 1
    return capsys.readouterr().err


@pytest.fixture
def clock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ESHIK_HOME", str(tmp_path))
    return tmp_path / "clock"


@pytest.mark.parametrize("day", [3651, 99_999_999_999])
def test_more_than_ten_years_are_refused(clock: Path, capsys: pytest.CaptureFixture[str], day: int) -> None:
    assert "the clock moves 3650 days ahead at most" in told(capsys, day)
    assert not clock.exists()


def test_days_moved_before_count_too(clock: Path, capsys: pytest.CaptureFixture[str]) -> None:
    clock.write_text(str(3600 * 86_400))
    assert "it is 3600 days ahead already" in told(capsys, 51)
    assert clock.read_text() == str(3600 * 86_400)


def test_backwards_is_refused(clock: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "only moves ahead" in told(capsys, -1)
    assert not clock.exists()
