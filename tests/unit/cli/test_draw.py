"""./eshik draw verify: whoever has the file judges the draw, and learns what their own code got."""

import json
from pathlib import Path

from typer.testing import CliRunner

from cli.draw import draw
from services.applications.domain.fair_draw import PublicEntry, commitment, publication

SEED = bytes(range(32))
ENTRIES = [PublicEntry(f"YEK-26-{number:08d}", False, ()) for number in range(5)]
SLOTS = ["yek.b.2026-12-07.0930", "yek.b.2026-12-07.1000"]


def written(folder: Path, **change: object) -> str:
    file = folder / "draw.json"
    file.write_text(json.dumps(publication(SEED, ENTRIES, SLOTS, {"draw": "d1"}) | change), encoding="utf-8")
    return str(file)


def test_a_fair_draw_holds_and_says_what_a_code_got(tmp_path: Path) -> None:
    codes = publication(SEED, ENTRIES, SLOTS, {})["codes_digest"]
    given = ["--commitment", commitment(SEED), "--codes", codes, "--code", ENTRIES[0].code]
    answer = CliRunner().invoke(draw, ["verify", written(tmp_path), *given])
    assert answer.exit_code == 0
    assert "It holds" in answer.output
    assert f"{ENTRIES[0].code}: place" in answer.output


def test_an_altered_result_does_not_hold(tmp_path: Path) -> None:
    answer = CliRunner().invoke(draw, ["verify", written(tmp_path, result=[])])
    assert answer.exit_code == 1
    assert "the result is another one" in answer.output


def test_another_commitment_than_the_one_noted_before_does_not_hold(tmp_path: Path) -> None:
    assert CliRunner().invoke(draw, ["verify", written(tmp_path), "--commitment", "00"]).exit_code == 1


def test_what_is_no_publication_is_told(tmp_path: Path) -> None:
    for text in ("[]", "{}", "no json", '{"format": "eshik-draw/2"}'):
        (tmp_path / "other.json").write_text(text, encoding="utf-8")
        assert CliRunner().invoke(draw, ["verify", str(tmp_path / "other.json")]).exit_code == 2
