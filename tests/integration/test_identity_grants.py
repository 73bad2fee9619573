"""Roles of officers: given and taken back by an administrator or a head, with a reason, and in a token while in force."""

import asyncio
from typing import Any
from uuid import uuid4

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from tests.integration.test_identity_api import bearer, environment, identity, keys, sign_in
from tests.support.officers import NEW, confirm, invite, waiting_grants

pytestmark = pytest.mark.places_again

__all__ = ["environment", "identity", "keys"]
NURLAN = "c2e78f49-a558-59a4-90f6-763832bff8dc"  # intake at yek
GULNARA = "6f99a9e1-84d4-5d64-ab59-a2133ece18a1"  # deciding there
BAKYT = "c365797b-7498-5192-8ffe-4703b585970d"  # its head
CHOLPON = "5857844e-ce2c-5223-84df-c59de331c54e"  # of ist
AINURA = "dc964575-f5e3-563f-a9a7-20c8d50082f4"  # administrator
DECIDING = {"role": "deciding", "posts": ["yek"], "reason": "stands-in"}


async def headers_of(api: httpx.AsyncClient, account: str) -> dict[str, str]:
    return bearer((await sign_in(api, account))["access_tokens"]["identity"])


async def give(api: httpx.AsyncClient, who: str, to: str, **grant: Any) -> httpx.Response:
    headers = await headers_of(api, who) | {"Idempotency-Key": str(uuid4())}
    return await api.post(f"/api/officers/{to}/grants", json=grant, headers=headers)


async def withdraw(api: httpx.AsyncClient, who: str, person: str, grant: str) -> httpx.Response:
    headers = await headers_of(api, who) | {"Idempotency-Key": str(uuid4())}
    return await api.post(f"/api/officers/{person}/grants/{grant}/withdrawal", json={"reason": "duty-ended"}, headers=headers)


async def claims_of(api: httpx.AsyncClient, account: str) -> dict[str, Any]:
    keys = KeySet.import_key_set((await api.get("/.well-known/jwks.json")).json())
    token = (await sign_in(api, account))["access_tokens"]["applications"]
    return dict(jwt.decode(token, keys, algorithms=["ES256"]).claims)


async def test_a_role_that_a_head_gives_is_in_the_next_token_and_gone_once_withdrawn(identity: httpx.AsyncClient) -> None:
    given = await give(identity, "bakyt", NURLAN, **DECIDING)
    assert given.status_code == 201, given.text
    grant = next(each["id"] for each in given.json()["grants"] if each["role"] == "deciding")
    assert (await confirm(identity, "asel", NURLAN, grant)).status_code == 200
    assert (await claims_of(identity, "nurlan"))["grants"] == [["deciding", "yek"], ["intake", "yek"]]
    assert (await withdraw(identity, "bakyt", NURLAN, grant)).status_code == 200
    assert (await claims_of(identity, "nurlan"))["grants"] == [["intake", "yek"]]
    again = await withdraw(identity, "bakyt", NURLAN, grant)
    assert (again.status_code, again.json()["type"]) == (409, "/problems/grant-already-withdrawn")


async def test_a_role_that_decides_waits_for_another_person_than_who_gave_it_and_who_gets_it(identity: httpx.AsyncClient) -> None:
    given = (await give(identity, "bakyt", NURLAN, **DECIDING)).json()["grants"]
    (grant,) = [each for each in given if each["waits"]]
    assert (await claims_of(identity, "nurlan"))["grants"] == [["intake", "yek"]]
    for who, status in (("bakyt", 403), ("nurlan", 403), ("gulnara", 403), ("cholpon", 403), ("aigerim", 403)):
        assert (await confirm(identity, who, NURLAN, grant["id"])).status_code == status, who
    seen = {who: await waiting_grants(identity, NURLAN, who) for who in ("bakyt", "ainura", "asel")}
    assert all(each == [grant["id"]] for each in seen.values())
    assert (await confirm(identity, "ainura", NURLAN, grant["id"])).status_code == 200
    assert (await claims_of(identity, "nurlan"))["grants"] == [["deciding", "yek"], ["intake", "yek"]]
    again = await confirm(identity, "asel", NURLAN, grant["id"])
    assert (again.status_code, again.json()["type"]) == (409, "/problems/grant-nothing-to-confirm")
    intake = (await give(identity, "bakyt", GULNARA, role="intake", posts=["yek"], reason="stands-in")).json()["grants"]
    assert not any(each["waits"] for each in intake)  # she decides already; one more who takes in needs no second person


async def test_who_invents_an_officer_gives_them_no_other_first_role_alone(identity: httpx.AsyncClient) -> None:
    """Intake needs no second person for who is an officer already: nobody is one whom nobody else has vouched for."""
    invented = (await invite(identity, "bakyt", confirmed=False)).json()["person_id"]
    intake = {"role": "intake", "posts": ["yek"], "reason": "stands-in"}
    given = (await give(identity, "bakyt", invented, **intake)).json()["grants"]
    assert [(each["role"], each["in_force"], each["waits"]) for each in given] == [
        ("deciding", False, True),
        ("intake", False, True),
    ]
    assert (await confirm(identity, "bakyt", invented, given[1]["id"])).status_code == 403
    assert (await confirm(identity, "ainura", invented, given[0]["id"])).status_code == 200
    assert (await give(identity, "bakyt", invented, **intake)).json()["grants"][-1]["in_force"]  # now they are one
    for each in (await give(identity, "bakyt", invented, **intake)).json()["grants"]:
        assert (await withdraw(identity, "bakyt", invented, each["id"])).status_code == 200
    assert (await give(identity, "bakyt", invented, **intake)).json()["grants"][-1][
        "waits"
    ]  # who was sent away comes back by two


async def test_who_confirms_sees_where_the_link_went_and_a_login_that_two_ask_for_at_once_is_one_s(
    identity: httpx.AsyncClient,
) -> None:
    asked = await asyncio.gather(*(invite(identity, "bakyt", confirmed=False) for _ in range(6)))
    assert sorted(each.status_code for each in asked) == [201] + [409] * 5
    assert {each.json()["type"] for each in asked if each.status_code == 409} <= {"/problems/login-taken"}
    headers = await headers_of(identity, "asel")
    (waiting,) = (await identity.get("/api/officers/waiting", headers=headers)).json()["waiting"]
    assert (waiting["email"], waiting["yours"]) == (NEW["email"], True)


async def test_a_role_is_in_a_token_on_its_days_only(identity: httpx.AsyncClient) -> None:
    over = await give(identity, "ainura", NURLAN, **DECIDING, valid_from="2020-01-01", valid_until="2020-12-31")
    later = await give(identity, "ainura", NURLAN, role="head", posts=["ist"], reason="posted", valid_from="2099-01-01")
    assert (over.status_code, later.status_code) == (201, 201)
    for grant in await waiting_grants(identity, NURLAN):
        assert (await confirm(identity, "asel", NURLAN, grant)).status_code == 200
    assert (await claims_of(identity, "nurlan"))["grants"] == [["intake", "yek"]]


async def test_a_head_gives_no_more_than_intake_and_deciding_at_their_own_post(identity: httpx.AsyncClient) -> None:
    for grant in ({"role": "head", "posts": ["yek"]}, {"role": "intake", "posts": ["ist"]}, {"role": "ministry", "posts": ["*"]}):
        refused = await give(identity, "bakyt", NURLAN, **grant, reason="posted")
        assert (refused.status_code, refused.json()["type"]) == (403, "/problems/may-not-give-this-role")


async def test_an_officer_of_another_head_s_post_is_not_there(identity: httpx.AsyncClient) -> None:
    assert (await give(identity, "bakyt", CHOLPON, **DECIDING)).status_code == 404
    assert (await identity.get(f"/api/officers/{CHOLPON}", headers=await headers_of(identity, "bakyt"))).status_code == 404
    found = (await identity.get("/api/officers", headers=await headers_of(identity, "bakyt"))).json()["officers"]
    assert {officer["post_id"] for officer in found} == {"yek"}


async def test_nobody_gives_a_role_to_themselves(identity: httpx.AsyncClient) -> None:
    for who, person in (("ainura", AINURA), ("bakyt", BAKYT)):
        refused = await give(identity, who, person, **DECIDING)
        assert (refused.status_code, refused.json()["type"]) == (403, "/problems/grant-to-yourself")


async def test_an_officer_who_gives_no_roles_sees_none(identity: httpx.AsyncClient) -> None:
    assert (await identity.get("/api/officers", headers=await headers_of(identity, "nurlan"))).status_code == 403
    assert (await give(identity, "nurlan", NURLAN, **DECIDING)).status_code == 403


async def test_a_role_that_does_not_exist_or_days_that_end_before_they_begin_are_refused(identity: httpx.AsyncClient) -> None:
    wrong = await give(identity, "ainura", NURLAN, role="minister", posts=["yek"], reason="posted", valid_until="2020-01-01")
    assert wrong.status_code == 422
    assert {error["pointer"] for error in wrong.json()["errors"]} == {"/role", "/valid_until"}
