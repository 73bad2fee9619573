"""The small consulate of invented people: made once, over the public API, and gone on with where it was interrupted."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import httpx

from cli.casework.answers import receipt
from cli.casework.desk import Desk, DeskFailed, Reply
from cli.casework.files import FONT
from cli.console import err
from cli.seed_cases import CASES, HOLDERS, Case, Holder
from cli.stack import Stack
from deploy.local.places import CHECKOUT

PATIENCE_S = 30.0
POST, HEAD = "yek", "bakyt"
PICTURE_SIZE = (640, 420)
WITH_DOCUMENT = ("ready", "handed_over")
PAID_BEFORE = ("awaiting_blank", "awaiting_visit")  # what these wait for is not done before the fee is paid


class SeedFailed(Exception):
    """Not everything is there. The text names the step, and what helps."""


def seed(stack: Stack) -> int:
    """Make what is missing, and show how far it is. Out: how many applications were worked on. Raises SeedFailed."""
    try:
        return asyncio.run(_seed(stack))
    except (DeskFailed, httpx.HTTPError) as error:
        further = "" if isinstance(error, DeskFailed) and error.status else ". ./eshik up goes on from there"
        raise SeedFailed(f"{error or type(error).__name__}{further}") from error


async def _seed(stack: Stack) -> int:
    async with Desk(stack.ports, stack.places.inbox, patience_s=PATIENCE_S) as desk:
        if await _found(desk, CASES[-1]) is not None:  # it is begun when all others are done
            return 0
        began = time.monotonic()
        if not err.is_terminal:
            err.print("  filling    a small consulate of invented people")
        await _mark_officers(desk)
        with err.status("") as shown:
            await make_all(desk, lambda done: shown.update(f"Filling in invented people's applications: {done} of {len(CASES)}"))
    err.print(f"  filled     {len(CASES)} applications of invented people ({time.monotonic() - began:.1f} s)")
    return len(CASES)


async def _mark_officers(desk: Desk) -> None:
    """The head of the post says that its officers do notarial acts."""
    accounts = json.loads((CHECKOUT / "deploy" / "local" / "demo_accounts.json").read_text(encoding="utf-8"))
    for officer in accounts["officers"]:
        if officer["post_id"] == POST and {"intake", "deciding"} & set(officer["roles"]):
            await desk.put(HEAD, f"/api/officer/desks/{officer['id']}", json={"post_id": POST, "skills": ["notarial"]})


async def make_all(desk: Desk, tell: Callable[[int], None]) -> None:
    """Bring each case to its status. One that somebody else has worked on meanwhile is left to them."""
    refused: DeskFailed | None = None
    *others, last = CASES
    issued = [case for case in others if case.until in WITH_DOCUMENT]
    for done, case in enumerate([*others, *issued, last]):  # the documents are issued while others are worked on
        tell(min(done, len(others)))
        try:
            if done >= len(others) and case is not last:
                await _await_document(desk, case)
            await _bring_there(desk, case)
        except DeskFailed as refusal:
            if not refusal.status:
                raise
            refused = refusal
    if refused:
        raise refused


async def _found(desk: Desk, case: Case) -> Reply | None:
    rows: list[Reply] = (await desk.get(case.citizen, "/api/applications?limit=100"))["applications"]
    return next((row for row in rows if row["service"]["id"] == case.service_id and row["post"]["id"] == case.post_id), None)


async def _bring_there(desk: Desk, case: Case) -> None:
    """From wherever it stands. A step that is done is not done again: its key is the same, and the status says so."""
    found = await _found(desk, case) or await _begin(desk, case)
    own = f"/api/applications/{found['id']}"
    status = found["status"]
    if status == "draft":
        status = await _fill_in(desk, case, own)
    while status != case.until and (step := _next_step(case, status)):
        login, path, body = step
        name = path.rpartition("/")[2]
        await desk.post(login, path.replace("{id}", found["id"]), body, key=case.key(name))
        status = (await desk.get(case.citizen, own))["status"]
        if status in PAID_BEFORE:
            await _pay(desk, case, found["id"])


async def _pay(desk: Desk, case: Case, application_id: str) -> None:
    path, yesterday = f"/api/officer/applications/{application_id}/fee", datetime.now(UTC).date() - timedelta(days=1)
    for part in (await desk.get(case.officers[0], path))["parts"]:
        if part["state"] == "open":
            number = f"SEED-{application_id[:8].upper()}-{part['id'][:6].upper()}"
            body = receipt(part, number, yesterday)  # a day that is past or this one everywhere
            await desk.post(case.officers[0], f"{path}/receipts", body, key=case.key(f"receipt-{part['id']}"))


async def _await_document(desk: Desk, case: Case) -> None:
    async def issued() -> bool | None:
        found = await _found(desk, case)
        return None if found and found["status"] == "approved" else True

    await desk.eventually(issued, "the document is not ready")


async def _begin(desk: Desk, case: Case) -> Reply:
    asked = {"service_id": case.service_id, "post_id": case.post_id, "language": case.language}
    return await desk.post(case.citizen, "/api/applications", asked, key=case.key("start"))


async def _fill_in(desk: Desk, case: Case, own: str) -> str:
    """Answers and picture, and the submission where it has one. Out: the status after it."""
    saved = await desk.put(case.citizen, f"{own}/answers", json={"answers": case.all_answers})
    if not case.barely_begun and saved["attachment"] is None:
        picture = specimen_picture(HOLDERS[case.citizen])
        await desk.put(case.citizen, f"{own}/attachment", content=picture, headers={"Content-Type": "image/jpeg"})
    if case.until == "draft":
        return "draft"
    return str((await desk.post(case.citizen, f"{own}/submission", key=case.key("submission")))["status"])


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
