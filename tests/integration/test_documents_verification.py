"""Anyone asks whether a paper is real: by what is printed, by its code, by a picture or a file. On the real register."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from PIL import Image

from deploy.local.keys import Keys, make_keys
from services.documents.app import create_app
from services.documents.domain.paper import Paper
from services.documents.seal import Sealer
from services.documents.use_cases.move_documents import move_documents
from shared.mongo.transactions import UnitOfWork
from tests.integration.test_jobs_again import DOSSIER, NAMES
from tests.support.issuing import ORIGIN, Issued, documents_environment, issue
from tests.support.papers import a_paper
from tests.support.photos import from_aside, packed, page_picture, scanned
from tests.support.places import Place
from tests.support.serving import serving
from tests.support.tampering import painted_over
from tests.support.tokens import TestTokens
from tests.unit.documents.test_codes import bomb

pytestmark = pytest.mark.places_again

HOLDER = {"name": "Айгерим Токтобекова", "latin_name": "AIGERIM TOKTOBEKOVA", "birth_date": "1990-04-23"}
PERSONAL = ("Айгерим", "AIGERIM", "1990-04-23")
RETURN = DOSSIER.model_copy(update={"application_id": "a-2", "document_kind": "return-certificate", "valid_days": 30})


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    return make_keys(tmp_path_factory.mktemp("keys"))


@pytest.fixture
def app(place: Place, keys: Keys, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FastAPI:
    documents_environment(place, keys, tmp_path, monkeypatch, ESHIK_LOG_LEVEL="info")
    return create_app()


@pytest.fixture
async def api(app: FastAPI, tokens: TestTokens) -> AsyncIterator[httpx.AsyncClient]:
    async with serving(app, tokens) as client:
        client.headers["Accept-Language"] = "en"
        yield client


async def asked(api: httpx.AsyncClient, **body: Any) -> dict[str, Any]:
    response = await api.post("/api/verifications", json=body)
    assert response.status_code == 200, response.text
    return without_time(response)


async def asked_seal(api: httpx.AsyncClient, seal: str) -> dict[str, Any]:
    return without_time(await api.post("/api/verifications/seal", json={"seal": seal}))


async def asked_file(api: httpx.AsyncClient, data: bytes, language: str = "en") -> dict[str, Any]:
    response = await api.post("/api/verifications/file", content=data, headers=of_any_kind() | {"Accept-Language": language})
    assert response.status_code == 200, response.text
    return without_time(response)


def of_any_kind() -> dict[str, str]:
    return {"Content-Type": "application/octet-stream"}


def without_time(response: httpx.Response) -> dict[str, Any]:
    told: dict[str, Any] = response.json()
    del told["as_of"]
    return told


def on_paper(issued: Issued) -> dict[str, Any]:
    given = issued.entry.numbering
    assert given is not None
    until = given.valid_until.isoformat() if given.valid_until else None
    facts = {"kind": "Certificate of consular registration", "post": NAMES["en"], "valid_until": until, "unsigned_pdf": False}
    return {**facts, "number": given.number, "issued_on": given.issued_on.isoformat()}


def a_paper_of_today() -> Paper:
    """A key vouches for nothing that was sealed before the key was made, and these keys are of today."""
    now = datetime.now(UTC)
    return replace(a_paper(), issued_at=now, issued_on=now.date(), valid_until=now.date() + timedelta(days=365))


async def test_what_is_printed_is_found_and_the_holder_is_not_told(api: httpx.AsyncClient, app: FastAPI, keys: Keys) -> None:
    issued = await issue(app, keys, DOSSIER)
    told = await asked(api, **issued.printed)
    words = "This document was issued here and is in force."
    assert told == {"status": "valid", "text": words, "checked": "register", "holder": None, **on_paper(issued)}


async def test_what_was_issued_is_in_the_hands_of_the_post_to_which_its_case_moved(
    api: httpx.AsyncClient, app: FastAPI, keys: Keys, tokens: TestTokens
) -> None:
    issued = await issue(app, keys, DOSSIER)
    before, after = tokens.officer("nurlan", post=issued.entry.post_id), tokens.officer("ermek", post="nov")

    async def seen(who: dict[str, str]) -> list[str]:
        found = await api.get("/api/documents", params={"application_id": DOSSIER.application_id}, headers=who)
        return [each["document_id"] for each in found.json()["documents"]]

    assert (await seen(before), await seen(after)) == ([issued.entry.id], [])
    await app.state.runtime.transactions.run(moved, DOSSIER.application_id)
    assert (await seen(before), await seen(after)) == ([], [issued.entry.id])
    assert (await asked(api, **issued.printed))["status"] == "valid"


async def moved(application_id: str, uow: UnitOfWork) -> None:
    await move_documents(application_id, "nov", uow, sequence=9)


async def test_what_is_printed_is_found_as_people_type_it(api: httpx.AsyncClient, app: FastAPI, keys: Keys) -> None:
    issued = await issue(app, keys, DOSSIER)
    number, code = issued.printed["number"], issued.printed["check_code"]
    cyrillic = str.maketrans("ABEKMHOPCTYX", "АВЕКМНОРСТУХ")
    by_hand = (number.replace("YEK-KU", "УЕК-КУ").lower(), number.replace("-000001", "-1"))
    spaced = (number.replace("-", ""), f" {number.replace('-', ' - ')} ")
    for typed_number in (number.lower(), number.translate(cyrillic), *spaced, *by_hand):
        for typed_code in (code.lower(), code.replace("-", " "), code.translate(cyrillic).lower(), code.replace("-", "")):
            told = await asked(api, **issued.printed | {"number": typed_number, "check_code": typed_code})
            assert (told["status"], told["number"]) == ("valid", number)


async def test_whatever_does_not_match_is_answered_alike(api: httpx.AsyncClient, app: FastAPI, keys: Keys) -> None:
    issued = await issue(app, keys, DOSSIER)
    numbers = ("YEK-KU-2026-000002", "УЕК-КУ-2026-2", "УУУУУУ-КУ-2026-1", "nonsense")
    wrong = [*({"number": number} for number in numbers), {"check_code": "00000-00000"}, {"issued_on": "2020-01-01"}]
    answers = [await asked(api, **issued.printed | other) for other in wrong]
    assert answers[0]["status"] == "unknown"
    assert all(each == answers[0] for each in answers)
    assert {value for key, value in answers[0].items() if key not in ("status", "text", "checked", "unsigned_pdf")} == {None}


@pytest.mark.parametrize("day", [1_795_305_600, "1795305600", "22.11.2026", "2026-11-22T00:00:00", "2026-13-01", "", None, True])
async def test_only_an_iso_date_is_a_date(api: httpx.AsyncClient, day: object) -> None:
    body = {"number": "YEK-KU-2026-000001", "issued_on": day, "check_code": "00000-00000"}
    response = await api.post("/api/verifications", json=body)
    assert response.status_code == 422
    assert [error["pointer"] for error in response.json()["errors"]] == ["/issued_on"]


async def test_a_photo_of_the_paper_tells_what_is_printed_on_it_holder_included(
    api: httpx.AsyncClient, app: FastAPI, keys: Keys
) -> None:
    issued = await issue(app, keys, DOSSIER)
    told = await asked_file(api, packed(from_aside(page_picture(issued.pdf))))
    assert told.pop("text").startswith("The code is genuine: this document was issued here and is in force.")
    assert told == {"status": "valid", "checked": "code", "holder": HOLDER, **on_paper(issued)}


async def test_the_answer_is_in_the_reader_s_language(api: httpx.AsyncClient, app: FastAPI, keys: Keys) -> None:
    issued = await issue(app, keys, DOSSIER)
    told = await asked_file(api, packed(page_picture(issued.pdf)), "ru")
    assert (told["kind"], told["post"]) == ("Свидетельство о консульском учёте", "Консульство")
    assert told["text"].startswith("Код подлинный")
    assert (await asked_file(api, b"\xff\xd8\xff nothing", "ky"))["text"].startswith("Код окулган жок")


async def test_the_signed_file_is_judged_as_a_whole(api: httpx.AsyncClient, app: FastAPI, keys: Keys) -> None:
    issued = await issue(app, keys, DOSSIER)
    told = await asked_file(api, issued.pdf)
    words = "This file is the document as it was issued, unchanged, and the document is in force."
    assert told == {"status": "valid", "text": words, "checked": "file", "holder": HOLDER, **on_paper(issued)}


async def test_a_pdf_that_is_not_the_issued_file_says_so_though_the_code_in_it_is_genuine(
    api: httpx.AsyncClient, app: FastAPI, keys: Keys
) -> None:
    issued = await issue(app, keys, DOSSIER)
    told = await asked_file(api, scanned(issued.pdf))
    assert told.pop("text").startswith("This PDF carries no signature of ours, and anything in it may have been changed.")
    assert told == {"status": "valid", "checked": "code", "holder": HOLDER, **on_paper(issued), "unsigned_pdf": True}


@pytest.mark.parametrize("pdf", [b"%PDF-1.7 nothing", packed(Image.new("RGB", (300, 300), "white"), "PDF")])
async def test_a_pdf_that_has_nothing_of_ours_is_not_to_be_relied_on_and_nobody_is_sent_to_take_a_photo(
    api: httpx.AsyncClient, pdf: bytes
) -> None:
    told = await asked_file(api, pdf)
    assert (told["status"], told["unsigned_pdf"]) == ("no_code", True)
    assert told["text"] == "This file carries no signature and no code of ours. Do not rely on it."


async def test_a_changed_file_is_said_to_be_altered_and_nothing_of_it_is_repeated(
    api: httpx.AsyncClient, app: FastAPI, keys: Keys
) -> None:
    issued = await issue(app, keys, DOSSIER)
    told = await asked_file(api, painted_over(issued.pdf))
    assert (told["status"], told["checked"], told["number"], told["holder"]) == ("altered", "file", None, None)


async def test_a_code_is_asked_by_its_address_or_by_its_seal(api: httpx.AsyncClient, app: FastAPI, keys: Keys) -> None:
    issued = await issue(app, keys, DOSSIER)
    told = await asked_seal(api, issued.seal_url)
    assert issued.seal_url.startswith(f"{ORIGIN}/#")
    assert (told["status"], told["holder"]) == ("valid", HOLDER)
    assert await asked_seal(api, issued.seal_url.partition("#")[2]) == told


async def test_a_code_that_we_did_not_seal_is_not_genuine_and_its_words_are_not_repeated(
    api: httpx.AsyncClient, tmp_path: Path
) -> None:
    forger = Sealer.from_file(make_keys(tmp_path / "forger").seal_key, ORIGIN)
    for seal in (forger.seal(a_paper()), "ABC", "https://example.org/menu", "Ң", "A" * 4096):
        told = await asked_seal(api, seal)
        assert (told["status"], told["number"], told["holder"]) == ("not_genuine", None, None)


async def test_a_genuine_seal_of_a_document_that_the_register_has_not_is_unknown(
    api: httpx.AsyncClient, app: FastAPI, keys: Keys
) -> None:
    told = await asked_seal(api, Sealer.from_file(keys.seal_key, ORIGIN).seal(a_paper_of_today()))
    assert (told["status"], told["checked"], told["number"], told["holder"]) == ("unknown", "code", None, None)


async def test_a_genuine_seal_that_differs_from_the_register_is_unknown(api: httpx.AsyncClient, app: FastAPI, keys: Keys) -> None:
    issued = await issue(app, keys, DOSSIER)
    other = replace(a_paper_of_today(), number=issued.printed["number"], revision=2)
    assert (await asked_seal(api, Sealer.from_file(keys.seal_key, ORIGIN).seal(other)))["status"] == "unknown"


async def test_a_document_past_its_term_is_expired_in_every_way_of_asking(
    api: httpx.AsyncClient, app: FastAPI, keys: Keys, tmp_path: Path
) -> None:
    issued = await issue(app, keys, RETURN)
    (tmp_path / "clock").write_text(str(40 * 86_400))
    by_code, by_file = await asked_seal(api, issued.seal_url), await asked_file(api, issued.pdf)
    assert [(each["status"], each["holder"]) for each in (by_code, by_file)] == [("expired", HOLDER)] * 2
    assert (await asked(api, **issued.printed))["status"] == "expired"


@pytest.mark.parametrize("body", [{}, {"seal": ""}, {"seal": "A" * 4097}, {"seal": 7}, {"seal": "A", "more": "x"}])
async def test_a_question_about_a_seal_has_a_seal_of_bounded_length(api: httpx.AsyncClient, body: dict[str, Any]) -> None:
    assert (await api.post("/api/verifications/seal", json=body)).status_code == 422


async def test_a_file_that_is_too_large_or_of_another_kind_is_refused(api: httpx.AsyncClient) -> None:
    async def refused(data: bytes) -> tuple[int, str]:
        response = await api.post("/api/verifications/file", content=data, headers=of_any_kind())
        return response.status_code, response.json()["type"]

    assert await refused(b"\xff\xd8\xff" + b"\0" * 5 * 1024 * 1024) == (413, "/problems/file-too-large")
    assert await refused(bomb(100_000, 100_000)) == (413, "/problems/too-many-pixels")
    for data in (b"", b"GIF89a", b"\0\0\0\x18ftypheic", b"{}"):
        assert await refused(data) == (415, "/problems/file-kind-not-accepted")


async def test_what_only_looks_like_a_picture_has_no_code(api: httpx.AsyncClient) -> None:
    for data in (b"\xff\xd8\xff" + b"\0" * 5000, b"\x89PNG\r\n\x1a\n" + b"\xff" * 900, b"%PDF-1.7\nstartxref 0"):
        told = await asked_file(api, data)
        assert (told["status"], told["checked"]) == ("no_code", "code")


async def test_holder_and_officer_of_the_post_read_what_state_a_document_is_in_and_have_its_file(
    api: httpx.AsyncClient, app: FastAPI, keys: Keys, tokens: TestTokens, tmp_path: Path
) -> None:
    issued = await issue(app, keys, RETURN)
    holder, officer = tokens.citizen("c-1", language="ru"), tokens.officer("nurlan", post="yek")
    for who in (holder, officer):
        (seen,) = (await api.get("/api/documents", params={"application_id": "a-2"}, headers=who)).json()["documents"]
        assert (seen["title"], seen["state_text"]) == ("Certificate of return to the Kyrgyz Republic", "Issued and in force")
        assert (await api.get(seen["file"], headers=who)).content == issued.pdf
    strangers = (tokens.citizen("c-2"), tokens.officer("nurlan", post="ist"))
    assert [(await api.get(seen["file"], headers=who)).status_code for who in strangers] == [404, 404]
    (tmp_path / "clock").write_text(str(40 * 86_400))
    still_signed_in = tokens.citizen("c-1", exp=datetime.now(UTC) + timedelta(days=90)) | {"Accept-Language": "ru"}
    after = await api.get(f"/api/documents/{issued.entry.id}", headers=still_signed_in)
    assert after.json()["state_text"] == "Выдан; срок действия истёк"


async def test_what_is_asked_stands_in_no_log(
    api: httpx.AsyncClient, app: FastAPI, keys: Keys, capfd: pytest.CaptureFixture[str]
) -> None:
    issued = await issue(app, keys, DOSSIER)
    await asked_seal(api, issued.seal_url)
    await asked_file(api, issued.pdf)
    await asked(api, **issued.printed)
    said = "".join(capfd.readouterr())
    assert [word for word in (*PERSONAL, issued.seal_url, issued.printed["check_code"]) if word in said] == []
