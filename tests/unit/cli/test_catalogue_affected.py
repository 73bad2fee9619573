"""./eshik catalogue affected: what it says where it cannot be asked, and how it writes money."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.catalogue import _money, catalogue


def test_a_version_that_there_is_not_is_named() -> None:
    answer = CliRunner().invoke(catalogue, ["affected", "return-certificate", "2", "99"])
    assert (answer.exit_code, "no version 99 of return-certificate; there is 1, 2" in " ".join(answer.output.split())) == (
        1,
        True,
    )


def test_without_a_stack_it_says_how_to_start_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ESHIK_HOME", str(tmp_path))
    monkeypatch.delenv("ESHIK_MONGO_URL", raising=False)
    answer = CliRunner().invoke(catalogue, ["affected", "return-certificate", "2", "2"])
    assert (answer.exit_code, "eshik up" in answer.output) == (1, True)


def test_money_is_written_exactly_by_the_digits_of_its_currency() -> None:
    assert _money({"USD": 3005, "KRW": 1200}) == "1200 KRW + 30.05 USD"
    assert _money({}) == "nothing"
