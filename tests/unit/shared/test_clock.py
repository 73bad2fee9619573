"""The clock: UTC, whole milliseconds, and moved for all processes by one file."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from shared.clock import Clock, FileClock, SystemClock, clock_from

MARGIN = timedelta(seconds=30)


def away_from_now(clock: Clock) -> timedelta:
    return clock.now() - datetime.now(UTC)


@pytest.mark.parametrize("clock", [SystemClock(), FileClock(Path("/nowhere/clock"))])
def test_the_present_is_utc_in_whole_milliseconds(clock: Clock) -> None:
    now = clock.now()
    assert now.utcoffset() == timedelta()
    assert now.microsecond % 1000 == 0
    assert abs(away_from_now(clock)) < MARGIN


def test_seconds_in_the_file_move_the_time(tmp_path: Path) -> None:
    file = tmp_path / "clock"
    clock = FileClock(file)
    file.write_text("86400\n")
    assert abs(away_from_now(clock) - timedelta(days=1)) < MARGIN
    file.write_text("-3600.5")
    assert abs(away_from_now(clock) + timedelta(hours=1)) < MARGIN


def test_an_empty_or_removed_file_gives_the_systems_time(tmp_path: Path) -> None:
    file = tmp_path / "clock"
    file.write_text("86400")
    clock = FileClock(file)
    assert abs(away_from_now(clock) - timedelta(days=1)) < MARGIN
    file.write_text("")
    assert abs(away_from_now(clock)) < MARGIN
    file.unlink()
    assert abs(away_from_now(clock)) < MARGIN


def test_two_clocks_on_one_file_agree(tmp_path: Path) -> None:
    file = tmp_path / "clock"
    file.write_text("604800")
    assert abs(FileClock(file).now() - FileClock(file).now()) < MARGIN


def test_a_file_is_used_only_where_one_is_named(tmp_path: Path) -> None:
    assert isinstance(clock_from(None), SystemClock)
    assert isinstance(clock_from(tmp_path / "clock"), FileClock)


@pytest.mark.parametrize("content", ["soon", "nan", "inf", "8639999999913600", "315360001", "-315360001"])
def test_a_content_that_is_no_usable_time_leaves_the_last_usable_one(tmp_path: Path, content: str) -> None:
    file = tmp_path / "clock"
    clock = FileClock(file)
    file.write_text("86400")
    assert abs(away_from_now(clock) - timedelta(days=1)) < MARGIN
    file.write_text(content)
    assert abs(away_from_now(clock) - timedelta(days=1)) < MARGIN
    assert abs(away_from_now(FileClock(file))) < MARGIN
