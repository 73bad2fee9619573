"""The process that opens a stranger's file: python -m services.applications.uploads.cleaning_process < file > harmless copy.

It holds no key and no setting, may use so much memory and processor time and no more, opens no file of ours, and ends with its
one answer. In: a line of JSON (Request), then the file. Out: a line of JSON (Cleaned), then the copy and the marked picture. Exit
code 0 whatever the file is; anything else is our mistake, or the limits.
"""

import json
import sys
from dataclasses import asdict
from typing import BinaryIO

from services.applications.uploads.told import Cleaned, Photo, Refused, Request
from shared.process_limits import limit_this_process

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
    import magic

    if len(data) != request.size:
        raise Refused("unreadable")
    if magic.from_buffer(data[:65536], mime=True) != request.media_type:
        raise Refused("other-type")
    if request.media_type == "application/pdf":
        from services.applications.uploads.pdfs import rebuilt

        copy, findings = rebuilt(data)
        return Cleaned(None, request.media_type, len(copy), 0, keep_original=True, findings=findings), copy, b""
    return _picture(data, request)


def _picture(data: bytes, request: Request) -> tuple[Cleaned, bytes, bytes]:
    from services.applications.uploads.images import encoded, opened

    image = opened(data, request.media_type)
    findings: tuple[str, ...] = ()
    marked = b""
    if request.photo:
        from services.applications.uploads.photos import judged

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


def main() -> None:
    limit_this_process(MOST_SECONDS)
    request = _request(sys.stdin.buffer.readline())
    _answer(sys.stdout.buffer, *clean(sys.stdin.buffer.read(), request))


if __name__ == "__main__":
    main()
