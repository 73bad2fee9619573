"""./eshik verify as a clerk runs it: a file in, a verdict, a reason and an exit code out."""

import asyncio
import json
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
import typer
from cryptography.hazmat.primitives.serialization import Encoding
from typer.testing import CliRunner

from cli.verify import printed_seal, verify
from services.documents.codes import codes_on_pages
from services.documents.issuing import IssuedFile
from services.documents.seal import load_keys
from shared.clock import SystemClock
from tests.support.papers import ISSUED_AT, a_paper
from tests.support.pki import an_office, json_of

OFFICE = an_office(SystemClock().now())
APP = typer.Typer()
APP.command()(verify)


@pytest.fixture(scope="module")
def issued() -> IssuedFile:
    return asyncio.run(OFFICE.issuer.issue(a_paper()))


@pytest.fixture
def desk(tmp_path: Path, issued: IssuedFile) -> Path:
    (tmp_path / "paper.pdf").write_bytes(issued.pdf)
    (tmp_path / "root.pem").write_bytes(OFFICE.pki.root.public_bytes(Encoding.PEM))
    (tmp_path / "keys.json").write_text(json_of(OFFICE.issuer.sealer))
    return tmp_path


def test_a_valid_paper_ends_with_zero_and_its_number(desk: Path) -> None:
    code, said = asked(desk, "--seal-keys", str(desk / "keys.json"))
    assert said["verification"] in ("valid", "expired")  # the specimen's term ends on 22 November 2027
    assert code == (0 if said["verification"] == "valid" else 1)
    assert said["number"] == "SP-2026-0000417"
    assert said["seal"] == "valid"


def test_without_seal_keys_it_says_that_the_seal_was_not_checked(desk: Path) -> None:
    assert "seal-not-checked" in asked(desk)[1]["reasons"]


def test_an_altered_paper_ends_with_one_and_repeats_nothing_of_it(desk: Path, issued: IssuedFile) -> None:
    (desk / "paper.pdf").write_bytes(issued.pdf + b"\n% more")
    code, said = asked(desk)
    assert (code, said["verification"], said["number"]) == (1, "altered", None)


def test_the_local_stacks_keys_are_used_when_none_are_given(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (desk / "keys").mkdir()
    (desk / "root.pem").rename(desk / "keys" / "test-root.pem")
    (desk / "keys.json").rename(desk / "keys" / "seal-keys.json")
    monkeypatch.setenv("ESHIK_HOME", str(desk))
    result = CliRunner().invoke(APP, [str(desk / "paper.pdf"), "--json"])
    assert json.loads(result.stdout)["seal"] == "valid"


def test_a_root_that_cannot_be_read_is_a_wrong_question(desk: Path) -> None:
    result = CliRunner().invoke(APP, [str(desk / "paper.pdf"), "--trust", str(desk / "none.pem")])
    assert result.exit_code == 2
    assert "--trust" in result.output


def test_the_plain_answer_names_verdict_and_reason(desk: Path) -> None:
    (desk / "paper.pdf").write_bytes(b"%PDF-1.7 nothing")
    result = CliRunner().invoke(APP, [str(desk / "paper.pdf"), "--trust", str(desk / "root.pem")])
    assert result.exit_code == 1
    assert "Not a document of ours" in result.output
    assert "no readable PDF" in result.output


def test_a_scan_says_what_its_seal_says_and_how_to_ask_but_is_no_document(desk: Path) -> None:
    now = SystemClock().now().replace(microsecond=0)
    paper = replace(a_paper(), issued_at=now, valid_until=None)
    (desk / "paper.pdf").write_bytes(scanned(asyncio.run(OFFICE.issuer.issue(paper)).pdf))
    keys = ("--seal-keys", str(desk / "keys.json"))
    code, said = asked(desk, *keys)
    assert (code, said["verification"], said["reasons"]) == (1, "not_a_document", ["not-signed"])
    assert (said["number"], said["seal"]) == (None, "not_checked")
    assert said["printed_seal"] == {
        "state": "genuine",
        "number": "SP-2026-0000417",
        "kind": "consular-registration-certificate",
        "issued_at": now.isoformat(),
    }
    plain = CliRunner().invoke(APP, [str(desk / "paper.pdf"), "--trust", str(desk / "root.pem"), *keys])
    words = " ".join(plain.output.split())
    assert "a print, a copy or a scan cannot be checked this way" in words
    assert "ask the register by number, date and check code" in words
    assert "The printed seal is genuine; the rest of the page was not checked" in words
    assert f"SP-2026-0000417, consular-registration-certificate, issued {now:%Y-%m-%d}" in words
    assert "ӨМҮРБЕКОВА" not in words


def test_a_scan_with_a_strangers_seal_is_told_apart(desk: Path, issued: IssuedFile) -> None:
    (desk / "paper.pdf").write_bytes(scanned(issued.pdf))
    (desk / "others.json").write_text(json_of(an_office().issuer.sealer))  # a key of its own
    assert asked(desk, "--seal-keys", str(desk / "others.json"))[1]["printed_seal"] == {"state": "refused"}
    assert asked(desk)[1]["printed_seal"] is None


@pytest.mark.parametrize(("days", "state"), [(364, "genuine"), (400, "expired")])
def test_a_printed_seal_is_judged_by_its_term(issued: IssuedFile, days: int, state: str) -> None:
    keys = load_keys(json_of(OFFICE.issuer.sealer))
    seal = printed_seal(scanned(issued.pdf), keys, ISSUED_AT + timedelta(days=days))
    assert seal is not None
    assert (seal.state, seal.says and seal.says.number) == (state, "SP-2026-0000417")


def test_the_printed_code_is_read_off_the_page(issued: IssuedFile) -> None:
    assert codes_on_pages(issued.pdf) == [issued.seal_url]
    assert codes_on_pages(b"no pdf") == []


def scanned(pdf: bytes) -> bytes:
    """What a scanner makes of a print: a picture of the page, without signature and text."""
    copy, out = pypdfium2.PdfDocument.new(), BytesIO()
    picture = pypdfium2.PdfImage.new(copy)
    picture.set_bitmap(pypdfium2.PdfDocument(pdf)[0].render(scale=200 / 72))
    picture.set_matrix(pypdfium2.PdfMatrix().scale(595, 842))
    page = copy.new_page(595, 842)
    page.insert_obj(picture)
    page.gen_content()
    copy.save(out)
    return out.getvalue()


def asked(desk: Path, *options: str) -> tuple[int, dict[str, Any]]:
    result = CliRunner().invoke(APP, [str(desk / "paper.pdf"), "--trust", str(desk / "root.pem"), "--json", *options])
    return result.exit_code, json.loads(result.stdout)
