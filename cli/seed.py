"""The small consulate of invented people: made once, over the public API, and gone on with where it was interrupted."""

from __future__ import annotations

import time
from collections.abc import Callable
from io import BytesIO
from typing import Any

import httpx

from cli.console import err
from cli.journey import Journey, JourneyFailed, Reply, StepRefused, receipt_of
from cli.seed_cases import CASES, HOLDERS, Case, Holder
from deploy.local.places import CHECKOUT
from deploy.local.ports import Ports

PATIENCE_S = 30.0
FONT = CHECKOUT / "services" / "documents" / "templates" / "fonts" / "PTS75F.ttf"
PICTURE_SIZE = (640, 420)
WITH_DOCUMENT = ("ready", "handed_over")
PAID_BEFORE = ("awaiting_blank", "awaiting_visit")  # what these wait for is not done before the fee is paid


class SeedFailed(Exception):
    """Not everything is there. The text names the step, and what helps."""


def seed(ports: Ports) -> int:
    """Make what is missing, and show how far it is. Out: how many applications were worked on. Raises SeedFailed."""
    journey = Journey(ports, lambda _who, _what: None, patience_s=PATIENCE_S)
    try:
        return 0 if _is_there(journey) else _make_and_show(journey)
    except StepRefused as refusal:
        raise SeedFailed(str(refusal)) from refusal
    except (JourneyFailed, httpx.HTTPError) as error:
        raise SeedFailed(f"{error or type(error).__name__}. ./eshik up goes on from there") from error


def _make_and_show(journey: Journey) -> int:
    began = time.monotonic()
    if not err.is_terminal:
        err.print("  filling    a small consulate of invented people")
    with err.status("") as shown:
        made = make_all(journey, lambda done: shown.update(f"Filling in invented people's applications: {done} of {len(CASES)}"))
    err.print(f"  filled     {made} applications of invented people ({time.monotonic() - began:.1f} s)")
    return made


def make_all(journey: Journey, tell: Callable[[int], None], cases: tuple[Case, ...] = CASES) -> int:
    """Bring each case to its status. One that somebody else has worked on meanwhile is left to them."""
    for login in {login for case in cases for login in (case.citizen, *case.officers) if login}:
        journey.sign_in(login)
    refused: StepRefused | None = None
    *others, last = cases
    issued = [case for case in others if case.until in WITH_DOCUMENT]
    for done, case in enumerate([*others, *issued, last]):  # the documents are issued while others are worked on
        tell(min(done, len(others)))
        try:
            if done >= len(others) and case is not last:
                _await_document(journey, case)
            _bring_there(journey, case)
        except StepRefused as refusal:
            refused = refusal
    if refused:
        raise refused
    return len(cases)


def _is_there(journey: Journey) -> bool:
    """Whether the last case exists: it is begun when all others are done."""
    journey.sign_in(CASES[-1].citizen)
    return _found(journey, CASES[-1]) is not None


def _found(journey: Journey, case: Case) -> Reply | None:
    rows: list[Reply] = journey.get(case.citizen, "/api/applications?limit=100")["applications"]
    return next((row for row in rows if row["service"]["id"] == case.service_id and row["post"]["id"] == case.post_id), None)


def _bring_there(journey: Journey, case: Case) -> None:
    """From wherever it stands. A step that is done is not done again: its key is the same, and the status says so."""
    found = _found(journey, case) or _begin(journey, case)
    own = f"/api/applications/{found['id']}"
    status = found["status"]
    if status == "draft":
        status = _fill_in(journey, case, own)
    while status != case.until and (step := _next_step(case, status)):
        login, path, body = step
        name = path.rpartition("/")[2]
        journey.post(login, path.replace("{id}", found["id"]), body, key=case.key(name))
        status = journey.get(case.citizen, own)["status"]
        if status in PAID_BEFORE:
            _pay(journey, case, found["id"])


def _pay(journey: Journey, case: Case, application_id: str) -> None:
    path = f"/api/officer/applications/{application_id}/fee"
    for part in journey.get(case.officers[0], path)["parts"]:
        if part["state"] == "open":
            number = f"SEED-{application_id[:8].upper()}-{part['id'][:6].upper()}"
            journey.post(case.officers[0], f"{path}/receipts", receipt_of(part, number), key=case.key(f"receipt-{part['id']}"))


def _await_document(journey: Journey, case: Case) -> None:
    if (found := _found(journey, case)) and found["status"] == "approved":
        journey.until_ready(case.citizen, found["id"])


def _begin(journey: Journey, case: Case) -> Reply:
    asked = {"service_id": case.service_id, "post_id": case.post_id, "language": case.language}
    return journey.post(case.citizen, "/api/applications", asked, key=case.key("start"))


def _fill_in(journey: Journey, case: Case, own: str) -> str:
    """Answers and picture, and the submission where it has one. Out: the status after it."""
    saved = journey.put(case.citizen, f"{own}/answers", json={"answers": case.all_answers})
    if not case.barely_begun and saved["attachment"] is None:
        picture = specimen_picture(HOLDERS[case.citizen])
        journey.put(case.citizen, f"{own}/attachment", content=picture, headers={"Content-Type": "image/jpeg"})
    if case.until == "draft":
        return "draft"
    return str(journey.post(case.citizen, f"{own}/submission", key=case.key("submission"))["status"])


def _next_step(case: Case, status: str) -> tuple[str, str, Reply | None] | None:
    """Who does what next: login, path and body. None: nobody, or the services by themselves."""
    first, second = case.officers
    verdict: dict[str, Any] = {"outcome": "refuse", "reason": case.refused_for} if case.refused_for else {"outcome": "approve"}
    officers = "/api/officer/applications/{id}"
    if case.until == "withdrawn":
        return (case.citizen, "/api/applications/{id}/withdrawal", None) if status == "submitted" else None
    steps: dict[str, tuple[str, str, Reply | None]] = {
        "submitted": (first, f"{officers}/claim", None),
        "in_review": (first, f"{officers}/proposal", verdict),
        "proposed": (second, f"{officers}/decision", verdict),
        "awaiting_blank": (first, f"{officers}/blank", {"blank_number": case.blank}),
    }
    if case.until == "handed_over":
        steps["ready"] = (first, f"{officers}/handover", None)
    return steps.get(status)


def specimen_picture(holder: Holder) -> bytes:
    """A page as of a passport, drawn so that nobody takes it for one. JPEG of some 20 KB."""
    from PIL import Image, ImageDraw, ImageFont  # here: it is needed once in the life of a stack

    image = Image.new("RGB", PICTURE_SIZE, "#eef3ee")
    draw = ImageDraw.Draw(image)
    small, plain, large = (ImageFont.truetype(FONT, size) for size in (15, 22, 96))
    draw.rectangle((28, 96, 188, 306), fill="#c9d6cf")
    draw.ellipse((72, 130, 144, 214), fill="#9fb3a9")
    draw.pieslice((48, 226, 168, 386), 180, 360, fill="#9fb3a9")
    draw.text((28, 28), "ЖЕКЕ МААЛЫМАТ БАРАГЫ · DATA PAGE", font=plain, fill="#3d4f46")
    rows = (("Аты-жөнү / Name", holder.name), ("Latin", holder.latin), ("Туулган күнү / Born", holder.born))
    for number, (label, value) in enumerate((*rows, ("№", holder.document_number))):
        draw.text((216, 96 + 54 * number), label, font=small, fill="#6b7d74")
        draw.text((216, 114 + 54 * number), value, font=plain, fill="#1d2a24")
    draw.text((28, 370), "Ойдон чыгарылган адам. Документ эмес. · An invented person. No document.", font=small, fill="#8a2f2f")
    mark = Image.new("L", (520, 130))
    ImageDraw.Draw(mark).text((8, 8), "SPECIMEN", font=large, fill=110)
    turned = mark.rotate(24, expand=True)
    image.paste("#b03030", (70, 40), turned)
    kept = BytesIO()
    image.save(kept, "JPEG", quality=82)
    return kept.getvalue()
