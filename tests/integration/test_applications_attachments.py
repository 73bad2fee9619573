"""Attachments: capped, compared with their type, replaced, swept; and drafts that are left alone."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from starlette.requests import ClientDisconnect

from services.applications.app import create_app
from shared.web.tokens import TokenVerifier
from tests.integration.applications_client import (
    PDF,
    PNG,
    Headers,
    aigerim,
    api,
    complete,
    database_of,
    keyed,
    start,
    submitted,
)
from tests.support.files import one_page_pdf
from tests.support.places import Place
from tests.support.running import on_a_port
from tests.support.serving import eventually, serving
from tests.support.tokens import TestTokens

pytestmark = pytest.mark.places_again

__all__ = ["aigerim", "api"]
LIMIT = 5_000_000
HOUR = 3600


async def put(api: httpx.AsyncClient, who: Headers, application_id: str, content: object, kind: str) -> httpx.Response:
    path = f"/api/applications/{application_id}/attachment"
    return await api.put(path, content=content, headers=who | {"Content-Type": kind})  # type: ignore[arg-type]


async def stored_files(place: Place) -> int:
    async with database_of(place) as db:
        return await db["attachments.files"].count_documents({})


async def stored_chunks(place: Place) -> int:
    async with database_of(place) as db:
        return await db["attachments.chunks"].count_documents({})


async def test_what_was_attached_comes_back_byte_for_byte_and_only_as_a_download(
    api: httpx.AsyncClient, aigerim: Headers
) -> None:
    started = await start(api, aigerim)
    saved = await put(api, aigerim, started["id"], PDF, "application/pdf")
    described = saved.json()["attachment"]
    assert (described["size"], described["sha256"]) == (len(PDF), hashlib.sha256(PDF).hexdigest())
    back = await api.get(f"/api/applications/{started['id']}/attachment", headers=aigerim)
    assert back.content == PDF
    assert back.headers["content-disposition"].startswith("attachment;")
    assert back.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"MZ" + b"\x00" * 1000, "image/png"),
        (PDF, "image/png"),
        (b"<html><script>", "application/pdf"),
        (b"", "image/jpeg"),
        (PNG, "image/svg+xml"),
        (PNG, ""),
    ],
)
async def test_a_file_that_is_not_what_it_is_called_is_refused_and_leaves_nothing(
    api: httpx.AsyncClient, aigerim: Headers, place: Place, content: bytes, kind: str
) -> None:
    started = await start(api, aigerim)
    answer = await put(api, aigerim | {"Accept-Language": "en"}, started["id"], content, kind)
    assert (answer.status_code, answer.json()["type"]) == (415, "/problems/attachment-type-not-accepted")
    assert "set its camera to “Most Compatible”" in answer.json()["detail"]  # the way out
    assert (await stored_files(place), await stored_chunks(place)) == (0, 0)


async def test_a_file_over_the_limit_is_refused_while_it_streams_and_the_limit_is_named(
    api: httpx.AsyncClient, aigerim: Headers, place: Place
) -> None:
    started = await start(api, aigerim)
    asked = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal asked
        yield PNG
        while asked < 100_000_000:
            asked += 500_000
            yield b"\x00" * 500_000

    answer = await put(api, aigerim, started["id"], endless(), "image/png")
    assert (answer.status_code, answer.json()["type"]) == (413, "/problems/attachment-too-large")
    assert "5 МБ" in answer.json()["detail"]
    assert "кайра тартыңыз" in answer.json()["detail"]  # the way out: take it again
    assert (await stored_files(place), await stored_chunks(place)) == (0, 0)


async def test_a_file_of_exactly_the_limit_is_taken(api: httpx.AsyncClient, aigerim: Headers) -> None:
    started = await start(api, aigerim)
    whole = one_page_pdf(LIMIT)
    assert (await put(api, aigerim, started["id"], whole, "application/pdf")).json()["attachment"]["size"] == LIMIT
    assert (await put(api, aigerim, started["id"], whole + b"\n", "application/pdf")).status_code == 413


async def test_over_a_real_socket_the_limit_is_told_and_a_broken_line_leaves_nothing(
    place: Place, tokens: TestTokens, aigerim: Headers
) -> None:
    app = create_app(place.settings())
    app.state.verifier = TokenVerifier("applications", tokens.keys, app.state.runtime.clock)
    async with on_a_port(app) as api:
        started = await start(api, aigerim)
        path = f"/api/applications/{started['id']}/attachment"
        large = await put(api, aigerim, started["id"], PNG + b"\x00" * 8_000_000, "image/png")
        assert (large.status_code, large.json()["type"]) == (413, "/problems/attachment-too-large")
        _, line = await asyncio.open_connection("127.0.0.1", api.base_url.port)
        head = f"PUT {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/pdf\r\nContent-Length: 900000\r\n"
        line.write(f"{head}Authorization: {aigerim['Authorization']}\r\n\r\n".encode() + PDF)
        await line.drain()

        line.close()
        assert (await put(api, aigerim, started["id"], PNG, "image/png")).status_code == 200
        assert (await stored_files(place), await stored_chunks(place)) == (1, 1)


async def test_after_the_submission_no_file_is_taken(api: httpx.AsyncClient, aigerim: Headers, place: Place) -> None:
    application_id = await submitted(api, aigerim)
    answer = await put(api, aigerim, application_id, PNG, "image/png")
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/application-not-a-draft")
    assert await stored_files(place) == 1


async def test_a_replaced_file_is_swept_and_the_new_one_stays(api: httpx.AsyncClient, aigerim: Headers, place: Place) -> None:
    application_id = await complete(api, aigerim)
    assert (await put(api, aigerim, application_id, PDF, "application/pdf")).status_code == 200

    async def the_new_one_left() -> bool:
        return await stored_files(place) == 2  # as it came, and the copy to look at

    await eventually(the_new_one_left)
    back = await api.get(f"/api/applications/{application_id}/attachment", headers=aigerim)
    assert back.content == PDF


async def test_bytes_of_an_upload_that_was_never_recorded_are_swept_in_time(
    place: Place, tokens: TestTokens, tmp_path: Path
) -> None:
    clock, who = tmp_path / "clock", tokens.citizen("aigerim")
    async with serving(create_app(place.settings(clock_file=clock)), tokens) as api:
        kept = await complete(api, who)
        cut_off = await start(api, who)

        async def breaks_off() -> AsyncIterator[bytes]:
            yield PDF
            raise ClientDisconnect

        answer = await put(api, who, cut_off["id"], breaks_off(), "application/pdf")
        assert (answer.status_code, answer.json()["type"]) == (400, "/problems/upload-broken-off")
        assert await stored_files(place) == 1
        async with database_of(place) as db:  # as if the process had died before it could tidy up
            job = await db.jobs.find_one({"kind": "sweep_attachment", "data.application_id": cut_off["id"]})
            assert job is not None
            leftover = {"_id": job["data"]["attachment_id"], "length": 3, "chunkSize": 261120}
            await db["attachments.files"].insert_one(leftover)
        assert await stored_files(place) == 2
        clock.write_text(str(3 * HOUR))

        async def one_left() -> bool:
            return await stored_files(place) == 1

        await eventually(one_left)
        later = tokens.citizen("aigerim", exp=datetime.now(UTC) + timedelta(hours=9))
        back = await api.get(f"/api/applications/{kept}/attachment", headers=later)
        assert back.content == PNG


async def test_a_draft_left_for_ninety_days_is_closed_and_what_was_typed_is_gone(
    place: Place, tokens: TestTokens, tmp_path: Path
) -> None:
    clock, who = tmp_path / "clock", tokens.citizen("aigerim")
    async with serving(create_app(place.settings(clock_file=clock)), tokens) as api:
        draft, handed_in = await complete(api, who), await submitted(api, who)
        clock.write_text(str(91 * 24 * HOUR))
        later = tokens.citizen("aigerim", exp=datetime.now(UTC) + timedelta(days=100))

        async def closed() -> bool:
            seen = await api.get(f"/api/applications/{draft}", headers=later)
            return bool(seen.json()["status"] == "expired")

        await eventually(closed)
        seen = (await api.get(f"/api/applications/{draft}", headers=later)).json()
        assert (seen["answers"], seen["attachment"]) == ({}, None)
        late = await api.post(f"/api/applications/{draft}/submission", headers=keyed(later))
        assert (late.status_code, late.json()["type"]) == (409, "/problems/draft-expired")
        assert (await api.get(f"/api/applications/{handed_in}", headers=later)).json()["status"] == "submitted"

        async def one_left() -> bool:
            return await stored_files(place) == 1

        await eventually(one_left)
