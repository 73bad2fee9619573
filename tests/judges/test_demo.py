"""The file that ./eshik demo leaves, judged by programs we did not write."""

import json
from pathlib import Path

from tests.judges.conftest import run
from tests.support.stacks import running_stack


def test_pdfsig_and_an_independent_reader_of_the_code_agree_about_the_demos_pdf(tmp_path: Path) -> None:
    with running_stack(tmp_path / "stack") as stack:
        done = stack.eshik("demo", "--json")
        assert done.returncode == 0, done.stderr
        number = json.loads(done.stdout.splitlines()[-1])["document"]["number"]
        pdf = stack.places.home / "documents" / f"{number}.pdf"
        trust = f"sql:{tmp_path}"
        run(["certutil", "-N", "-d", trust, "--empty-password"])
        run(["certutil", "-A", "-d", trust, "-n", "root", "-t", "CT,C,C", "-i", stack.places.keys / "test-root.pem"])
        said = run(["pdfsig", "-nssdir", trust, pdf]).stdout
        for line in ("Signature is Valid", "Certificate is Trusted", "Total document signed"):
            assert line in said
        run(["pdftoppm", "-r", "150", "-gray", pdf, tmp_path / "page"])
        page = next(tmp_path.glob("page-*.pgm"))
        code = run(["zbarimg", "-q", "--nodbus", "--raw", "-Sdisable", "-Sqrcode.enable", page]).stdout.strip()
        judged = json.loads(stack.eshik("verify", str(pdf), "--json").stdout)
    assert code.startswith(f"{stack.pages_url}/v/#")
    assert (judged["verification"], judged["seal"], judged["number"]) == ("valid", "valid", number)
