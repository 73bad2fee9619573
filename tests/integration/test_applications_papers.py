"""Papers over HTTP: several files for each, uploads that were broken off, what is wrong with a photograph, and the scanner."""

import io
import tomllib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image
from starlette.requests import ClientDisconnect

from services.applications import catalogue
from services.applications.app import create_app
from services.applications.config import Settings
from services.applications.domain.papers import PaperRule, PhotoRule
from tests.integration.applications_client import (
    PDF,
    PNG,
    Headers,
    aigerim,
    api,
    database_of,
    gulnara,
    keyed,
    start,
)
from tests.integration.test_uploaded_files import acting_pdf, jpeg, portrait
from tests.support.files import one_page_pdf, white_png
from tests.support.places import Place
from tests.support.scanners import EICAR, broken_scanner, clamd
from tests.support.serving import eventually, serving
from tests.support.tokens import TestTokens
from tests.unit.applications.cases import ANSWERS, REGISTRATION

pytestmark = pytest.mark.places_again

__all__ = ["aigerim", "api", "gulnara"]
BYTES = {"Content-Type": "application/octet-stream"}


@pytest.fixture(autouse=True)
def papers(monkeypatch: pytest.MonkeyPatch) -> None:
    """The service asks for its file, a photograph, pages of something, and an original."""
    known = catalogue.the_catalogue()
    definition = known.service(REGISTRATION)
    rule = {"source": "this test", "source_date": "2026-11-23", "certainty": "D", "valid_from": "2026-11-23"}
    dated = tomllib.loads("source_date = 2026-11-23\nvalid_from = 2026-11-23")
    photo = PhotoRule(**(rule | dated), width_mm=35, height_mm=45, least_pixels=600)
    more = (
        PaperRule(code="photo", label="Photo", required=True, media_types=("image/jpeg",), photo=photo),
        PaperRule(code="proof", label="Proof", required=False),
        PaperRule(code="old-passport", label="Old passport", bring="original"),
    )
    key = (definition.id, definition.version)
    versions = dict(known.versions) | {key: definition.model_copy(update={"papers": more})}
    changed = catalogue.Catalogue(**{**vars(known), "versions": versions})
    for module in _who_asks():
        monkeypatch.setattr(module, "the_catalogue", lambda: changed)


def _who_asks() -> list[Any]:
    import sys

    return [m for name, m in sys.modules.items() if name.startswith("services.applications") and hasattr(m, "the_catalogue")]


async def put(
    api: httpx.AsyncClient, who: Headers, case: str, paper: str, content: Any, kind: str, *, beside: bool = False
) -> httpx.Response:
    path = f"/api/applications/{case}/papers/{paper}?beside={str(beside).lower()}"
    return await api.put(path, content=content, headers=who | {"Content-Type": kind})


async def files_of(api: httpx.AsyncClient, who: Headers, case: str, paper: str) -> list[dict[str, Any]]:
    listed = (await api.get(f"/api/applications/{case}/papers", headers=who)).json()
    found: list[dict[str, Any]] = next(each for each in listed["papers"] if each["code"] == paper)["files"]
    return found


async def stored(place: Place) -> set[str]:
    async with database_of(place) as db:
        return {row["_id"] async for row in db["attachments.files"].find({}, {"_id": 1})}


async def test_a_paper_has_several_files_one_sent_twice_is_one_and_one_can_be_taken_off(
    api: httpx.AsyncClient, aigerim: Headers, place: Place
) -> None:
    case = (await start(api, aigerim))["id"]
    for content in (white_png(10, 10), white_png(20, 10), white_png(10, 10)):
        assert (await put(api, aigerim, case, "proof", content, "image/png", beside=True)).status_code == 200
    first, second = await files_of(api, aigerim, case, "proof")
    back = await api.get(f"/api/applications/{case}/files/{second['id']}", headers=aigerim)
    assert back.content == white_png(20, 10)
    path = f"/api/applications/{case}/files/{first['id']}/removal"
    assert (await api.post(path, headers=keyed(aigerim))).json()["files"] == 1

    async def one_left() -> bool:
        return await stored(place) == {f"{second['id']}-shown"}

    await eventually(one_left)


async def test_files_are_limited_in_number_and_a_paper_that_is_not_uploaded_takes_none(
    api: httpx.AsyncClient, aigerim: Headers, monkeypatch: pytest.MonkeyPatch
) -> None:
    from services.applications.uploads import limits

    two = limits.the_limits().files_a_case.model_copy(update={"value": 2})
    small = limits.the_limits().bytes_a_case.model_copy(update={"value": 900_000})
    few = limits.the_limits().model_copy(update={"files_a_case": two, "bytes_a_case": small})
    for module in (limits, *_modules_with("the_limits")):
        monkeypatch.setattr(module, "the_limits", lambda: few)
    case = (await start(api, aigerim))["id"]
    assert (await put(api, aigerim, case, "old-passport", PNG, "image/png")).status_code == 404
    assert (await put(api, aigerim, case, "proof", PDF, "application/pdf")).status_code == 200
    large = await put(api, aigerim, case, "proof", one_page_pdf(590_000), "application/pdf", beside=True)
    assert (large.status_code, large.json()["type"]) == (413, "/problems/files-too-large")
    assert (await put(api, aigerim, case, "proof", PNG, "image/png", beside=True)).status_code == 200
    third = await put(api, aigerim, case, "proof", white_png(9, 9), "image/png", beside=True)
    assert (third.status_code, third.json()["type"]) == (413, "/problems/too-many-files")
    assert (await put(api, aigerim, case, "proof", PNG, "image/png")).status_code == 200


def _modules_with(name: str) -> list[Any]:
    import sys

    return [each for key, each in sys.modules.items() if key.startswith("services.applications") and hasattr(each, name)]


async def test_an_upload_that_broke_off_goes_on_where_it_stands_and_ends_as_a_file_of_its_paper(
    api: httpx.AsyncClient, aigerim: Headers, place: Place
) -> None:
    case = (await start(api, aigerim))["id"]
    whole = one_page_pdf(2_500_000)
    announced = {"paper": "proof", "media_type": "application/pdf", "length": len(whole), "beside": True}
    begun = await api.post(f"/api/applications/{case}/uploads", json=announced, headers=keyed(aigerim))
    assert begun.status_code == 201, begun.text
    path = f"/api/applications/{case}/uploads/{begun.json()['id']}"

    async def breaks_off() -> AsyncIterator[bytes]:
        yield whole[:1_100_000]
        yield whole[1_100_000:1_300_000]
        raise ClientDisconnect

    broken = await api.put(f"{path}/0", content=breaks_off(), headers=aigerim | BYTES)
    assert (broken.status_code, broken.json()["type"]) == (400, "/problems/upload-broken-off")
    assert (await api.get(path, headers=aigerim)).json()["offset"] == 1_300_000
    elsewhere = await api.put(f"{path}/1000000", content=whole[1_000_000:], headers=aigerim | BYTES)
    assert (elsewhere.status_code, elsewhere.json()["type"]) == (409, "/problems/upload-offset-differs")
    done = await api.put(f"{path}/1300000", content=whole[1_300_000:], headers=aigerim | BYTES)
    assert done.json()["done"], done.text
    (file,) = await files_of(api, aigerim, case, "proof")
    assert (await api.get(f"/api/applications/{case}/files/{file['id']}", headers=aigerim)).content == whole
    assert (await api.get(path, headers=aigerim)).status_code == 404

    async def pieces_swept() -> bool:
        return await stored(place) == {file["id"], f"{file['id']}-shown"}

    await eventually(pieces_swept)


async def test_an_upload_is_its_citizens_and_what_was_announced_wrongly_is_refused_at_once(
    api: httpx.AsyncClient, aigerim: Headers, tokens: TestTokens, place: Place
) -> None:
    case = (await start(api, aigerim))["id"]
    path = f"/api/applications/{case}/uploads"
    good = {"paper": "proof", "media_type": "application/pdf", "length": 400}
    for wrong, status in (({"length": 10_000_001}, 413), ({"media_type": "image/heic"}, 415), ({"paper": "none"}, 404)):
        answer = await api.post(path, json=good | wrong, headers=keyed(aigerim))
        assert answer.status_code == status, answer.text
    begun = (await api.post(path, json=good, headers=keyed(aigerim))).json()["id"]
    assert (await api.put(f"{path}/{begun}/0", content=b"%PDF", headers=tokens.citizen("timur") | BYTES)).status_code == 404
    longer = await api.put(f"{path}/{begun}/0", content=b"x" * 401, headers=aigerim | BYTES)
    assert (longer.status_code, longer.json()["type"], longer.json()["limit_bytes"]) == (
        413,
        "/problems/longer-than-announced",
        400,
    )
    ended = await api.put(f"{path}/{begun}/0", content=b"%PDF-1.7" + b"x" * 392, headers=aigerim | BYTES)
    assert (ended.status_code, ended.json()["errors"][0]["pointer"]) == (422, "/papers/proof")
    assert (await api.get(f"{path}/{begun}", headers=aigerim)).status_code == 404

    async def nothing_left() -> bool:
        return await stored(place) == set()

    await eventually(nothing_left)


@pytest.mark.parametrize(
    ("length", "told"),
    [
        (400, {"en": "400 bytes", "ru": "400 байт", "ky": "400 байт"}),
        (20_500, {"en": "20.5 KB", "ru": "20,5 КБ", "ky": "20,5 КБ"}),
        (1_250_000, {"en": "1.25 MB", "ru": "1,25 МБ", "ky": "1,25 МБ"}),
    ],
)
async def test_a_piece_that_is_longer_than_announced_is_told_the_announced_length_in_units_that_fit_it(
    api: httpx.AsyncClient, aigerim: Headers, length: int, told: dict[str, str]
) -> None:
    path = f"/api/applications/{(await start(api, aigerim))['id']}/uploads"
    announced = {"paper": "proof", "media_type": "application/pdf", "length": length}
    begun = (await api.post(path, json=announced, headers=keyed(aigerim))).json()["id"]
    for language, size in told.items():
        spoken = aigerim | BYTES | {"Accept-Language": language}
        answer = await api.put(f"{path}/{begun}/0", content=b"x" * (length + 1), headers=spoken)
        assert answer.status_code == 413
        assert f" {size}" in answer.json()["detail"]
        assert answer.json()["limit_bytes"] == length
    assert (await api.get(f"{path}/{begun}", headers=aigerim)).json()["offset"] <= length


async def test_a_photograph_of_the_wrong_shape_is_shown_to_its_citizen_and_stops_the_submission(
    api: httpx.AsyncClient, aigerim: Headers
) -> None:
    case = (await start(api, aigerim))["id"]
    await api.put(f"/api/applications/{case}/answers", json={"answers": ANSWERS[REGISTRATION]}, headers=aigerim)
    await put(api, aigerim, case, "attachment", PNG, "image/png")
    await put(api, aigerim, case, "photo", jpeg(portrait(size=(900, 900), background=(120, 120, 120))), "image/jpeg")
    (file,) = await files_of(api, aigerim, case, "photo")
    assert {each["code"]: each["stops"] for each in file["findings"]} == {
        "photo-wrong-shape": True,
        "photo-dark-background": False,
    }
    marked = await api.get(f"/api/applications/{case}/files/{file['id']}/marked", headers=aigerim)
    assert Image.open(io.BytesIO(marked.content)).format == "JPEG"
    refused = await api.post(f"/api/applications/{case}/submission", headers=keyed(aigerim))
    assert [each["pointer"] for each in refused.json()["errors"]] == ["/papers/photo"]
    await put(api, aigerim, case, "photo", jpeg(portrait()), "image/jpeg")
    assert (await api.post(f"/api/applications/{case}/submission", headers=keyed(aigerim))).status_code == 200


async def test_an_officer_looks_at_the_copy_in_which_nothing_acts_and_can_have_the_file_as_it_came(
    api: httpx.AsyncClient, aigerim: Headers, gulnara: Headers
) -> None:
    case = (await start(api, aigerim))["id"]
    await api.put(f"/api/applications/{case}/answers", json={"answers": ANSWERS[REGISTRATION]}, headers=aigerim)
    await put(api, aigerim, case, "attachment", acting_pdf(), "application/pdf")
    await put(api, aigerim, case, "photo", jpeg(portrait()), "image/jpeg")
    assert (await api.post(f"/api/applications/{case}/submission", headers=keyed(aigerim))).status_code == 200
    office = f"/api/officer/applications/{case}"
    assert (await api.post(f"{office}/claim", headers=keyed(gulnara))).status_code == 200
    listed = (await api.get(f"{office}/papers", headers=gulnara)).json()["papers"]
    (file,) = listed[0]["files"]
    assert (file["rebuilt"], [each["code"] for each in file["findings"]]) == (True, ["pdf-had-actions"])
    shown = await api.get(f"{office}/files/{file['id']}", headers=gulnara)
    original = await api.get(f"{office}/files/{file['id']}/original", headers=gulnara)
    assert (b"JavaScript" in shown.content, original.content) == (False, acting_pdf())
    assert (await api.get(f"{office}/attachment", headers=gulnara)).content == shown.content


@asynccontextmanager
async def scanned(place: Place, tokens: TestTokens, address: str) -> AsyncIterator[httpx.AsyncClient]:
    settings = Settings.beside(place.settings()).model_copy(update={"clamav": address})
    async with serving(create_app(settings), tokens) as client:
        yield client


async def test_what_the_scanner_finds_is_not_kept_and_without_it_no_file_is_taken(
    place: Place, tokens: TestTokens, aigerim: Headers, tmp_path: Path
) -> None:
    async with clamd(tmp_path) as address, scanned(place, tokens, address) as api:
        case = (await start(api, aigerim))["id"]
        infected = await put(api, aigerim, case, "proof", PNG + EICAR, "image/png")
        assert (infected.status_code, infected.json()["type"]) == (422, "/problems/file-not-usable")
        assert await stored(place) == set()
        assert (await put(api, aigerim, case, "proof", PNG, "image/png")).status_code == 200
    async with broken_scanner(None) as address, scanned(place, tokens, address) as api:
        assert (await put(api, aigerim, case, "proof", white_png(9, 9), "image/png", beside=True)).status_code == 503
        assert len(await stored(place)) == len(await files_of(api, aigerim, case, "proof")) == 1
