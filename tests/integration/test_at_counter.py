"""An officer fills in with somebody at the counter: with a word of identity for whom, or by the sheet of their draft."""

import httpx
import pytest

from services.applications.catalogue import the_catalogue
from tests.integration.applications_client import PNG, Headers, aigerim, api, gulnara, keyed, nurlan, start
from tests.support.tokens import TestTokens
from tests.unit.applications.cases import ANSWERS, RETURN

pytestmark = pytest.mark.places_again

__all__ = ["aigerim", "api", "gulnara", "nurlan"]

PERSON = "somebody-without-a-telephone"
COUNTER = "/api/officer/counter"


async def begun(api: httpx.AsyncClient, officer: Headers, grant: str) -> httpx.Response:
    wanted = {"grant": grant, "service_id": RETURN, "post_id": "yek", "language": "ky"}
    return await api.post(f"{COUNTER}/applications", json=wanted, headers=keyed(officer))


async def filled_in(api: httpx.AsyncClient, officer: Headers, case: str) -> httpx.Response:
    service = (await api.get(f"/api/services/{RETURN}")).json()
    path = f"{COUNTER}/applications/{case}"
    for step in service["steps"]:
        answers = {key: ANSWERS[RETURN][key] for key in step["fields"] if key in ANSWERS[RETURN]}
        saved = await api.put(f"{path}/steps/{step['id']}", json={"answers": answers}, headers=officer)
        assert saved.status_code == 200, saved.text
    return await api.post(f"{path}/submission", headers=keyed(officer))


async def test_an_officer_fills_in_for_somebody_who_has_no_telephone_and_it_is_theirs_and_says_who_did_it(
    api: httpx.AsyncClient, nurlan: Headers, tokens: TestTokens
) -> None:
    made = await begun(api, nurlan, tokens.counter_grant(PERSON, "nurlan"))
    assert made.status_code == 201, made.text
    case = made.json()["id"]
    handed_in = await filled_in(api, nurlan, case)
    assert handed_in.status_code == 200, handed_in.text

    owner = tokens.citizen(PERSON)
    own = (await api.get(f"/api/applications/{case}", headers=owner)).json()
    assert own["answers"] == ANSWERS[RETURN]
    lines = (await api.get(f"/api/applications/{case}/journal", headers=owner)).json()["entries"]
    assert {(line["by"], line["role"]) for line in lines} == {("officer", "intake")}
    assert [line["action"].partition(":")[2] for line in lines][:2] == ["start", "assist"]
    assert (await api.get(f"{COUNTER}/applications/{case}", headers=nurlan)).status_code == 404, "it is no draft any more"


async def test_the_word_for_whom_is_good_for_one_officer_and_for_no_sign_in(
    api: httpx.AsyncClient, nurlan: Headers, gulnara: Headers, tokens: TestTokens
) -> None:
    grant = tokens.counter_grant(PERSON, "nurlan")
    for refused in (await begun(api, gulnara, grant), await begun(api, nurlan, "no.such.word")):
        assert (refused.status_code, refused.json()["type"]) == (409, "/problems/counter-grant-not-valid")
    own_token = tokens.citizen(PERSON)["Authorization"].removeprefix("Bearer ")
    assert (await begun(api, nurlan, own_token)).status_code == 409, "a citizen's token is no word of identity for an officer"
    signed_in = await api.get("/api/applications", headers={"Authorization": f"Bearer {grant}"})
    assert signed_in.status_code == 401


async def test_a_draft_is_opened_by_its_sheet_at_its_own_post_and_its_citizen_sees_it(
    api: httpx.AsyncClient, aigerim: Headers, nurlan: Headers, tokens: TestTokens
) -> None:
    draft = await start(api, aigerim, RETURN)
    path = f"{COUNTER}/applications/{draft['id']}"
    assert (await api.get(path, headers=nurlan)).status_code == 404, "nobody showed a sheet"
    elsewhere = tokens.officer("cholpon", "intake", post="ist")
    sheet = {"reference": draft["reference"].lower()}
    assert (await api.post(f"{COUNTER}/openings", json=sheet, headers=keyed(elsewhere))).status_code == 404
    opened = await api.post(f"{COUNTER}/openings", json=sheet, headers=keyed(nurlan))
    assert opened.json()["id"] == draft["id"]

    seen = await api.get(path, headers=nurlan)
    assert (seen.status_code, seen.json()["reference"]) == (200, draft["reference"])
    scanned = await api.put(f"{path}/papers/attachment", content=PNG, headers=nurlan | {"Content-Type": "image/png"})
    assert scanned.status_code == 200, scanned.text
    colleague = tokens.officer("gulnara", "intake")
    assert (await api.get(path, headers=colleague)).status_code == 404, "another officer has not seen the sheet"
    lines = (await api.get(f"/api/applications/{draft['id']}/journal", headers=aigerim)).json()["entries"]
    assert [(line["action"].partition(":")[2], line["by"], line["role"]) for line in lines][-2:] == [
        ("assist", "officer", "intake"),
        ("attach", "officer", "intake"),
    ]


async def test_what_is_not_offered_at_a_post_is_begun_at_its_counter_no_more_than_elsewhere(
    api: httpx.AsyncClient, tokens: TestTokens
) -> None:
    honorary = next(post for post in the_catalogue().posts.values() if not post.offers(RETURN))
    officer = tokens.officer("nurlan", "intake", post=honorary.id)
    wanted = {"grant": tokens.counter_grant(PERSON, "nurlan"), "service_id": RETURN, "post_id": honorary.id, "language": "ky"}
    refused = await api.post(f"{COUNTER}/applications", json=wanted, headers=keyed(officer))
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/not-offered-there")
