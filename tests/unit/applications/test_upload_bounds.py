"""What a stranger sends takes no more room than it may, however small it looks."""

import io
from datetime import UTC, datetime, timedelta

import pikepdf
import pytest

from services.applications.domain.upload import MOST_PIECES, Piece, Upload
from services.applications.domain.upload_errors import UploadNotFound
from services.applications.uploads.pdfs import MOST_COPIED, rebuilt
from services.applications.uploads.told import Refused

AT = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)


def test_a_pdf_whose_copy_would_be_many_times_as_large_is_refused() -> None:
    with pikepdf.new() as pdf:
        page = pdf.add_blank_page(page_size=(100, 100))
        blown_up = [pdf.make_indirect(pikepdf.String("a" * 1_000_000)) for _ in range(MOST_COPIED // 1_000_000 + 1)]
        page.obj["/Resources"] = pikepdf.Dictionary({"/Properties": pikepdf.Array(blown_up)})
        out = io.BytesIO()
        pdf.save(out, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    assert len(out.getvalue()) < 1_000_000
    with pytest.raises(Refused) as refused:
        rebuilt(out.getvalue())
    assert refused.value.problem == "pdf-too-much"


def test_an_upload_that_comes_byte_by_byte_ends_before_it_fills_its_row() -> None:
    upload = Upload("upload", "case", "aigerim", "photo", "image/png", 10_000_000, False, AT, AT + timedelta(days=1))
    for number in range(MOST_PIECES):
        upload.add(Piece(str(number), 1), offset=number)
    with pytest.raises(UploadNotFound):
        upload.add(Piece("one more", 1), offset=MOST_PIECES)
