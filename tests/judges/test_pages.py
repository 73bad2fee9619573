"""poppler judges fonts and text; zbar and zxing read the seal off pictures of the pages."""

from pathlib import Path

import numpy as np
import pytest
import zxingcpp

from tests.judges.conftest import Papers, run


def test_every_font_is_ours_and_embedded(papers: Papers) -> None:
    for file in papers.files:
        rows = [line.split() for line in run(["pdffonts", file]).stdout.splitlines()[2:]]
        assert rows
        for row in rows:
            name, embedded, subset, unicode_map = row[0], *row[-5:-2]
            assert name.partition("+")[2].startswith(("PTSans", "PTSerif", "PTMono")), row
            assert (embedded, subset, unicode_map) == ("yes", "yes", "yes"), row


def test_the_letters_of_kyrgyz_come_back_out(papers: Papers) -> None:
    text = run(["pdftotext", papers.path("power-of-attorney-ky"), "-"]).stdout
    assert "ҢАЗГҮЛ ӨМҮРБЕКОВА" in text


@pytest.mark.parametrize("dpi", [120, 150])
def test_two_readers_agree_on_the_seal(papers: Papers, dpi: int, tmp_path: Path) -> None:
    for name, issued in papers.issued.items():
        prefix = tmp_path / name
        run(["pdftoppm", "-r", str(dpi), "-gray", papers.path(name), prefix])
        pictures = sorted(tmp_path.glob(f"{name}-*.pgm"))
        assert [seal for picture in pictures for seal in read_by_zbar(picture)] == [issued.seal_url], name
        assert [seal for picture in pictures for seal in read_by_zxing(picture)] == [issued.seal_url], name


def read_by_zbar(picture: Path) -> list[str]:
    command: list[str | Path] = ["zbarimg", "-q", "--nodbus", "--raw", "-Sdisable", "-Sqrcode.enable", picture]
    return run(command, check=False).stdout.split()


def read_by_zxing(picture: Path) -> list[str]:
    _, size, _, pixels = picture.read_bytes().split(b"\n", 3)
    width, height = map(int, size.split())
    return [code.text for code in zxingcpp.read_barcodes(np.frombuffer(pixels, np.uint8).reshape(height, width))]
