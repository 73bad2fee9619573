"""The picture of a day at the consulates: what stood open hour by hour, what came of each service, who worked. One SVG."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

WIDTH, MARGIN = 1000, 28
INK, PAPER, GRID, FADED = "#22303c", "#ffffff", "#d9dfe4", "#5c6b78"
COLOURS = {
    "submitted": "#c9d6e2",
    "fee_due": "#e8c36a",
    "in_review": "#7fa6c9",
    "papers_requested": "#e08b5a",
    "with_another_body": "#a58bbf",
    "proposed": "#3d6f9e",
    "approved": "#8fc1a9",
    "ready": "#4f9a78",
    "ended": "#1d6b4f",
    "refused": "#b3402a",
    "withdrawn": "#9aa5ae",
}
WORDS = {
    "submitted": "waiting for an officer",
    "fee_due": "fee due",
    "in_review": "under review",
    "papers_requested": "papers requested",
    "with_another_body": "with another body",
    "proposed": "before the decision",
    "approved": "approved, being made",
    "ready": "ready",
    "ended": "handed over or issued",
    "refused": "refused",
    "withdrawn": "withdrawn",
}


@dataclass(frozen=True)
class DayFigures:
    """hours: labels of the looks, as 09:00; standing: by status, one number for each look; services: title, by status, at the
    end; officers: name and acts in each look; notes: what happened when, as (position among the looks, text)."""

    title: str
    hours: Sequence[str]
    standing: Mapping[str, Sequence[int]]
    services: Sequence[tuple[str, Mapping[str, int]]]
    officers: Sequence[tuple[str, Sequence[int]]]
    notes: Sequence[tuple[int, str]]
    below: str


def draw(figures: DayFigures) -> str:
    """Out: the SVG as text."""
    parts = [_text(MARGIN, 38, figures.title, size=21, weight="bold")]
    top = 62
    parts += _legend(top)
    top += 52
    parts += _areas(figures, top, 250)
    top += 250 + 78
    parts.append(_text(MARGIN, top, "What came of each service", size=16, weight="bold"))
    parts += _bars(figures, top + 14)
    top += 14 + 26 * len(figures.services) + 44
    parts.append(_text(MARGIN, top, "Acts of each officer, by hour", size=16, weight="bold"))
    parts += _officers(figures, top + 16)
    top += 16 + 30 * len(figures.officers) + 40
    parts.append(_text(MARGIN, top, figures.below, size=13, fill=FADED))
    height = top + 24
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        f'font-family="DejaVu Sans, Arial, sans-serif" role="img"><title>{escape(figures.title)}</title>'
        f'<rect width="{WIDTH}" height="{height}" fill="{PAPER}"/>{"".join(parts)}</svg>\n'
    )


def _areas(figures: DayFigures, top: float, height: float) -> list[str]:
    """All cases that stood in each status, one band above the other."""
    looks = len(figures.hours)
    left, right = MARGIN + 34, WIDTH - MARGIN
    most = max(1, *(sum(figures.standing[status][at] for status in figures.standing) for at in range(looks)))

    def x(at: int) -> float:
        return left + (right - left) * at / max(1, looks - 1)

    def y(count: float) -> float:
        return top + height - height * count / most

    parts = [_line(left, y(most * part), right, y(most * part)) for part in (0, 0.5, 1)]
    parts += [_text(left - 6, y(most * part) + 4, f"{most * part:.0f}", size=12, anchor="end") for part in (0, 0.5, 1)]
    below = [0] * looks
    for status in COLOURS:
        if status not in figures.standing:
            continue
        above = [low + count for low, count in zip(below, figures.standing[status], strict=True)]
        edge = [(x(at), y(above[at])) for at in range(looks)] + [(x(at), y(below[at])) for at in reversed(range(looks))]
        points = " ".join(f"{across:.1f},{down:.1f}" for across, down in edge)
        parts.append(f'<polygon points="{points}" fill="{COLOURS[status]}"/>')
        below = above
    step = max(1, round(looks / 10))
    parts += [_text(x(at), top + height + 18, figures.hours[at], size=12, anchor="middle") for at in range(0, looks, step)]
    for row, (at, said) in enumerate(figures.notes):
        parts.append(_line(x(at), top - 4, x(at), top + height, colour=INK, dash="3 3"))
        anchor = "end" if x(at) > WIDTH * 0.6 else "start"
        parts.append(_text(x(at), top + height + 36 + 16 * (row % 2), said, size=12, anchor=anchor))
    return parts


def _bars(figures: DayFigures, top: float) -> list[str]:
    most = max(1, *(sum(counts.values()) for _, counts in figures.services))
    left, right = MARGIN + 300, WIDTH - MARGIN - 40
    parts = []
    for row, (title, counts) in enumerate(figures.services):
        down, across = top + 26 * row, float(left)
        parts.append(_text(left - 10, down + 15, title, size=13, anchor="end"))
        for status in COLOURS:
            wide = (right - left) * counts.get(status, 0) / most
            if wide:
                parts.append(f'<rect x="{across:.1f}" y="{down}" width="{wide:.1f}" height="20" fill="{COLOURS[status]}"/>')
            across += wide
        parts.append(_text(across + 6, down + 15, str(sum(counts.values())), size=13))
    return parts


def _officers(figures: DayFigures, top: float) -> list[str]:
    most = max(1, *(max(acts, default=0) for _, acts in figures.officers))
    left, right = MARGIN + 300, WIDTH - MARGIN - 40
    parts = []
    for row, (name, acts) in enumerate(figures.officers):
        down = top + 30 * row
        parts.append(_text(left - 10, down + 17, name, size=13, anchor="end"))
        wide = (right - left) / max(1, len(acts))
        for at, count in enumerate(acts):
            high = 24 * count / most
            place = f'x="{left + wide * at + 0.5:.1f}" y="{down + 24 - high:.1f}" width="{max(1.0, wide - 1):.1f}"'
            parts.append(f'<rect {place} height="{high:.1f}" fill="#3d6f9e"/>')
        parts.append(_text(right + 6, down + 17, str(sum(acts)), size=13))
    return parts


def _legend(top: float) -> list[str]:
    parts, across, down = [], float(MARGIN), top
    for status, colour in COLOURS.items():
        wide = 26 + 7.4 * len(WORDS[status])
        if across + wide > WIDTH - MARGIN:
            across, down = float(MARGIN), down + 22
        parts.append(f'<rect x="{across}" y="{down}" width="14" height="14" fill="{colour}"/>')
        parts.append(_text(across + 20, down + 12, WORDS[status], size=13))
        across += wide
    return parts


def _text(x: float, y: float, said: str, *, size: int, weight: str = "normal", anchor: str = "start", fill: str = INK) -> str:
    where = f'x="{x:.1f}" y="{y:.1f}" font-size="{size}" font-weight="{weight}" text-anchor="{anchor}" fill="{fill}"'
    return f"<text {where}>{escape(said)}</text>"


def _line(x1: float, y1: float, x2: float, y2: float, *, colour: str = GRID, dash: str = "") -> str:
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}"{dashed}/>'
