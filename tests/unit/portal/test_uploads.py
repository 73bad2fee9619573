"""Files on their way in: whatever a browser says of them, and wherever the line breaks."""

from io import BytesIO

import pytest
from starlette.datastructures import Headers, UploadFile
from starlette.types import Message, Scope
from structlog.testing import capture_logs

from services.portal.pages.citizen_files import _kind_of
from services.portal.session import Session
from tests.unit.portal.portal import COOKIE, cookie_of, portal


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("image/heic", "image/heic"),
        ("text/plain; charset=utf-8", "text/plain"),
        ("", "application/octet-stream"),
        ("файл/é", "application/octet-stream"),
        ("image/x\r\nX-Other: 1", "application/octet-stream"),
    ],
)
async def test_what_a_browser_says_of_a_file_becomes_a_header_only_where_it_is_a_kind(said: str, kind: str) -> None:
    file = UploadFile(BytesIO(b"neither a picture nor a PDF"), headers=Headers(raw=[(b"content-type", said.encode())]))
    assert await _kind_of(file) == kind


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("photo", b"\x00\x00\x00\x18ftypheic\x00\x00", "image/heic"),
        ("photo.jpg", b"\x00\x00\x00\x18ftypmif1\x00\x00", "image/heic"),
        ("IMG_0001.HEIC", b"of some other kind", "image/heic"),
        ("IMG_0001.HEIC", b"\xff\xd8\xff\xe0 after all a JPEG", "image/jpeg"),
        ("film.mp4", b"\x00\x00\x00\x18ftypisom\x00\x00", "application/octet-stream"),
    ],
)
async def test_an_iphones_photo_is_known_by_its_beginning_or_its_name(name: str, content: bytes, kind: str) -> None:
    assert await _kind_of(UploadFile(BytesIO(content), filename=name)) == kind


async def test_an_upload_that_breaks_off_is_not_told_as_our_mistake() -> None:
    came = iter([b'--z\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n\xff\xd8\xff'])

    async def receive() -> Message:
        piece = next(came, None)
        return {"type": "http.request", "body": piece, "more_body": True} if piece else {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    sent: list[Message] = []
    app, session = portal(), f"{COOKIE.name}={cookie_of(Session(csrf='c' * 32))}".encode()
    headers = [(b"host", b"test"), (b"cookie", session), (b"content-type", b"multipart/form-data; boundary=z")]
    asked: Scope = {"type": "http", "method": "POST", "path": "/v/file", "query_string": b"", "headers": headers}
    line: Scope = {"http_version": "1.1", "scheme": "http", "root_path": "", "client": ("127.0.0.1", 1), "server": ("test", 80)}
    async with app.router.lifespan_context(app):
        with capture_logs() as logged:
            await app({**asked, **line}, receive, send)
    assert sent[0]["status"] == 400
    assert [line for line in logged if line["event"] == "page_failed"] == []
