"""docs/case-life.md and its picture: the life of a case, made from the one table that every act asks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from html import escape
from math import hypot
from pathlib import Path

from deploy.local.places import CHECKOUT
from services.applications.api.status_words import TO_OFFICER
from services.applications.api.wording import ACTION
from services.applications.domain.journal import Action
from services.applications.domain.status import ISSUED, TO_BE_MADE, UNDECIDED, Status
from services.applications.domain.transitions import TRANSITIONS

PAGE = CHECKOUT / "docs" / "case-life.md"
PICTURE = CHECKOUT / "docs" / "pictures" / "case-life.svg"
CITIZEN = {
    Action.START, Action.SAVE_ANSWERS, Action.ATTACH, Action.DETACH, Action.SUBMIT, Action.HAND_IN_AGAIN, Action.WITHDRAW,
    Action.WRITE_TO_POST, Action.INVITE_COSIGNER, Action.COSIGN, Action.DECLINE_TO_COSIGN,
}  # fmt: skip
SYSTEM = {
    Action.EXPIRE, Action.REQUEST_RAN_OUT, Action.CLAIM_RAN_OUT, Action.MOVE, Action.MOVE_TO_QUEUE, Action.MARK_READY,
    Action.NOTE_ISSUE_PROBLEM, Action.NOTE_UNDELIVERABLE, Action.NOTE_TERM,
}  # fmt: skip
PLACES: dict[Status, tuple[int, int]] = {
    Status.DRAFT: (85, 325),
    Status.FEE_DUE: (265, 430),
    Status.SUBMITTED: (265, 325),
    Status.IN_REVIEW: (450, 245),
    Status.PAPERS_REQUESTED: (310, 125),
    Status.WITH_ANOTHER_BODY: (590, 125),
    Status.PROPOSED: (635, 325),
    Status.AWAITING_BLANK: (845, 140),
    Status.AWAITING_VISIT: (845, 345),
    Status.APPROVED: (845, 240),
    Status.AWAITING_ARRIVAL: (845, 440),
    Status.HANDED_OVER: (1065, 165),
    Status.READY: (1065, 300),
    Status.SENT: (1065, 440),
    Status.EXPIRED: (85, 570),
    Status.WITHDRAWN: (450, 570),
    Status.REFUSED: (635, 570),
    Status.ANNULLED: (1065, 570),
}
GROUPS: dict[str, tuple[Sequence[Status], tuple[int, int, int, int]]] = {  # left, top, width, height
    "review": (UNDECIDED, (180, 85, 540, 390)),
    "to be made": (TO_BE_MADE, (760, 85, 170, 400)),
    "issued": (ISSUED, (980, 85, 170, 400)),
}
WIDTH, HEIGHT, BOX_W, BOX_H = 1170, 620, 138, 44
Point = tuple[float, float]
_INTRODUCTION = """# The life of a case

Made by `./eshik contracts update` from [transitions.py](../services/applications/domain/transitions.py); a test holds it
current. Every act asks that table before it changes anything, the ledger reads the journal by it, and
`tests/unit/applications/test_case_life.py` lets 100,000 random acts walk all of it. An act that is not in it is a mistake of ours
and is not saved.

![The states of a case and the acts between them; the numbers are those of the table below](pictures/case-life.svg)

A line from or to a frame stands for each state in it. What a number means:
"""


def case_life_files() -> dict[Path, str]:
    return {PAGE: _page(), PICTURE: _picture()}


def _numbers() -> dict[Action, int]:
    moving = [action for action, move in TRANSITIONS.items() if move.changes_state]
    return {action: number for number, action in enumerate(moving, 1)}


def _page() -> str:
    lines = [_INTRODUCTION, "| | act | who | from | to |", "|---|---|---|---|---|"]
    numbers = _numbers()
    for action, number in numbers.items():
        move = TRANSITIONS[action]
        lines.append(f"| {number} | {_words(action)} | {_who(action)} | {_names(move.starts)} | {_names(move.leads)} |")
    lines += ["", "Acts that leave the state as it is:", "", "| act | who | in |", "|---|---|---|"]
    for action, move in TRANSITIONS.items():
        if action not in numbers:
            lines.append(f"| {_words(action)} | {_who(action)} | {_names(move.starts)} |")
    lines += ["", "The states, as an officer reads them:", "", "| state | read as | what is next |", "|---|---|---|"]
    for status in Status:
        nexts = TO_OFFICER.next.get(status, "")
        lines.append(f"| `{status.value}` | {TO_OFFICER.status[status]} | {nexts} |")
    return "\n".join(lines) + "\n"


def _words(action: Action) -> str:
    return f"{ACTION.get(action.value, '')} `{action.value.partition(':')[2]}`".strip()


def _who(action: Action) -> str:
    return "citizen" if action in CITIZEN else "by itself" if action in SYSTEM else "officer"


def _names(statuses: Sequence[Status]) -> str:
    if not statuses:
        return "–"
    if set(statuses) == set(Status):
        return "any"
    missing = set(Status) - set(statuses)
    if len(missing) <= 2:
        return "any but " + ", ".join(f"`{status.value}`" for status in Status if status in missing)
    return ", ".join(f"`{status.value}`" for status in statuses)


def _ends(statuses: Sequence[Status]) -> list[str | Status]:
    """What is drawn for them: a frame where they are all, or nearly all, of one."""
    for name, (of_it, _) in GROUPS.items():
        if set(statuses) <= set(of_it) and len(statuses) >= 3:
            return [name]
    return list(statuses)


def _picture() -> str:
    lines: dict[tuple[str | Status, str | Status], list[int]] = defaultdict(list)
    for action, number in _numbers().items():
        move = TRANSITIONS[action]
        for start in _ends(move.starts):
            for to in _ends(move.leads):
                if start != to:
                    lines[start, to].append(number)
    frames = "".join(_frame(name, *place) for name, (_, place) in GROUPS.items())
    drawn = "".join(_line(start, to, numbers) for (start, to), numbers in lines.items())
    boxes = "".join(_box(status) for status in Status)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="13">\n'
        '<title>The life of a case</title>\n<defs><marker id="a" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" '
        'markerHeight="8" orient="auto"><path d="M0 0L8 4L0 8z" fill="#44545f"/></marker></defs>\n'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>\n{frames}{drawn}{boxes}</svg>\n'
    )


def _frame(name: str, left: int, top: int, width: int, height: int) -> str:
    return (
        f'<rect x="{left}" y="{top}" width="{width}" height="{height}" rx="10" fill="#f3f6f8" stroke="#b6c2ca" '
        f'stroke-dasharray="5 4"/>\n<text x="{left + 10}" y="{top - 8}" fill="#5b6b76">{escape(name)}</text>\n'
    )


def _box(status: Status) -> str:
    x, y = PLACES[status]
    words = status.value.replace("_", " ")
    return (
        f'<rect x="{x - BOX_W / 2:g}" y="{y - BOX_H / 2:g}" width="{BOX_W}" height="{BOX_H}" rx="6" fill="#fff" '
        f'stroke="#22607f" stroke-width="1.5"/>\n<text x="{x}" y="{y + 4}" text-anchor="middle">{escape(words)}</text>\n'
    )


def _line(start: str | Status, to: str | Status, numbers: Sequence[int]) -> str:
    (x1, y1, w1, h1), (x2, y2, w2, h2) = _room(start, to), _room(to, start)
    length = hypot(x2 - x1, y2 - y1) or 1
    bend = min(length / 6, 34)
    middle = ((x1 + x2) / 2 - (y2 - y1) / length * bend, (y1 + y2) / 2 + (x2 - x1) / length * bend)
    begin, end = _border((x1, y1), middle, w1, h1), _border((x2, y2), middle, w2, h2)
    top = ((begin[0] + 2 * middle[0] + end[0]) / 4, (begin[1] + 2 * middle[1] + end[1]) / 4)
    text = ", ".join(map(str, numbers))
    return (
        f'<path d="M{begin[0]:.0f} {begin[1]:.0f}Q{middle[0]:.0f} {middle[1]:.0f} {end[0]:.0f} {end[1]:.0f}" fill="none" '
        f'stroke="#44545f" marker-end="url(#a)"/>\n<text x="{top[0]:.0f}" y="{top[1] + 4:.0f}" text-anchor="middle" '
        f'font-size="12" font-weight="bold" fill="#8a3b12" stroke="#fff" stroke-width="4" paint-order="stroke">{text}</text>\n'
    )


def _room(end: str | Status, other: str | Status) -> tuple[float, float, float, float]:
    """Centre, width and height; of a frame, level with the other end as far as it reaches."""
    if isinstance(end, Status):
        return (*PLACES[end], BOX_W, BOX_H)
    left, top, width, height = GROUPS[end][1]
    x, y = left + width / 2, top + height / 2
    if isinstance(other, Status):
        ox, oy = PLACES[other]
        x, y = min(max(ox, left), left + width), min(max(oy, top), top + height)
        return x, y, 2, 2
    return x, y, width, height


def _border(centre: Point, towards: Point, width: float, height: float) -> Point:
    dx, dy = towards[0] - centre[0], towards[1] - centre[1]
    share = min((width / 2) / abs(dx) if dx else 9, (height / 2) / abs(dy) if dy else 9, 1)
    return centre[0] + dx * share, centre[1] + dy * share
