"""The picture of a day at the consulates, for who leads them: what came, where it stood, what became of it. One SVG."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

WIDTH, MARGIN = 1000, 28
LABELS = 290  # before bars
INK, PAPER, GRID, FADED, BLUE, RED = "#22303c", "#ffffff", "#d9dfe4", "#5c6b78", "#3d6f9e", "#b3402a"
COLOURS = {
    "submitted": "#c9d6e2",
    "fee_due": "#e8c36a",
    "in_review": "#7fa6c9",
    "papers_requested": "#e08b5a",
    "with_another_body": "#a58bbf",
    "proposed": "#3d6f9e",
    "approved": "#8fc1a9",
    "awaiting_arrival": "#c7b3d9",
    "ready": "#4f9a78",
    "ended": "#1d6b4f",
    "refused": RED,
    "withdrawn": "#9aa5ae",
}
WORDS = {
    "submitted": "in the queue",
    "fee_due": "fee due",
    "in_review": "under review",
    "papers_requested": "papers requested",
    "with_another_body": "with another body",
    "proposed": "before the decision",
    "approved": "approved, being made here",
    "awaiting_arrival": "approved, made elsewhere",
    "ready": "ready to be collected",
    "ended": "given to the citizen",
    "refused": "refused",
    "withdrawn": "withdrawn",
}
HOLDERS = {
    "the post: in the queue": "#c9d6e2",
    "the post: officers": BLUE,
    "the citizen": "#e8c36a",
    "another body": "#a58bbf",
    "being made": "#8fc1a9",
}


@dataclass(frozen=True)
class DayFigures:
    """standing: by status, how many stood there at each of the hours. came: handed in at each. held: case hours by holder."""

    title: str
    summary: str
    hours: Sequence[str]
    standing: Mapping[str, Sequence[int]]
    came: Sequence[int]
    held: Mapping[str, float]
    services: Sequence[tuple[str, Mapping[str, int]]]
    officers: Sequence[tuple[str, Sequence[int]]]
    notes: Sequence[tuple[int, str]]  # at which look, and what happened
    below: str


def draw(figures: DayFigures) -> str:
    """Out: the SVG as text."""
    parts = [_text(MARGIN, 40, figures.title, size=22, weight="bold")]
    top = 66.0
    for line in _folded(figures.summary, 112):
        parts.append(_text(MARGIN, top, line, size=15))
        top += 21
    top = _headed(parts, top + 16, "Where the applications stood")
    legend, top = _legend(top)
    parts += [*legend, *_areas(figures, top, 230)]
    top = _headed(parts, top + 230 + 74, "What came in each quarter of an hour, and how long the queue was (line)")
    parts += _arrivals(figures, top, 110)
    top = _headed(parts, top + 110 + 52, "Who held the time")
    parts += _held(figures, top)
    top = _headed(parts, top + 76, "What came of each service by the evening")
    parts += _bars(figures, top)
    top = _headed(parts, top + 26 * len(figures.services) + 36, "Acts of each officer over the day")
    parts += _officers(figures, top)
    top += 32 * len(figures.officers) + 30
    parts.append(_text(MARGIN, top, figures.below, size=13, fill=FADED))
    height = top + 24
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0f}" width="{WIDTH}" height="{height:.0f}" '
        f'font-family="DejaVu Sans, Arial, sans-serif" role="img"><title>{escape(figures.title)}</title>'
        f"<desc>{escape(figures.summary)}</desc>"
        f'<rect width="{WIDTH}" height="{height:.0f}" fill="{PAPER}"/>{"".join(parts)}</svg>\n'
    )


@dataclass(frozen=True)
class _Chart:
    """Moments from left to right, counts from below."""

    top: float
    height: float
    looks: int
    most: float

    def x(self, at: float) -> float:
        left, right = MARGIN + 34, WIDTH - MARGIN
        return left + (right - left) * at / max(1, self.looks - 1)

    def y(self, count: float) -> float:
        return self.top + self.height - self.height * count / self.most

    def frame(self, hours: Sequence[str]) -> list[str]:
        parts = [_line(self.x(0), self.y(count), WIDTH - MARGIN, self.y(count)) for count in self._steps()]
        parts += [_text(self.x(0) - 6, self.y(count) + 4, f"{count}", size=12, anchor="end") for count in self._steps()]
        whole = [at for at, hour in enumerate(hours) if hour.endswith(":00")]
        foot = self.top + self.height + 18
        return parts + [_text(self.x(at), foot, hours[at], size=12, anchor="middle") for at in whole]

    def _steps(self) -> range:
        wide = next(step for step in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000) if self.most / step <= 5)
        return range(0, int(self.most) + 1, wide)


def _areas(figures: DayFigures, top: float, height: float) -> list[str]:
    """All cases that stood in each status, one band above the other."""
    looks = len(figures.hours)
    most = max(1, *(sum(figures.standing[status][at] for status in figures.standing) for at in range(looks)))
    chart = _Chart(top, height, looks, most)
    parts = chart.frame(figures.hours)
    below = [0] * looks
    for status in COLOURS:
        if status not in figures.standing:
            continue
        above = [low + count for low, count in zip(below, figures.standing[status], strict=True)]
        edge = [(at, above[at]) for at in range(looks)] + [(at, below[at]) for at in reversed(range(looks))]
        points = " ".join(f"{chart.x(at):.1f},{chart.y(count):.1f}" for at, count in edge)
        parts.append(f'<polygon points="{points}" fill="{COLOURS[status]}"/>')
        below = above
    for row, (at, said) in enumerate(figures.notes):
        parts.append(_line(chart.x(at), top - 4, chart.x(at), top + height, colour=INK, dash="3 3"))
        anchor = "end" if chart.x(at) > WIDTH * 0.6 else "start"
        parts.append(_text(chart.x(at), top + height + 36 + 16 * (row % 2), said, size=13, anchor=anchor))
    return parts


def _arrivals(figures: DayFigures, top: float, height: float) -> list[str]:
    queue = figures.standing["submitted"]
    chart = _Chart(top, height, len(figures.hours), 1.25 * max(1, *queue, *figures.came))
    parts, foot = chart.frame(figures.hours), top + height
    wide = chart.x(1) - chart.x(0)
    for at, count in enumerate(figures.came):
        place = f'x="{chart.x(at) - wide * 0.3:.1f}" y="{chart.y(count):.1f}" width="{wide * 0.6:.1f}"'
        parts.append(f'<rect {place} height="{foot - chart.y(count):.1f}" fill="{COLOURS["in_review"]}"/>')
    points = " ".join(f"{chart.x(at):.1f},{chart.y(count):.1f}" for at, count in enumerate(queue))
    parts.append(f'<polyline points="{points}" fill="none" stroke="{RED}" stroke-width="2.5"/>')
    longest = max(range(len(queue)), key=lambda at: queue[at])
    if queue[longest]:
        said = f"longest queue: {queue[longest]} at {figures.hours[longest]}"
        anchor = "end" if chart.x(longest) > WIDTH * 0.6 else "start"
        parts.append(_text(chart.x(longest) + 6, chart.y(queue[longest]) - 4, said, size=13, anchor=anchor, fill=RED))
    return parts


def _held(figures: DayFigures, top: float) -> list[str]:
    """One bar: the hours that cases lay with each, of all that was open."""
    total, across = sum(figures.held.values()) or 1.0, float(MARGIN)
    parts, legend = [], float(MARGIN)
    for holder, colour in HOLDERS.items():
        share = figures.held.get(holder, 0) / total
        wide = (WIDTH - 2 * MARGIN) * share
        parts.append(f'<rect x="{across:.1f}" y="{top}" width="{wide:.1f}" height="24" fill="{colour}"/>')
        across += wide
        said = f"{holder} {share:.0%}"
        parts.append(f'<rect x="{legend}" y="{top + 34}" width="14" height="14" fill="{colour}"/>')
        parts.append(_text(legend + 20, top + 46, said, size=13))
        legend += 40 + 7.6 * len(said)
    return parts


def _bars(figures: DayFigures, top: float) -> list[str]:
    most = max(1, *(sum(counts.values()) for _, counts in figures.services))
    left, right = MARGIN + LABELS, WIDTH - MARGIN - 40
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
    left, right = MARGIN + LABELS, WIDTH - MARGIN - 40
    parts = []
    for row, (name, acts) in enumerate(figures.officers):
        down = top + 32 * row
        parts.append(_text(left - 10, down + 18, name, size=13, anchor="end"))
        parts.append(_line(left, down + 26, right, down + 26))
        wide = (right - left) / max(1, len(acts))
        for at, count in enumerate(acts):
            high = 26 * count / most
            place = f'x="{left + wide * at + 0.5:.1f}" y="{down + 26 - high:.1f}" width="{max(1.0, wide - 1):.1f}"'
            parts.append(f'<rect {place} height="{high:.1f}" fill="{BLUE}"/>')
        parts.append(_text(right + 6, down + 18, str(sum(acts)), size=13))
    return parts


def _legend(top: float) -> tuple[list[str], float]:
    """Out: also where what it belongs to begins."""
    parts, across, down = [], float(MARGIN), top
    for status, colour in COLOURS.items():
        wide = 32 + 7.0 * len(WORDS[status])
        if across + wide > WIDTH - MARGIN:
            across, down = float(MARGIN), down + 22
        parts.append(f'<rect x="{across}" y="{down}" width="14" height="14" fill="{colour}"/>')
        parts.append(_text(across + 20, down + 12, WORDS[status], size=13))
        across += wide
    return parts, down + 30


def _headed(parts: list[str], top: float, heading: str) -> float:
    """Out: where what belongs to it begins."""
    parts.append(_text(MARGIN, top + 8, heading, size=16, weight="bold"))
    return top + 22


def _folded(said: str, most: int) -> list[str]:
    lines = [""]
    for word in said.split():
        if len(lines[-1]) + len(word) > most:
            lines.append("")
        lines[-1] += f" {word}" if lines[-1] else word
    return lines


def _text(x: float, y: float, said: str, *, size: int, weight: str = "normal", anchor: str = "start", fill: str = INK) -> str:
    where = f'x="{x:.1f}" y="{y:.1f}" font-size="{size}" font-weight="{weight}" text-anchor="{anchor}" fill="{fill}"'
    return f"<text {where}>{escape(said)}</text>"


def _line(x1: float, y1: float, x2: float, y2: float, *, colour: str = GRID, dash: str = "") -> str:
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}"{dashed}/>'
