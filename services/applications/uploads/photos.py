"""Whether a photograph can be used in a passport, as far as a machine can tell, and a picture that shows what is wrong.

Its shape and its size are measured: with these wrong it cannot be handed in. Sharpness and background are judged: a person may
see it otherwise, so they are told, to the officer too, and stop nobody. Where the thresholds come from: docs/uploads.md.
"""

import io
from collections.abc import Iterator
from typing import Final

from PIL import Image, ImageDraw, ImageFilter, ImageStat

from services.applications.uploads.told import Photo

TOO_SMALL: Final = "photo-too-small"
WRONG_SHAPE: Final = "photo-wrong-shape"
BLURRED: Final = "photo-blurred"
DARK_BACKGROUND: Final = "photo-dark-background"
BUSY_BACKGROUND: Final = "photo-busy-background"

SHAPE_MAY_DIFFER: Final = 0.03  # of width by height
JUDGED_AT: Final = 480  # pixels of height: what it is judged at, whatever the camera
LEAST_SHARPNESS: Final = 30.0  # variance of the Laplacian, the sharpest of the middle
LEAST_BRIGHTNESS: Final = 165.0  # of 255, of a part of the background
MOST_UNEVEN: Final = 28.0  # how far parts of the background may be from their median
MOST_ROUGH: Final = 22.0  # standard deviation within a part
MARKED_HEIGHT: Final = 640
_RED, _FRAME = (200, 30, 30), (20, 120, 60)
_LAPLACIAN = ImageFilter.Kernel((3, 3), (0, 1, 0, 1, -4, 1, 0, 1, 0), scale=1, offset=128)
Box = tuple[int, int, int, int]


def judged(image: Image.Image, rule: Photo) -> tuple[tuple[str, ...], bytes]:
    """In: the picture upright. Out: codes of what is wrong, and a JPEG that shows where; empty where nothing is."""
    colours = image.convert("RGB")
    small = colours.resize((max(1, round(colours.width * JUDGED_AT / colours.height)), JUDGED_AT), Image.Resampling.LANCZOS)
    findings, boxes = [], []
    if min(image.size) < rule.least_pixels:
        findings.append(TOO_SMALL)
    crop = _crop(image.width, image.height, rule)
    if crop:
        findings.append(WRONG_SHAPE)
    if _sharpness(small) < LEAST_SHARPNESS:
        findings.append(BLURRED)
        boxes.append(_middle(small))
    dark, uneven = _background(small)
    findings += [DARK_BACKGROUND] if dark else []
    findings += [BUSY_BACKGROUND] if uneven else []
    return tuple(findings), _marked(colours, [*dark, *uneven, *boxes], crop) if findings else b""


def _crop(width: int, height: int, rule: Photo) -> Box | None:
    """The largest part in the middle that has the right shape; None where the whole has it."""
    wanted, there = rule.width_mm / rule.height_mm, width / height
    if abs(there / wanted - 1) <= SHAPE_MAY_DIFFER:
        return None
    if there > wanted:
        inner = round(height * wanted)
        return ((width - inner) // 2, 0, (width + inner) // 2, height)
    inner = round(width / wanted)
    return (0, (height - inner) // 2, width, (height + inner) // 2)


def _sharpness(image: Image.Image) -> float:
    """Of the sharpest ninth of the middle: a face has edges somewhere, a plain wall has none."""
    edges = image.convert("L").filter(_LAPLACIAN)
    left, top, right, bottom = _middle(image)
    across, down = max(1, (right - left) // 3), max(1, (bottom - top) // 3)
    parts = ((left + x * across, top + y * down) for x in range(3) for y in range(3))
    return max(_variance(edges.crop((x, y, x + across, y + down))) for x, y in parts)


def _variance(image: Image.Image) -> float:
    return float(ImageStat.Stat(image).var[0])


def _middle(image: Image.Image) -> Box:
    width, height = image.size
    return (width // 4, height // 5, width - width // 4, height - height // 5)


def _background(image: Image.Image) -> tuple[list[Box], list[Box]]:
    """Parts of the upper rim, where there is no shoulder and no face, that are dark, and those that are not plain."""
    boxes = list(_rim(image))
    stats = [ImageStat.Stat(image.crop(box)) for box in boxes]
    lightness = [ImageStat.Stat(image.crop(box).convert("L")) for box in boxes]
    usual = [sorted(stat.mean[band] for stat in stats)[len(stats) // 2] for band in range(3)]
    dark = [box for box, light in zip(boxes, lightness, strict=True) if light.mean[0] < LEAST_BRIGHTNESS]
    uneven = [
        box
        for box, stat, light in zip(boxes, stats, lightness, strict=True)
        if light.stddev[0] > MOST_ROUGH or max(abs(stat.mean[band] - usual[band]) for band in range(3)) > MOST_UNEVEN
    ]
    return dark, uneven


def _rim(image: Image.Image) -> Iterator[Box]:
    """The upper tenth from side to side, and an eighth of the width down both sides to a third of the height."""
    width, height = image.size
    side, top, down = max(2, width // 8), max(2, height // 12), height // 3
    for x in range(0, width - side + 1, side):
        yield (x, 0, x + side, top)
    step = max(2, (down - top) // 4)
    for y in range(top, down - step + 1, step):
        yield (0, y, side, y + step)
        yield (width - side, y, width, y + step)


def _marked(image: Image.Image, boxes: list[Box], crop: Box | None) -> bytes:
    """Smaller, with frames: red where something is wrong, green around the part that would have the right shape."""
    scale = MARKED_HEIGHT / image.height
    drawn = image.resize((max(1, round(image.width * scale)), MARKED_HEIGHT), Image.Resampling.LANCZOS)
    if crop:
        shade = Image.new("L", drawn.size, 110)
        inner = tuple(round(each * scale) for each in crop)
        ImageDraw.Draw(shade).rectangle(inner, fill=0)
        drawn.paste((60, 60, 60), mask=shade)
        ImageDraw.Draw(drawn).rectangle(inner, outline=_FRAME, width=4)
    factor = MARKED_HEIGHT / JUDGED_AT
    pen = ImageDraw.Draw(drawn)
    for box in boxes:
        pen.rectangle(tuple(round(each * factor) for each in box), outline=_RED, width=3)
    out = io.BytesIO()
    drawn.save(out, "JPEG", quality=80)
    return out.getvalue()
