"""Everything that is kept about a person is given to them: all of it, to nobody else, as pages of each service and as one zip."""

import json
import re
from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import httpx
import pytest

from deploy.local.environment import SERVICES
from deploy.local.keys import make_keys
from services.portal import own_copy
from services.portal.app import create_app as create_portal
from services.portal.session import Person, Session
from shared.mongo.audit import AUDIT
from shared.mongo.database import Db
from tests.integration.applications_client import PNG, act, keyed, submitted
from tests.integration.test_identity_api import AIGERIM
from tests.support.house import FIRST, SECOND, House, whole_house
from tests.support.places import Place
from tests.support.serving import eventually
from tests.unit.applications.cases import ANSWERS, REGISTRATION
from tests.unit.portal.portal import NOBODY, assets, settings, visiting, with_token

ACCOUNTS = json.loads(Path("deploy/local/demo_accounts.json").read_text(encoding="utf-8"))
MISSING_KY = "Бул баары эмес"


@pytest.fixture
async def house(place: Place, tmp_path: Path) -> AsyncIterator[House]:
    async with whole_house(place, make_keys(tmp_path / "keys"), tmp_path) as made:
        yield made


def account(login: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for kind in ("citizens", "officers") for one in ACCOUNTS[kind] if one["login"] == login)
    return found


async def tokens_of(house: House, login: str) -> dict[str, Any]:
    answer = await house.doors["identity"].post("/api/demo/sign-in", json={"account": login})
    answer.raise_for_status()
    told: dict[str, Any] = answer.json()
    return told


async def all_pages(house: House, who: dict[str, Any], service: str, **params: str) -> list[dict[str, Any]]:
    headers = {"Authorization": f"Bearer {who['access_tokens'][service]}", "Accept-Language": "en"}
    records: list[dict[str, Any]] = []
    asked: dict[str, str] = {"limit": "7"} | params
    while True:
        answer = await house.doors[service].get("/api/me/data", params=asked, headers=headers)
        assert answer.status_code == 200, answer.text
        page = answer.json()
        assert (page["schema_version"], page["service"], page["person_id"]) == (1, service, who["person"]["id"])
        assert len(page["records"]) <= 7
        records += page["records"]
        if page["next"] is None:
            return records
        asked["after"] = page["next"]


def portal_session(told: dict[str, Any], language: str) -> Session:
    who = Person(
        kind=told["person"]["kind"],
        name=told["person"]["name"],
        account=told["person"]["login"],
        session=told["session_id"],
        tokens=told["access_tokens"],
        refresh=told["refresh_token"],
        until=4e9,
    )
    return Session(csrf="c" * 32, language=language, person=who)


async def zipped(
    house: House, told: dict[str, Any], *, language: str = "ky", away: str = ""
) -> tuple[httpx.Response, ZipFile | None]:
    urls = {f"{name}_url": str(house.doors[name].base_url) for name in SERVICES} | ({f"{away}_url": NOBODY} if away else {})
    session = portal_session(told, language)
    async with visiting(create_portal(settings(assets=assets(), **urls)), session) as client:
        before = await client.get("/my-data/export")
        assert before.status_code == 200, before.text
        answer = await client.post("/my-data/export", data=with_token(session, key="a-key-of-this-form"))
    is_zip = answer.headers["content-type"] == "application/zip"
    return answer, ZipFile(BytesIO(answer.content)) if is_zip else None


def db_of(house: House, service: str) -> Db:
    db: Db = house.apps[service].state.runtime.database.db
    return db


@pytest.mark.timeout(300)
async def test_a_person_gets_all_that_is_kept_about_them_and_nobody_else_gets_any_of_it(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(own_copy, "PAUSE_S", 0.05)
    case = await house.one_case()
    officer = await house.signed_in("bakyt")
    await house.doors["applications"].get(f"/api/officer/applications/{case}", headers=officer)
    refused = await submitted(house.doors["applications"], await house.signed_in("aigerim"))
    first = await house.signed_in(FIRST)
    await act(house.doors["applications"], first, refused, "claim")
    refusal = {"outcome": "refuse", "reason": "attachment-unreadable"}
    proposed = await act(house.doors["applications"], first, refused, "proposal", refusal)
    assert proposed.status_code == 200, proposed.text
    aigerim, other = await tokens_of(house, "aigerim"), await tokens_of(house, "umut")

    async def looked_at() -> bool:
        records = await all_pages(house, aigerim, "applications")
        return any(one["record"] == "history" and one["reason"] == "covering-for-colleague" for one in records)

    await eventually(looked_at, every_s=0.5)  # an entry has its number within a second or so
    mine = {service: await all_pages(house, aigerim, service) for service in SERVICES}
    theirs = {service: await all_pages(house, other, service) for service in SERVICES}
    text, other_text = json.dumps(mine, ensure_ascii=False), json.dumps(theirs, ensure_ascii=False)

    # all of it, once
    known = account("aigerim")
    answers = [value for key, value in ANSWERS[REGISTRATION].items()]
    for value in (known["name"], known["email"], known["phone"], *answers):
        assert json.dumps(value, ensure_ascii=False)[1:-1] in text, "something that is kept is not given"
    for service, records in mine.items():
        names = [(one["record"], one["id"]) for one in records]
        assert len(names) == len(set(names)), service
    found = {service: {one["record"] for one in records} for service, records in mine.items()}
    assert found["identity"] >= {"person", "session", "history"}
    of_cases = {"application", "filling", "fee", "journal", "history"}
    assert (found["applications"], found["documents"]) == (of_cases, {"document", "history"})
    assert found["notifications"] >= {"message"}

    # and nothing of others: no officer, no secret, no proposal that is not decided
    for login in (FIRST, SECOND, "bakyt"):
        assert account(login)["id"] not in text
        assert account(login)["name"] not in text
    told = [one["act"] for one in mine["applications"] if one["record"] == "journal"]
    assert told.count("application:submit") == told.count("application:propose") == 2
    assert "propose_refusal" not in text
    assert "attachment-unreadable" not in text
    assert re.search(r"totp|password|key_id|wrapped|public_key", text) is None
    for value in (known["name"], known["email"], known["phone"], AIGERIM, case, ANSWERS[REGISTRATION]["address_abroad"]):
        assert value not in other_text

    # whatever somebody else puts into an address, they get their own
    page = await house.doors["applications"].get(
        "/api/me/data", params={"limit": "1"}, headers={"Authorization": f"Bearer {aigerim['access_tokens']['applications']}"}
    )
    for params in ({"after": page.json()["next"]}, {"person_id": AIGERIM}, {"citizen_id": AIGERIM}):
        stolen = await all_pages(house, other, "applications", **params)
        assert case not in json.dumps(stolen)

    # each time it was taken, once, and not once a page
    for service in SERVICES:
        rows = await db_of(house, service)[AUDIT].find({"act": "own-data:export", "who.id": other["person"]["id"]}).to_list()
        assert {row["about"]["person"] for row in rows} == {other["person"]["id"]}
        assert len(rows) == (3 if service == "applications" else 1), service

    # as one file, with its papers, in Kyrgyz
    answer, opened = await zipped(house, aigerim)
    assert opened is not None, answer.text
    assert opened.testzip() is None
    manifest = json.loads(opened.read("data/manifest.json"))
    assert (manifest["whole"], manifest["missing_files"]) == (True, {})
    given = {service: json.loads(opened.read(f"data/{service}-1.json"))["records"] for service in SERVICES}
    assert {service: len(records) >= len(mine[service]) for service, records in given.items()} == dict.fromkeys(SERVICES, True)
    page_text = opened.read("index.html").decode()
    for value in (known["name"], known["email"], ANSWERS[REGISTRATION]["address_abroad"]):
        assert value in page_text
    assert MISSING_KY not in page_text
    files = [name for name in opened.namelist() if "/" in name and not name.startswith("data/")]
    paper = next(name for name in files if name.endswith(".pdf"))
    assert "Ү" in paper.upper(), paper
    documents = house.doors["documents"]
    document = next(one for one in given["documents"] if one["record"] == "document")
    issued = await documents.get(
        document["file"]["path"], headers={"Authorization": f"Bearer {aigerim['access_tokens']['documents']}"}
    )
    assert opened.read(paper) == issued.content
    assert all(opened.read(name) == PNG for name in files if name.endswith(".png"))
    assert len([name for name in files if name.endswith(".png")]) == 2
    assert all(f'href="{name}"' in page_text for name in files)
    assert "filename*=UTF-8''" in answer.headers["content-disposition"]

    # a part that is away is missing, and the copy does not look whole
    _, less = await zipped(house, aigerim, away="documents")
    assert less is not None
    said = json.loads(less.read("data/manifest.json"))
    assert (said["whole"], said["parts"]["documents"]["missing"]) == (False, "away")
    assert MISSING_KY in less.read("index.html").decode()
    assert not [name for name in less.namelist() if name.endswith(".pdf")]
    assert len([name for name in less.namelist() if name.endswith(".png")]) == 2

    # and not more often than so many times a day
    headers = {"Authorization": f"Bearer {aigerim['access_tokens']['identity']}"}
    answers_of_identity = [
        (await house.doors["identity"].post("/api/me/data/exports", json={}, headers=keyed(headers))).status_code
        for _ in range(10)
    ]
    assert answers_of_identity == [201] * 8 + [429] * 2
    late, none = await zipped(house, aigerim, language="en")
    assert (late.status_code, none) == (429, None)
    assert "several times today" in late.text
