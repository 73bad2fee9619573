"""Pictures drawn anew from their points: whatever else lay in the file (places, scripts, a second file) is not in the new one.

Only inside the cleaning process: Pillow opens what strangers sent.
"""

import io
import warnings
from typing import Final

from PIL import Image, ImageOps

from services.applications.uploads.told import Refused

MOST_PIXELS: Final = 64_000_000  # the largest cameras of telephones; a picture made to fill a machine has more
LONGEST_SIDE: Final = 2_400  # an A4 page at 200 dpi
JPEG_QUALITY: Final = 85
LARGEST_PNG: Final = 4_000_000  # a photograph kept as PNG is larger, and becomes a JPEG
_FORMATS: Final = {"image/jpeg": "JPEG", "image/png": "PNG"}


def opened(data: bytes, media_type: str) -> Image.Image:
    """The picture upright, in grey or in three colours, not longer than LONGEST_SIDE. Raises Refused."""
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    warnings.simplefilter("error", Image.DecompressionBombWarning)  # between once and twice as many it only warns
    try:
        with Image.open(io.BytesIO(data), formats=(_FORMATS[media_type],)) as image:
            _must_be_small(image)
            image.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))  # a large JPEG is decoded at a fraction of its size
            image.load()
            upright = ImageOps.exif_transpose(image)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise Refused("too-many-pixels") from None
    except MemoryError:
        raise
    except Exception:
        raise Refused("unreadable") from None
    plain = _plain(upright)
    plain.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    return plain


def encoded(image: Image.Image, media_type: str) -> tuple[str, bytes]:
    """Out: the media type, which may be another one, and the new file. The same picture gives the same file."""
    bare = Image.new(image.mode, image.size)  # nothing comes along but the points
    bare.paste(image)
    if media_type == "image/png":
        png = _saved(bare, "PNG", optimize=False)
        if len(png) <= LARGEST_PNG:
            return "image/png", png
    return "image/jpeg", _saved(bare, "JPEG", quality=JPEG_QUALITY)


def _must_be_small(image: Image.Image) -> None:
    """Twice the limit raises while it is opened; this is for what lies between."""
    width, height = image.size
    if width * height > MOST_PIXELS or min(width, height) < 1:
        raise Refused("too-many-pixels")


def _plain(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I"):  # 16 bits of grey
        return image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    if image.mode in ("1", "L"):
        return image.convert("L")
    if image.mode in ("LA", "PA", "RGBA", "RGBa", "La") or "transparency" in image.info:
        over = image.convert("RGBA")
        white = Image.new("RGB", over.size, "white")
        white.paste(over, mask=over.getchannel("A"))
        return white
    return image.convert("RGB")


def _saved(image: Image.Image, kind: str, **how: int) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **how)
    return out.getvalue()
