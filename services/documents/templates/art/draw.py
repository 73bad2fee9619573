"""Draws guilloche.svg and door.svg, the two pieces of art on every paper: python draw.py (standard library only)."""

from math import cos, pi, sin
from pathlib import Path

HERE = Path(__file__).parent
WIDTH, HEIGHT = 210, 297
LINE, ACCENT, PALE = "#9dbab4", "#c9a37e", "#dfeae7"


def _path(points: list[tuple[float, float]], colour: str, width: float, close: bool = True) -> str:
    steps = " ".join(f"{x:.2f} {y:.2f}" for x, y in points)
    end = "Z" if close else ""
    return f'<path d="M{steps}{end}" fill="none" stroke="{colour}" stroke-width="{width}"/>'


def _rosette(x: float, y: float, radius: float, petals: int, lines: int, colour: str) -> list[str]:
    drawn = []
    for line in range(lines):
        turn = 2 * pi * line / lines
        points = []
        for step in range(petals * 20):
            angle = 2 * pi * step / (petals * 20)
            reach = radius * (0.72 + 0.28 * cos(petals * angle + turn))
            points.append((x + reach * cos(angle), y + reach * sin(angle)))
        drawn.append(_path(points, colour, 0.12))
    return drawn


def _band(inset: float, swing: float, lines: int, colour: str) -> list[str]:
    """Waves that run along the edge of the sheet, whole periods on each side, so that they close at the corners."""
    drawn = []
    wide, high = WIDTH - 2 * inset, HEIGHT - 2 * inset
    across, down = round(wide / 6), round(high / 6)
    for line in range(lines):
        turn = 2 * pi * line / lines
        for side in range(4):
            length, waves = (wide, across) if side % 2 == 0 else (high, down)
            points = []
            for step in range(waves * 10 + 1):
                part = step / (waves * 10)
                off = swing * sin(2 * pi * waves * part + turn)
                points.append(_on_side(side, inset, part * length, off))
            drawn.append(_path(points, colour, 0.14, close=False))
    return drawn


def _on_side(side: int, inset: float, along: float, off: float) -> tuple[float, float]:
    if side == 0:
        return inset + along, inset + off
    if side == 1:
        return WIDTH - inset + off, inset + along
    if side == 2:
        return inset + along, HEIGHT - inset + off
    return inset + off, inset + along


def _corner(x: float, y: float) -> list[str]:
    disc = f'<circle cx="{x}" cy="{y}" r="4.6" fill="#ffffff" stroke="{LINE}" stroke-width="0.25"/>'
    return [disc, *_rosette(x, y, 4.1, 8, 5, ACCENT)]


def guilloche() -> str:
    parts = [*_rosette(WIDTH / 2, 150, 74, 18, 9, PALE), *_rosette(WIDTH / 2, 150, 38, 12, 6, PALE)]
    parts += [*_band(9.5, 1.55, 5, LINE), *_band(9.5, 0.8, 2, ACCENT)]
    for inset in (7.3, 11.7):
        parts.append(
            f'<rect x="{inset}" y="{inset}" width="{WIDTH - 2 * inset:.1f}" height="{HEIGHT - 2 * inset:.1f}" '
            f'fill="none" stroke="{LINE}" stroke-width="0.22"/>'
        )
    for x in (9.5, WIDTH - 9.5):
        for y in (9.5, HEIGHT - 9.5):
            parts += _corner(x, y)
    return _svg(WIDTH, HEIGHT, parts)


def door() -> str:
    """An arched door, one leaf ajar: the mark of Eshik (door). Not a state emblem, and like none."""
    ink, accent = "#0f4c4a", "#a8642a"
    arch = "M10 56V24a20 20 0 0 1 40 0V56"
    parts = [
        f'<path d="{arch}" fill="#f4f8f7" stroke="{ink}" stroke-width="2.6"/>',
        f'<path d="M15 56V24a15 15 0 0 1 15 -15V56Z" fill="{ink}"/>',
        f'<path d="M45 56V24A15 15 0 0 0 30 9L38.5 16.5V61.5L45 56Z" fill="{accent}"/>',
        '<path d="M38.5 16.5V61.5L30 56V9Z" fill="#f4f8f7"/>',
        '<circle cx="26.3" cy="36" r="1.3" fill="#f4f8f7"/>',
        f'<path d="M4 57.3H34M43 57.3H56" stroke="{ink}" stroke-width="2.6" stroke-linecap="round"/>',
    ]
    return _svg(60, 64, parts)


def _svg(width: int, height: int, parts: list[str]) -> str:
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}">'
    return "\n".join([head, *parts, "</svg>\n"])


if __name__ == "__main__":
    (HERE / "guilloche.svg").write_text(guilloche())
    (HERE / "door.svg").write_text(door())
