"""./eshik catalogue affected: what it says where it cannot be asked, and how it writes money."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.catalogue import _for_programs, _in_all, _money, catalogue
from services.applications.fees.queries import Affected, TariffChange
from shared.amounts import amount_text
from shared.texts import Texts


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


def test_money_is_written_as_the_services_write_it() -> None:
    assert _money({"USD": 3005, "KRW": 120_000}).split() == ["120,000", "KRW", "+", "30.05", "USD"]
    assert _money({"RUB": 160_000}) == amount_text(160_000, "RUB", "en", Texts.load())
    assert _money({}) == "nothing"


def affected(*, follows: bool) -> Affected:
    return Affected(
        "a1", "YEK-26-0000000A", "yek", "draft" if follows else "in_review", {"RUB": 160_000}, {"RUB": 200_000}, follows
    )


@pytest.mark.parametrize(
    ("checked", "drafts", "kept", "said"),
    [
        (1, 1, 0, "1 open case looked at: 1 draft would owe another amount, 0 handed in keep theirs."),
        (1, 0, 1, "1 open case looked at: 0 drafts would owe another amount, 1 handed in keeps its own."),
        (1_204, 2, 2, "1,204 open cases looked at: 2 drafts would owe another amount, 2 handed in keep theirs."),
    ],
)
def test_what_is_counted_is_said_in_the_number_that_fits(checked: int, drafts: int, kept: int, said: str) -> None:
    found = [affected(follows=True)] * drafts + [affected(follows=False)] * kept
    assert _in_all(TariffChange(checked, affected=found)) == said


def test_programs_get_amounts_in_the_smallest_coin() -> None:
    told = _for_programs(affected(follows=True))
    assert (told["owes"], told["old_amount"]) == ([{"amount_minor": 160_000, "currency": "RUB"}], "follows")
