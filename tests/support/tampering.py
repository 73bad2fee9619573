"""What a forger does to a signed file."""

from io import BytesIO

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter


def painted_over(pdf: bytes) -> bytes:
    """The same signed bytes and, behind them, an update that puts a white sheet on page one."""
    writer = IncrementalPdfFileWriter(BytesIO(pdf))
    page = writer.root["/Pages"]["/Kids"][0].get_object()
    paint = writer.add_object(generic.StreamObject(stream_data=b"q 1 1 1 rg 0 0 595 842 re f Q"))
    contents = page["/Contents"]
    before = list(contents) if isinstance(contents, generic.ArrayObject) else [page.raw_get("/Contents")]
    page["/Contents"] = generic.ArrayObject([*before, paint])
    writer.update_container(page)
    out = BytesIO()
    writer.write(out)  # type: ignore[no-untyped-call]
    assert out.getvalue().startswith(pdf)
    return out.getvalue()
