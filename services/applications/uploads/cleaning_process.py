"""The process that opens a stranger's file: python -m services.applications.uploads.cleaning_process forks one for each.

It holds no key and no setting, may use so much memory and processor time and no more, opens no file of ours, and ends with its
one answer. In: a line of JSON (Request), then the file. Out: a line of JSON (Cleaned), then the copy and the marked picture. Exit
code 0 whatever the file is; anything else is our mistake, or the limits.
"""

import json
import sys
from dataclasses import asdict
from typing import BinaryIO

import magic
from PIL import Image

from services.applications.uploads.images import encoded, opened
from services.applications.uploads.pdfs import rebuilt
from services.applications.uploads.photos import judged
from services.applications.uploads.told import Cleaned, Photo, Refused, Request
from shared.process_limits import one_process_for_each_file

MOST_SECONDS = 12


def clean(data: bytes, request: Request) -> tuple[Cleaned, bytes, bytes]:
    """Out: the answer, the copy, the marked picture."""
    try:
        return _cleaned(data, request)
    except Refused as refused:
        return Cleaned(problem=refused.problem), b"", b""
    except MemoryError:
        return Cleaned(problem="unreadable"), b"", b""


def _cleaned(data: bytes, request: Request) -> tuple[Cleaned, bytes, bytes]:
    if len(data) != request.size:
        raise Refused("unreadable")
    if magic.from_buffer(data[:65536], mime=True) != request.media_type:
        raise Refused("other-type")
    if request.media_type == "application/pdf":
        copy, findings = rebuilt(data)
        return Cleaned(None, request.media_type, len(copy), 0, keep_original=True, findings=findings), copy, b""
    return _picture(data, request)


def _picture(data: bytes, request: Request) -> tuple[Cleaned, bytes, bytes]:
    image = opened(data, request.media_type)
    findings: tuple[str, ...] = ()
    marked = b""
    if request.photo:
        findings, marked = judged(image, request.photo)
    media_type, copy = encoded(image, request.media_type)
    return Cleaned(None, media_type, len(copy), len(marked), findings=findings), copy, marked


def _request(line: bytes) -> Request:
    said = json.loads(line)
    return Request(**said | {"photo": Photo(**said["photo"]) if said["photo"] else None})


def _answer(out: BinaryIO, cleaned: Cleaned, *parts: bytes) -> None:
    out.write(json.dumps(asdict(cleaned)).encode() + b"\n")
    out.writelines(parts)
    out.flush()


def one_file() -> None:
    request = _request(sys.stdin.buffer.readline())
    _answer(sys.stdout.buffer, *clean(sys.stdin.buffer.read(), request))


def main() -> None:
    Image.preinit()  # what is loaded late otherwise, for each file anew
    magic.from_buffer(b"", mime=True)
    one_process_for_each_file(one_file, MOST_SECONDS)


if __name__ == "__main__":
    main()
