"""Small true files, as citizens attach them."""

from io import BytesIO

from PIL import Image


def white_png(width: int = 40, height: int = 30) -> bytes:
    """Drawn anew by the service it is the same file, byte for byte."""
    out = BytesIO()
    Image.new("RGB", (width, height), "white").save(out, "PNG")
    return out.getvalue()


def one_page_pdf(size: int = 0, *, catalog: bytes = b"", more: tuple[bytes, ...] = ()) -> bytes:
    """An empty page. size: of the file, filled up with a comment. catalog: further entries; more: objects from number 4 on."""
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R " + catalog + b" >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << >> >>",
        *more,
    ]
    written, places = bytearray(b"%PDF-1.7\n"), []
    for number, each in enumerate(objects, 1):
        places.append(len(written))
        written += b"%d 0 obj\n" % number + each + b"\nendobj\n"
    tail = b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    tail += b"".join(b"%010d 00000 n \n" % place for place in places)
    tail += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n" % (len(objects) + 1)
    for padding in range(max(0, size - len(written) - len(tail) - 20), size + 1):  # the place of the table has so many digits
        filler = b"%" + b"x" * padding + b"\n" if padding else b""
        end = tail + b"%d\n%%%%EOF\n" % (len(written) + len(filler))
        if len(written) + len(filler) + len(end) >= size:
            return bytes(written + filler + end)
    raise AssertionError("never")
