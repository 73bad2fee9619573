"""pdfsig (NSS) and openssl judge the signatures; both miss what is appended later, our own verifier does not."""

import re
import subprocess
from pathlib import Path

import pytest

from services.documents.verification import Reason, Verdict, verify_paper
from tests.judges.conftest import Papers, run
from tests.support.papers import ISSUED_AT
from tests.support.tampering import painted_over


@pytest.fixture(scope="module")
def trusting(papers: Papers, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = nss_database(tmp_path_factory.mktemp("nss-trusting"))
    run(["certutil", "-A", "-d", f"sql:{folder}", "-n", "root", "-t", "CT,CT,CT", "-i", papers.root])
    return folder


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return nss_database(tmp_path_factory.mktemp("nss-empty"))


def nss_database(folder: Path) -> Path:
    run(["certutil", "-N", "-d", f"sql:{folder}", "--empty-password"])
    return folder


def pdfsig(file: Path, database: Path) -> str:
    return run(["pdfsig", "-nssdir", f"sql:{database}", file], check=False).stdout


def test_pdfsig_finds_every_paper_whole_valid_and_trusted(papers: Papers, trusting: Path) -> None:
    for file in papers.files:
        said = pdfsig(file, trusting)
        assert said.count("Signature #") == 1
        for line in ("Signature is Valid", "Certificate is Trusted", "Total document signed", "ETSI.CAdES.detached"):
            assert line in said, (file.name, said)


def test_pdfsig_trusts_nobody_without_our_root(papers: Papers, empty: Path) -> None:
    said = pdfsig(papers.files[0], empty)
    assert "Signature is Valid" in said
    assert "Certificate is Trusted" not in said


def test_openssl_verifies_the_signed_bytes(papers: Papers, tmp_path: Path) -> None:
    for file in papers.files:
        assert openssl_accepts(file.read_bytes(), papers.root, tmp_path), file.name


def test_a_flipped_byte_is_seen_by_pdfsig_openssl_and_us(papers: Papers, trusting: Path, tmp_path: Path) -> None:
    changed = bytearray(papers.files[0].read_bytes())
    changed[5000] ^= 1
    (tmp_path / "changed.pdf").write_bytes(changed)
    assert "Digest Mismatch" in pdfsig(tmp_path / "changed.pdf", trusting)
    assert not openssl_accepts(bytes(changed), papers.root, tmp_path)


async def test_an_update_behind_the_signature_fools_them_and_not_us(papers: Papers, trusting: Path, tmp_path: Path) -> None:
    painted = painted_over(papers.files[0].read_bytes())
    (tmp_path / "painted.pdf").write_bytes(painted)
    said = pdfsig(tmp_path / "painted.pdf", trusting)
    assert "Signature is Valid" in said
    assert "Total document signed" not in said.replace("Not total document signed", "")
    assert openssl_accepts(painted, papers.root, tmp_path)
    result = await verify_paper(painted, papers.office.roots, ISSUED_AT)
    assert (result.verdict, result.reasons) == (Verdict.ALTERED, (Reason.CHANGED_AFTER_SIGNING,))


def openssl_accepts(pdf: bytes, root: Path, folder: Path) -> bool:
    """The CMS and the bytes it covers, taken out of the file by hand, without a PDF library."""
    found = re.search(rb"/ByteRange\s*\[\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s*\]", pdf)
    assert found
    start, length, start2, length2 = map(int, found.groups())
    (folder / "content").write_bytes(pdf[start : start + length] + pdf[start2 : start2 + length2])
    (folder / "signature").write_bytes(bytes.fromhex(pdf[start + length + 1 : start2 - 1].decode()))
    command = ["openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", folder / "signature"]
    command += ["-content", folder / "content", "-CAfile", root, "-purpose", "any", "-no_check_time", "-out", "/dev/null"]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)
    return done.returncode == 0
