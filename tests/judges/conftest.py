"""What the judges need: their tools, their environment, and a folder of issued papers with the keys to check them."""

import asyncio
import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from deploy.local.system import Obstacle, install
from services.documents.domain.paper import Paper, PaperKind
from services.documents.issuing import IssuedFile
from shared.texts import LANGUAGES
from tests.support.papers import a_long_paper, a_paper
from tests.support.pki import Office, an_office

PACKAGES = {
    "pdfsig": "poppler-utils",
    "pdftoppm": "poppler-utils",
    "certutil": "libnss3-tools",
    "zbarimg": "zbar-tools",
    "openssl": "openssl",
    "javac": "openjdk-17-jdk-headless",
}
JAXB = Path("/usr/share/java/jaxb-runtime.jar")
FALLBACK = Path(__file__).resolve().parents[2] / ".eshik" / "judges" / "bin" / "python"


@dataclass(frozen=True, slots=True)
class Papers:
    """Every kind in every language, and a long one of each kind, as files."""

    folder: Path
    office: Office
    issued: dict[str, IssuedFile]

    def path(self, name: str) -> Path:
        return self.folder / f"{name}.pdf"

    @property
    def files(self) -> list[Path]:
        return [self.path(name) for name in self.issued]

    @property
    def root(self) -> Path:
        return self.folder / "root.pem"


@pytest.fixture(scope="session", autouse=True)
def tools(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Every program a judge needs, installed now if missing."""
    missing = {package for command, package in PACKAGES.items() if not shutil.which(command)}
    if not JAXB.exists():
        missing.add("libjaxb-java")
    if missing:
        try:
            install(sorted(missing), "judges of issued papers", print, tmp_path_factory.mktemp("apt") / "apt.log")
        except Obstacle as obstacle:
            pytest.fail(str(obstacle))


@pytest.fixture(scope="session")
def judges_python() -> Path:
    """Python of the judges' own environment, which `./eshik test all` makes."""
    python = Path(os.environ.get("ESHIK_TEST_JUDGES_PYTHON", FALLBACK))
    if not python.exists():
        pytest.fail("the judges' environment is missing: run ./eshik test all")
    return python


@pytest.fixture(scope="session")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Papers:
    folder = tmp_path_factory.mktemp("papers")
    office = an_office()
    wanted: dict[str, Paper] = {}
    for kind in PaperKind:
        wanted |= {f"{kind.value}-{language}": a_paper(kind, language) for language in LANGUAGES}
        wanted[f"{kind.value}-long"] = a_long_paper(kind)
    issued = {name: asyncio.run(office.issuer.issue(paper)) for name, paper in wanted.items()}
    made = Papers(folder, office, issued)
    for name, file in issued.items():
        made.path(name).write_bytes(file.pdf)
    made.root.write_bytes(office.pki.root.public_bytes(Encoding.PEM))
    return made


def run(command: Sequence[str | Path], *, check: bool = True) -> subprocess.CompletedProcess[str]:
    """Run a judge. poppler complains on stderr about typst's tagged files, harmlessly: only stdout is read."""
    return subprocess.run([str(word) for word in command], capture_output=True, text=True, check=check)
