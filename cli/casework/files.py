"""Files as people upload them, drawn so that nobody takes them for real ones: a page of a paper, a photograph for a passport."""

from __future__ import annotations

from functools import cache
from io import BytesIO
from typing import TYPE_CHECKING

from deploy.local.places import CHECKOUT
from services.applications.domain.papers import PaperRule, PhotoRule

if TYPE_CHECKING:
    from PIL.Image import Image

FONT = CHECKOUT / "services" / "documents" / "templates" / "fonts" / "PTS75F.ttf"
PAGE = (640, 420)
SMALLEST_PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108020000009077" + "53de0000000c4944415408d763f8cfc0000003010100c9fe92ef"
    "0000000049454e44ae426082"
)
PIXELS_A_MM = 20


def file_for(paper: PaperRule) -> tuple[str, bytes]:
    """Media type and bytes, as its rule wants them."""
    if paper.photo:
        return "image/jpeg", portrait(paper.photo)
    return "image/jpeg", page()


@cache
def page() -> bytes:
    """JPEG of some 10 KB."""
    from PIL import Image as Images  # here: most commands need no pictures
    from PIL import ImageDraw, ImageFont

    image = Images.new("RGB", PAGE, "#eef3ee")
    pen = ImageDraw.Draw(image)
    pen.text((28, 28), "КАГАЗ · БУМАГА · PAPER", font=ImageFont.truetype(FONT, 26), fill="#3d4f46")
    for row in range(7):
        pen.line((28, 110 + 34 * row, 600 - 60 * (row % 3), 110 + 34 * row), fill="#9fb3a9", width=6)
    pen.text(
        (28, 370), "Ойдон чыгарылган. Документ эмес. · Invented. No document.", font=ImageFont.truetype(FONT, 15), fill="#8a2f2f"
    )
    return _jpeg(image)


@cache
def portrait(rule: PhotoRule) -> bytes:
    """A drawn head before a plain bright wall, in the shape of the rule."""
    from PIL import Image as Images
    from PIL import ImageDraw

    width, height = rule.width_mm * PIXELS_A_MM, rule.height_mm * PIXELS_A_MM
    grown = max(1, -(-rule.least_pixels // min(width, height)))
    width, height = width * grown, height * grown
    image = Images.new("RGB", (width, height), "#f4f4f2")
    pen = ImageDraw.Draw(image)
    pen.pieslice((width * 0.1, height * 0.72, width * 0.9, height * 1.5), 180, 360, fill="#3d5a80")
    pen.ellipse((width * 0.3, height * 0.2, width * 0.7, height * 0.72), fill="#d8b08c")
    pen.pieslice((width * 0.28, height * 0.16, width * 0.72, height * 0.6), 180, 360, fill="#2b2320")
    for eye in (0.42, 0.58):
        pen.ellipse((width * (eye - 0.04), height * 0.42, width * (eye + 0.04), height * 0.45), fill="#ffffff")
        pen.ellipse((width * (eye - 0.018), height * 0.42, width * (eye + 0.018), height * 0.45), fill="#1d1512")
    pen.rectangle((width * 0.43, height * 0.6, width * 0.57, height * 0.615), fill="#8a3b34")
    for line in range(12):  # a collar with stripes: edges, as cloth has them
        pen.line(
            (width * 0.3, height * (0.78 + line * 0.015), width * 0.7, height * (0.78 + line * 0.015)), fill="#f4f4f2", width=5
        )
    return _jpeg(image)


def _jpeg(image: Image) -> bytes:
    kept = BytesIO()
    image.save(kept, "JPEG", quality=85)
    return kept.getvalue()
