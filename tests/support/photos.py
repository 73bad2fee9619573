"""Pictures of papers as phones make them, drawn from a rendered page: askew, in bad light, blurred, packed."""

from collections.abc import Sequence
from io import BytesIO

import pypdfium2
from PIL import Image, ImageChops, ImageFilter

TABLE = (120, 100, 80)
ORIENTATION = 0x0112  # the Exif tag


def page_picture(pdf: bytes, dpi: int = 250) -> Image.Image:
    with pypdfium2.PdfDocument(pdf) as document:
        return document[len(document) - 1].render(scale=dpi / 72).to_pil().convert("RGB")


def from_aside(picture: Image.Image, lean: float = 0.2) -> Image.Image:
    """The paper on a table, the camera not above it."""
    width, height = int(picture.width * 1.3), int(picture.height * 1.2)
    corners = [(0.1 + lean / 2, 0.1), (0.9 - lean / 5, 0.12), (0.93, 0.92), (0.07, 0.9)]
    seen = [(x * width, y * height) for x, y in corners]
    flat = [(0, 0), (picture.width, 0), (picture.width, picture.height), (0, picture.height)]
    rows = []
    for (x, y), (u, v) in zip(seen, flat, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y, u], [0, 0, 0, x, y, 1, -v * x, -v * y, v]]
    turned = _solved(rows)
    return picture.transform((width, height), Image.Transform.PERSPECTIVE, turned, Image.Resampling.BICUBIC, fillcolor=TABLE)


def in_shadow(picture: Image.Image) -> Image.Image:
    shade = Image.linear_gradient("L").rotate(60, expand=True).crop((60, 60, 200, 200)).resize(picture.size)
    shade = shade.point([70 + value * 185 // 255 for value in range(256)])
    return ImageChops.multiply(picture, Image.merge("RGB", [shade] * 3))


def turned(picture: Image.Image, degrees: int) -> Image.Image:
    return picture.rotate(degrees, expand=True, fillcolor=TABLE, resample=Image.Resampling.BICUBIC)


def unsharp(picture: Image.Image, radius: float = 2) -> Image.Image:
    return picture.filter(ImageFilter.GaussianBlur(radius))


def in_size(picture: Image.Image, longest: int) -> Image.Image:
    copy = picture.copy()
    copy.thumbnail((longest, longest))
    return copy


def packed(picture: Image.Image, form: str = "JPEG", *, quality: int = 70, orientation: int | None = None) -> bytes:
    out, exif = BytesIO(), Image.Exif()
    if orientation:
        exif[ORIENTATION] = orientation
    picture.save(out, form, quality=quality, exif=exif)
    return out.getvalue()


def scanned(pdf: bytes, dpi: int = 200) -> bytes:
    """What a scanner makes of a print: a PDF with a picture of each page, without signature and text."""
    copy, out = pypdfium2.PdfDocument.new(), BytesIO()
    with pypdfium2.PdfDocument(pdf) as document:
        for number in range(len(document)):
            picture = pypdfium2.PdfImage.new(copy)
            picture.set_bitmap(document[number].render(scale=dpi / 72))
            picture.set_matrix(pypdfium2.PdfMatrix().scale(595, 842))
            page = copy.new_page(595, 842)
            page.insert_obj(picture)
            page.gen_content()
    copy.save(out)
    return out.getvalue()


def _solved(rows: list[list[float]]) -> Sequence[float]:
    """Gauss and Jordan: eight equations, the last column is the right side."""
    for place in range(len(rows)):
        best = max(range(place, len(rows)), key=lambda row: abs(rows[row][place]))
        rows[place], rows[best] = rows[best], rows[place]
        rows[place] = [value / rows[place][place] for value in rows[place]]
        for other in range(len(rows)):
            if other != place:
                rows[other] = [a - rows[other][place] * b for a, b in zip(rows[other], rows[place], strict=True)]
    return [row[-1] for row in rows]
