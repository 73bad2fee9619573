"""What strangers upload: whatever they send, only harmless files are kept, and the service neither swells nor falls."""

import asyncio
import io
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
from PIL import Image

from tests.fault.applications import database_of, environment_of, insert_drafts
from tests.integration.applications_client import PNG, Headers
from tests.integration.test_uploaded_files import SCRIPT, acting_pdf, embedding_pdf, jpeg, png_of, portrait
from tests.support.faults import Counts
from tests.support.files import one_page_pdf
from tests.support.killing import ServiceProcess
from tests.support.notifying import free_port
from tests.support.places import Place
from tests.support.tokens import TestTokens

MOST_MORE = 64 << 20  # bytes of memory, beside what it took before
ENDLESS = 10_000_000_000
PDF, PNG_TYPE, JPEG = "application/pdf", "image/png", "image/jpeg"


def highest(process: ServiceProcess, *, anew: bool = False) -> int:
    """The most memory that it has had at once since it was last asked to begin anew."""
    assert process.process is not None
    folder = Path(f"/proc/{process.process.pid}")
    if anew:
        (folder / "clear_refs").write_text("5")
    line = next(line for line in (folder / "status").read_text().splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024


async def put(api: httpx.AsyncClient, who: Headers, case: str, content: bytes | AsyncIterator[bytes], kind: str) -> int:
    """The status; 0 where the connection was closed in the middle of what was still being sent."""
    try:
        answer = await api.put(f"/api/applications/{case}/attachment", content=content, headers=who | {"Content-Type": kind})
    except httpx.TransportError:
        return 0
    return answer.status_code


async def test_streams_without_end_and_uploads_side_by_side_take_no_more_memory_than_a_few_pieces(
    place: Place, tokens: TestTokens, counts: Counts
) -> None:
    who, side_by_side = tokens.citizen("aigerim"), counts.pick(6, 24)
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        yield b"%PDF-1.7\n"
        while sent < ENDLESS:
            sent += 1 << 20
            yield bytes(1 << 20)

    async with environment_of(place, tokens) as environment, database_of(place) as database:
        service = ServiceProcess("applications", free_port(), environment)
        await service.start()
        try:
            drafts = await insert_drafts(database.db, side_by_side + 2)
            async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{service.port}", trust_env=False, timeout=120) as api:
                assert await put(api, who, drafts[-1], one_page_pdf(4_000_000), PDF) == 200  # all that is loaded once is loaded
                before = highest(service, anew=True)
                large = one_page_pdf(5_000_000)
                uploads = [put(api, who, draft, large, PDF) for draft in drafts[:side_by_side]]
                answers = await asyncio.gather(put(api, who, drafts[-2], endless(), PDF), *uploads)
                more = highest(service) - before
        finally:
            await service.stop()
    counts.attempted = len(answers)
    counts.acknowledged = answers.count(200)
    counts.notes.append(f"{more >> 20} MB more; {sent >> 20} MB of the endless one were sent")
    assert answers[0] in {0, 413}
    assert (set(answers[1:]), more < MOST_MORE, sent < ENDLESS // 100) == ({200}, True, True)


def hostile() -> dict[str, tuple[bytes, str]]:
    zipped = io.BytesIO()
    with zipfile.ZipFile(zipped, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("../../etc/passwd", bytes(50_000_000))
    gif = io.BytesIO()
    Image.new("P", (9, 9)).save(gif, "GIF")
    svg = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>'
    return {
        "pixel flood": (png_of(50_000, 50_000, bytes(1000)), PNG_TYPE),
        "points that are missing": (png_of(900, 900, bytes(1000)), PNG_TYPE),
        "cut off": (jpeg(portrait())[:9000], JPEG),
        "svg as png": (svg, PNG_TYPE),
        "svg as itself": (svg, "image/svg+xml"),
        "html behind the beginning of a jpeg": (b"\xff\xd8\xff" + SCRIPT * 50, JPEG),
        "html behind the beginning of a pdf": (b"%PDF-1.7\n" + SCRIPT * 50, PDF),
        "gif that goes on as a pdf": (gif.getvalue() + one_page_pdf(), PDF),
        "zip bomb": (zipped.getvalue(), PDF),
        "zip bomb behind the beginning of a pdf": (b"%PDF-1.7\n" + zipped.getvalue(), PDF),
        "pdf with a file inside": (embedding_pdf(packed=False), PDF),
        "pdf with a packed file inside": (embedding_pdf(packed=True), PDF),
        "nothing": (b"", PDF),
    }


async def test_of_files_made_to_harm_none_is_kept_and_those_made_harmless_carry_nothing_along(
    place: Place, tokens: TestTokens, counts: Counts
) -> None:
    who = tokens.citizen("aigerim")
    answers: dict[str, int] = {}
    async with environment_of(place, tokens) as environment, database_of(place) as database:
        service = ServiceProcess("applications", free_port(), environment)
        await service.start()
        try:
            bad, mixed, active = await insert_drafts(database.db, 3)
            async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{service.port}", trust_env=False, timeout=60) as api:
                for name, (data, kind) in hostile().items():
                    answers[name] = await put(api, who, bad, data, kind)
                up = f"/api/applications/{bad}/papers/..%2F..%2Fetc"
                outside = (await api.put(up, content=PNG, headers=who | {"Content-Type": PNG_TYPE})).status_code
                files = database.db["attachments.files"]
                left = await files.count_documents({})
                both = jpeg(portrait(), comment=SCRIPT) + SCRIPT + one_page_pdf()
                assert await put(api, who, mixed, both, JPEG) == 200
                kept = (await api.get(f"/api/applications/{mixed}/attachment", headers=who)).content
                assert await put(api, who, active, acting_pdf(), PDF) == 200
        finally:
            await service.stop()
    counts.attempted = len(answers)
    counts.acknowledged = len(answers)
    counts.unexpected = sum(status not in {413, 415, 422} for status in answers.values()) + left
    assert {name: status for name, status in answers.items() if status not in {413, 415, 422}} == {}
    assert (left, outside in {404, 405, 422}) == (0, True)
    assert [mark for mark in (b"<?php", b"<script", b"%PDF") if mark in kept] == []
    counts.check()
