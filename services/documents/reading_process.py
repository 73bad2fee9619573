"""The process that opens a stranger's file: python -m services.documents.reading_process forks one for each.

It holds no key and no setting, may use so much memory and processor time and no more, and ends with its one answer: a file
made to break a decoder, or to fill a machine, breaks or fills this. In: one line of JSON (Request), then the file. Out: JSON
(Seen). Exit code 0 whatever the file is; anything else is our mistake, or the limits.
"""

import asyncio
import json
import sys
from dataclasses import asdict, dataclass
from datetime import datetime

from cryptography import x509
from PIL import Image

from services.documents.codes import FileKind, TooManyPixels, codes_in_picture, codes_on_pages, kind_of
from services.documents.seal import load_keys
from services.documents.verification import Reason, SealCheck, verify_paper
from shared.process_limits import one_process_for_each_file

MOST_SECONDS = 6
PAGES = 3
TOO_MANY_PIXELS = "too-many-pixels"


@dataclass(frozen=True, slots=True)
class Request:
    """Public keys only. at: the moment to judge for, ISO 8601."""

    trust_root: str
    seal_keys: str
    at: str


@dataclass(frozen=True, slots=True)
class Seen:
    """codes: the texts of the QRs. verdict and reasons: of a signed PDF, by verification.py. unsigned_pdf: it was read, and
    holds no signature. problem: why it was not looked at."""

    codes: tuple[str, ...] = ()
    verdict: str | None = None
    reasons: tuple[str, ...] = ()
    problem: str | None = None
    unsigned_pdf: bool = False


def see(data: bytes, request: Request) -> Seen:
    kind = kind_of(data)
    if kind is None:
        return Seen()
    if kind is not FileKind.PDF:
        return Seen(codes=tuple(codes_in_picture(data, kind)))
    codes = tuple(codes_on_pages(data, PAGES))
    if b"/ByteRange" not in data:  # no signature
        return Seen(codes=codes, unsigned_pdf=True)
    return _judged(data, request, codes)


def _judged(data: bytes, request: Request, codes: tuple[str, ...]) -> Seen:
    roots = x509.load_pem_x509_certificates(request.trust_root.encode())
    check = SealCheck(load_keys(request.seal_keys), lambda _data: codes)
    result = asyncio.run(verify_paper(data, roots, datetime.fromisoformat(request.at), check))
    reasons = tuple(reason.value for reason in result.reasons)
    return Seen(codes, result.verdict.value, reasons, unsigned_pdf=Reason.NOT_SIGNED in result.reasons)


def one_file() -> None:
    request = Request(**json.loads(sys.stdin.buffer.readline()))
    try:
        seen = see(sys.stdin.buffer.read(), request)
    except TooManyPixels:
        seen = Seen(problem=TOO_MANY_PIXELS)
    except MemoryError:
        seen = Seen()
    sys.stdout.write(json.dumps(asdict(seen)))


def main() -> None:
    Image.preinit()  # what is loaded late otherwise, for each file anew
    one_process_for_each_file(one_file, MOST_SECONDS)


if __name__ == "__main__":
    main()
