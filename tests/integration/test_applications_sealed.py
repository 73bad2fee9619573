"""Applications lie sealed, are found and sorted by names all the same, and read as erased once their person is."""

from dataclasses import replace

import httpx
import pytest

from services.applications import queries
from services.applications.schema import CASES, MAPPER
from shared.clock import SystemClock
from shared.mongo.erasure import ErasePerson, erase_or_hold
from shared.mongo.transactions import Transactions, UnitOfWork
from tests.integration.applications_client import Headers, act, aigerim, api, approved, database_of, gulnara, nurlan, submitted
from tests.support.kept import as_kept, database_with_keys
from tests.support.places import Place
from tests.support.tokens import TestTokens
from tests.unit.applications import cases
from tests.unit.applications.cases import ANSWERS, POWER, REGISTRATION

pytestmark = pytest.mark.places_again

__all__ = ["aigerim", "api", "gulnara", "nurlan"]
ENGLISH = {"Accept-Language": "en", "Eshik-Access-Reason": "supervision"}
NAMES = ("Өмүрбек Ңанаев", "Айгүл Өмүрзакова", "Бакыт Асан уулу", "айгерим Токтобекова", "Ёлкина Елена", "Ысык Ата")
IN_ORDER = ["айгерим Токтобекова", "Айгүл Өмүрзакова", "Бакыт Асан уулу", "Ёлкина Елена", "Өмүрбек Ңанаев", "Ысык Ата"]
KNOWN = {
    "full_name": "Айгүл Өмүрзакова",
    "full_name_latin": "AIGUL OMURZAKOVA",
    "pin": "21504199000123",
    "phone_abroad": "+79120000101",
}


async def found(api: httpx.AsyncClient, who: Headers, **asked: str) -> list[str]:
    answer = await api.post("/api/officer/searches/people", json=asked, headers=who)
    assert answer.status_code == 200, answer.text
    return [row["id"] for row in answer.json()["applications"]]


async def put(place: Place, *changes: dict[str, object]) -> None:
    """Cases that were handed in at the post, each with these answers or this name."""
    made = [
        replace(cases.submitted(), id=f"case-{number}", reference=f"YEK-26-{number:08}", **change)  # type: ignore[arg-type]
        for number, change in enumerate(changes)
    ]
    async with database_of(place) as db:
        await db.applications.insert_many(await as_kept(MAPPER, made, db))


async def alter(place: Place, case: str) -> None:
    """As somebody does who writes the database and has no keys."""
    async with database_of(place) as db:
        await db.applications.update_one({"_id": case}, {"$set": {"applicant.c": b"altered"}})


async def erase(place: Place, api: httpx.AsyncClient, person: str) -> None:
    """As the service does when it hears of it and nothing holds it; then the time passes in which a process remembers a key."""

    async def now(_command: None, uow: UnitOfWork) -> None:
        await erase_or_hold(ErasePerson(person), uow, sealed=[CASES])

    database = database_with_keys(place, "applications")
    database.prepared = True
    await Transactions(database, SystemClock()).run(now, None)
    await database.close()
    transport = api._transport
    app = getattr(transport, "_inner", transport).app  # type: ignore[attr-defined]
    app.state.runtime.database.db.keys.forget(person)


async def test_nothing_that_was_typed_can_be_read_in_the_database(place: Place, api: httpx.AsyncClient, aigerim: Headers) -> None:
    case = await submitted(api, aigerim, POWER)
    async with database_of(place) as db:
        kept = str([await db[name].find({}).to_list() for name in await db.list_collection_names()])
        row = await db.applications.find_one({"_id": case})
    assert row is not None
    assert row["answers"].keys() == row["applicant"].keys() == {"k", "n", "c"}
    assert [value for key, value in ANSWERS[POWER].items() if key != "substitution" and value in kept] == []


async def test_a_case_is_found_by_what_it_says_of_a_person_however_that_is_written(
    place: Place, api: httpx.AsyncClient, nurlan: Headers
) -> None:
    await put(place, {"answers": ANSWERS[REGISTRATION]}, {"answers": ANSWERS[REGISTRATION] | KNOWN})
    for asked in (
        {"name": "Aigul Omurzakova"},
        {"name": "ОМУРЗАКОВА АЙГУЛЬ"},
        {"name": "Өмүрзакова"},
        {"pin": "2 1504 1990 00123"},
        {"phone": "+7 (912) 000-01-01"},
        {"pin": "21504199000123", "name": "айгүл"},
    ):
        assert await found(api, nurlan, **asked) == ["case-1"], asked
    await alter(place, "case-1")
    assert await found(api, nurlan, name="Өмүрзакова") == ["case-1"]
    for asked in ({"name": "Өмүр"}, {"name": "Айгүл Асанова"}, {"name": "Айгүл", "phone": "+79990000000"}):
        assert await found(api, nurlan, **asked) == [], asked


async def test_the_person_one_authorises_is_found_too_but_not_from_another_post(
    api: httpx.AsyncClient, aigerim: Headers, nurlan: Headers, tokens: TestTokens
) -> None:
    case = await submitted(api, aigerim, POWER)
    assert await found(api, nurlan, name="Omurbek Nanaev") == [case]
    assert await found(api, tokens.officer("cholpon", "intake", post="ist"), name="Omurbek Nanaev") == []
    answer = await api.post("/api/officer/searches/people", json={"name": "Omurbek"}, headers=aigerim)
    assert answer.status_code == 403


async def test_what_nobody_can_be_found_by_is_named_and_not_quoted(api: httpx.AsyncClient, nurlan: Headers) -> None:
    wrong: dict[str, dict[str, str]] = {
        "/pin": {"pin": "1234567"}, "/phone": {"phone": "0700123456"}, "/name": {"name": "Щ. уулу"}, "": {},
    }  # fmt: skip
    for pointer, asked in wrong.items():
        answer = await api.post("/api/officer/searches/people", json=asked, headers=nurlan | ENGLISH)
        assert (answer.status_code, [error["pointer"] for error in answer.json()["errors"]]) == (422, [pointer])
        assert not any(value in answer.text for value in asked.values())


async def test_a_list_by_name_is_in_the_order_of_the_alphabet_over_its_pages(
    place: Place, api: httpx.AsyncClient, nurlan: Headers
) -> None:
    """One that was altered is listed without its name, and keeps no other from being listed."""
    await put(place, *({"applicant": name} for name in (*NAMES, "Алтынай")))
    await alter(place, f"case-{len(NAMES)}")
    read: list[str] = []
    asked: dict[str, str] = {"sort": "name", "limit": "2"}
    while True:
        page = (await api.get("/api/officer/applications", params=asked, headers=nurlan)).json()
        read += [row["applicant"] for row in page["applications"]]
        if not page["next"]:
            break
        asked["after"] = page["next"]
    assert read == [*IN_ORDER, ""]
    lines = (await api.get("/api/officer/applications", headers=nurlan)).json()["applications"]
    assert sorted(line["applicant"] for line in lines) == sorted(read)


async def test_too_many_to_sort_by_name_is_said_and_by_time_they_are_still_listed(
    place: Place, api: httpx.AsyncClient, nurlan: Headers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "SORTED_UP_TO", 5)
    await put(place, *({"applicant": name} for name in NAMES))
    refused = await api.get("/api/officer/applications", params={"sort": "name"}, headers=nurlan | ENGLISH)
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/too-many-to-sort-by-name")
    assert "More than 5" in refused.json()["detail"]
    assert len((await api.get("/api/officer/applications", headers=nurlan)).json()["applications"]) == 6


async def test_the_case_of_an_erased_person_reads_as_erased_and_keeps_its_skeleton(
    place: Place, api: httpx.AsyncClient, aigerim: Headers, nurlan: Headers, gulnara: Headers
) -> None:
    case, waiting = await approved(api, (aigerim, nurlan, gulnara), REGISTRATION), await submitted(api, aigerim)
    path, officer = f"/api/officer/applications/{case}", nurlan | ENGLISH
    assert set(await found(api, nurlan, name="Айгерим")) == {case, waiting}
    journal = (await api.get(f"{path}/journal", headers=officer)).json()
    await erase(place, api, "aigerim")

    seen = (await api.get(path, headers=officer)).json()
    assert (seen["applicant"], seen["erased"], seen["answers"], seen["attachment"]) == ("erased", True, [], None)
    assert (await api.get(f"{path}/journal", headers=officer)).json() == journal
    assert (await api.get(f"{path}/attachment", headers=officer)).status_code == 404
    (row,) = (await api.get("/api/officer/applications", params={"sort": "name"}, headers=officer)).json()["applications"]
    assert (row["id"], row["applicant"]) == (waiting, "erased")
    assert await found(api, nurlan, name="Айгерим") == []
    assert (await act(api, nurlan, waiting, "claim")).status_code == 200  # what is done next is written to its skeleton
    async with database_of(place) as db:
        assert await db.applications.count_documents({"found_by": {"$exists": True}}) == 0
