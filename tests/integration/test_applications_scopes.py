"""What is not yours is not found: the part of every query that says whose it is, and the rule that the acts ask, are one."""

from itertools import product

import httpx
import pytest

from services.applications.domain.application import Application
from services.applications.domain.authority import MINISTRY, sees
from services.applications.domain.status import Status
from services.applications.queries import application_for
from services.applications.schema import MAPPER
from shared.actors import Officer
from shared.errors import NotFound
from tests.integration.applications_client import (
    Headers,
    act,
    aigerim,
    api,
    database_of,
    gulnara,
    keyed,
    nurlan,
    submitted,
)
from tests.support.kept import as_kept
from tests.support.places import Place
from tests.support.tokens import TestTokens
from tests.unit.applications.cases import AT, draft

pytestmark = pytest.mark.places_again

__all__ = ["aigerim", "api", "gulnara", "nurlan"]
ROLES = ("intake", "deciding", "head")
POSTS = ("yek", "ist", "nov")
PEOPLE = [
    *(Officer.of_post(f"{role}-{post}", post, {role}) for role, post in product(ROLES, POSTS)),
    Officer.of_post("ministry", "mfa", {"ministry"}),
    Officer.of_post("auditor", "mfa", {"auditor"}),
    Officer.of_post("administrator", "mfa", {"administrator"}),
    Officer("two-posts", "yek", frozenset({("intake", "yek"), ("head", "nov")})),
    Officer("none", "yek", frozenset()),
]


def one_case(number: int, way: tuple[Status, bool], post_id: str, deciding_at: str | None) -> Application:
    status, handed_in = way
    case = draft()
    case.id, case.reference, case.status = f"case-{number}", f"YEK-26-{number:08}", status
    case.post_id, case.deciding_at = post_id, deciding_at
    case.submitted_at = AT if handed_in else None
    return case


async def test_the_scope_of_a_query_lets_through_what_the_acts_let_see(place: Place, api: httpx.AsyncClient) -> None:
    states = [(status, status is not Status.DRAFT) for status in Status] + [(Status.EXPIRED, False)]
    ways = product(states, ("yek", "ist"), (None, "ist", "nov", MINISTRY))
    cases = [one_case(number, *way) for number, way in enumerate(ways)]
    async with database_of(place) as db:
        await db.applications.insert_many(await as_kept(MAPPER, cases, db))
        for by, case in product(PEOPLE, cases):
            try:
                found = (await application_for(db, by, case.id)).id == case.id
            except NotFound:
                found = False
            handed_in = case.submitted_at is not None
            seen = sees(by, post_id=case.post_id, deciding_at=case.deciding_at, status=case.status, handed_in=handed_in)
            assert found == seen, (by, case.status, case.post_id, case.deciding_at)
            assert handed_in or not found


async def test_a_decision_given_to_another_post_is_found_opened_and_made_there(
    api: httpx.AsyncClient, aigerim: Headers, nurlan: Headers, tokens: TestTokens
) -> None:
    elsewhere = tokens.officer("cholpon", "deciding", post="ist")
    case = await submitted(api, aigerim)
    await act(api, nurlan, case, "claim")
    await act(api, nurlan, case, "proposal", {"outcome": "approve"})
    assert (await api.get(f"/api/officer/applications/{case}", headers=elsewhere)).status_code == 404
    assert (await act(api, elsewhere, case, "decision", {"outcome": "approve"})).status_code == 404
    assert (await act(api, nurlan, case, "referral", {"to": "ist"})).status_code == 200
    given = (await api.get("/api/officer/applications?given=true", headers=elsewhere)).json()["applications"]
    assert [row["id"] for row in given] == [case]
    assert (await api.get("/api/officer/counts", headers=elsewhere)).json()["given"] == 1
    opened = (await api.get(f"/api/officer/applications/{case}", headers=elsewhere)).json()
    assert (opened["may"], opened["deciding_at"]["id"]) == (["decide", "send_back"], "ist")
    intake_there = tokens.officer("intake-there", "intake", post="ist")
    assert (await act(api, intake_there, case, "decision", {"outcome": "approve"})).status_code == 404
    assert (await act(api, elsewhere, case, "decision", {"outcome": "approve"})).json()["status"] == "approved"


async def test_a_decision_given_to_the_ministry_is_made_by_one_who_works_there(
    api: httpx.AsyncClient, aigerim: Headers, nurlan: Headers, tokens: TestTokens
) -> None:
    ministry = tokens.officer("asel", "ministry", post="mfa")
    case = await submitted(api, aigerim)
    assert (await api.get(f"/api/officer/applications/{case}", headers=ministry)).json()["may"] == []
    await act(api, nurlan, case, "claim")
    await act(api, nurlan, case, "proposal", {"outcome": "approve"})
    refused = await act(api, ministry, case, "decision", {"outcome": "approve"})
    assert (refused.status_code, refused.json()["type"]) == (403, "/problems/role-may-not-decide")
    await act(api, nurlan, case, "referral", {"to": "ministry"})
    assert (await act(api, ministry, case, "decision", {"outcome": "approve"})).json()["status"] == "approved"


async def test_a_declared_relative_is_refused_and_told_who_must_act_but_not_why(
    api: httpx.AsyncClient, aigerim: Headers, nurlan: Headers, gulnara: Headers, tokens: TestTokens
) -> None:
    head = tokens.officer("bakyt", "head")
    case = await submitted(api, aigerim)
    declared = {"kind": "relative", "of": "gulnara", "application_id": case}
    other = await api.post("/api/officer/relations", json=declared, headers=keyed(nurlan))
    assert (other.status_code, other.json()["type"]) == (403, "/problems/may-not-declare-for-others")
    made = await api.post("/api/officer/relations", json=declared, headers=keyed(head))
    assert made.status_code == 201, made.text
    for_decision = await act(api, gulnara, case, "claim")
    assert (for_decision.status_code, for_decision.json()["type"]) == (403, "/problems/must-be-unrelated-officer")
    await act(api, nurlan, case, "claim")
    await act(api, nurlan, case, "proposal", {"outcome": "approve"})
    refused = await act(api, gulnara, case, "decision", {"outcome": "approve"})
    assert refused.json()["type"] == "/problems/must-be-unrelated-officer"
    assert "relat" not in refused.json()["detail"].lower()
    mine = await api.post(f"/api/officer/relations/{made.json()['id']}/end", json={"reason": "no-longer"}, headers=keyed(nurlan))
    assert mine.status_code == 404
    path = f"/api/officer/relations/{made.json()['id']}/end"
    assert (await api.post(path, json={"reason": "declared-by-mistake"}, headers=keyed(head))).status_code == 200
    assert (await act(api, gulnara, case, "decision", {"outcome": "approve"})).json()["status"] == "approved"


async def test_two_accounts_of_one_person_do_not_decide_together(
    api: httpx.AsyncClient, aigerim: Headers, nurlan: Headers, gulnara: Headers, tokens: TestTokens
) -> None:
    same = {"kind": "same-person", "officer_id": "gulnara"}
    made = (await api.post("/api/officer/relations", json=same, headers=keyed(nurlan))).json()
    path, head = f"/api/officer/relations/{made['id']}/confirmation", tokens.officer("bakyt", "head")
    assert (await api.post(path, headers=keyed(head))).status_code == 200
    case = await submitted(api, aigerim)
    await act(api, nurlan, case, "claim")
    await act(api, nurlan, case, "proposal", {"outcome": "approve"})
    assert (await act(api, gulnara, case, "decision", {"outcome": "approve"})).status_code == 403


async def test_a_deciding_officer_who_signed_in_with_a_password_alone_is_told_what_helps(
    api: httpx.AsyncClient, aigerim: Headers, nurlan: Headers, tokens: TestTokens
) -> None:
    weak = tokens.officer("gulnara", "deciding", amr=["pwd"])
    case = await submitted(api, aigerim)
    await act(api, nurlan, case, "claim")
    await act(api, nurlan, case, "proposal", {"outcome": "approve"})
    refused = await act(api, weak, case, "decision", {"outcome": "approve"})
    assert (refused.status_code, refused.json()["type"]) == (403, "/problems/second-factor-needed")


async def test_a_list_of_another_post_is_not_there_and_the_ministry_sees_each(
    api: httpx.AsyncClient, aigerim: Headers, nurlan: Headers, tokens: TestTokens
) -> None:
    await submitted(api, aigerim)
    ministry = tokens.officer("asel", "ministry", post="mfa")
    assert (await api.get("/api/officer/counts?post_id=ist", headers=nurlan)).status_code == 404
    assert (await api.get("/api/officer/applications?post_id=ist", headers=nurlan)).status_code == 404
    assert len((await api.get("/api/officer/applications?post_id=yek", headers=ministry)).json()["applications"]) == 1
    assert (await api.get("/api/officer/applications?post_id=ist", headers=ministry)).json()["applications"] == []
    assert len((await api.get("/api/officer/applications", headers=ministry)).json()["applications"]) == 1
