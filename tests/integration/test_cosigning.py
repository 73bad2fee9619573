"""Somebody else confirms an application from their own account, before it counts as handed in."""

from typing import Any

import httpx
import pytest

from tests.integration.applications_client import Headers, aigerim, api, gulnara, keyed, nurlan, start
from tests.support.tokens import TestTokens

pytestmark = pytest.mark.places_again

__all__ = ["aigerim", "api", "gulnara", "nurlan"]

SERVICE, COSIGNER = "passport-child", "other-parent"
PARENT = {"other_parent": "confirms_here", "other_parent_name": "Бакыт Токтобеков"}


@pytest.fixture
def bakyt(tokens: TestTokens) -> Headers:
    return tokens.citizen("bakyt")


async def with_other_parent(api: httpx.AsyncClient, who: Headers) -> str:
    case = str((await start(api, who, SERVICE))["id"])
    await answered(api, who, case, PARENT)
    return case


async def answered(api: httpx.AsyncClient, who: Headers, case: str, answers: dict[str, str]) -> None:
    saved = await api.put(f"/api/applications/{case}/answers", json={"answers": answers}, headers=who)
    assert saved.status_code == 200, saved.text


async def state_of(api: httpx.AsyncClient, who: Headers, case: str) -> list[str]:
    told = (await api.get(f"/api/applications/{case}/cosigners", headers=who)).json()
    assert told["complete"] == all(each["state"] == "confirmed" for each in told["cosigners"])
    return [each["state"] for each in told["cosigners"]]


async def invited(api: httpx.AsyncClient, who: Headers, case: str) -> str:
    made = await api.post(f"/api/applications/{case}/cosigners/{COSIGNER}/invitation", headers=keyed(who))
    assert made.status_code == 201, made.text
    return str(made.json()["code"])


async def opened(api: httpx.AsyncClient, who: Headers, code: str) -> httpx.Response:
    return await api.post("/api/cosignatures/openings", json={"code": code}, headers=who)


async def said(api: httpx.AsyncClient, who: Headers, code: str, version: int, decision: str = "confirmed") -> httpx.Response:
    body: dict[str, Any] = {"code": code, "version": version, "decision": decision}
    return await api.post("/api/cosignatures", json=body, headers=keyed(who))


async def test_the_other_parent_sees_what_they_confirm_and_a_change_after_it_must_be_confirmed_anew(
    api: httpx.AsyncClient, aigerim: Headers, bakyt: Headers
) -> None:
    case = await with_other_parent(api, aigerim)
    assert await state_of(api, aigerim, case) == ["to_invite"]
    code = await invited(api, aigerim, case)

    shown = (await opened(api, bakyt, code.lower().replace("-", " "))).json()
    assert (shown["name"], shown["state"]) == (PARENT["other_parent_name"], "invited")
    assert PARENT["other_parent_name"] in [answer["value"] for answer in shown["answers"]]
    assert (await said(api, bakyt, code, shown["version"])).json() == {"decision": "confirmed"}
    assert await state_of(api, aigerim, case) == ["confirmed"]

    await answered(api, aigerim, case, PARENT | {"other_parent_name": "Бакыт Асанов"})
    assert await state_of(api, aigerim, case) == ["changed"]
    stale = await said(api, bakyt, code, shown["version"])
    assert (stale.status_code, stale.json()["type"]) == (409, "/problems/changed-before-confirmation")
    anew = (await opened(api, bakyt, code)).json()
    assert (await said(api, bakyt, code, anew["version"])).status_code == 200
    assert await state_of(api, aigerim, case) == ["confirmed"]


async def test_a_code_is_worth_something_for_one_other_person_only(
    api: httpx.AsyncClient, aigerim: Headers, bakyt: Headers, tokens: TestTokens
) -> None:
    case = await with_other_parent(api, aigerim)
    code = await invited(api, aigerim, case)
    own = await opened(api, aigerim, code)
    assert (own.status_code, own.json()["type"]) == (403, "/problems/may-not-confirm-own")
    version = (await opened(api, bakyt, code)).json()["version"]
    assert (await said(api, bakyt, code, version, "declined")).status_code == 200
    assert await state_of(api, aigerim, case) == ["declined"]
    stranger = await opened(api, tokens.citizen("timur"), code)
    assert (stranger.status_code, stranger.json()["type"]) == (404, "/problems/no-such-invitation")

    newer = await invited(api, aigerim, case)
    assert (await opened(api, bakyt, code)).status_code == 404, "an older code is worth nothing"
    assert (await opened(api, tokens.citizen("timur"), newer)).status_code == 200


async def test_the_applicant_sees_who_looked_at_the_answers_and_the_journal_tells_it_was_confirmed(
    api: httpx.AsyncClient, aigerim: Headers, bakyt: Headers
) -> None:
    case = await with_other_parent(api, aigerim)
    code = await invited(api, aigerim, case)
    version = (await opened(api, bakyt, code)).json()["version"]
    await said(api, bakyt, code, version)
    lines = (await api.get(f"/api/applications/{case}/journal", headers=aigerim)).json()["entries"]
    assert [(line["action"], line["role"]) for line in lines][-2:] == [
        ("application:invite_cosigner", "applicant"),
        ("application:cosign", "cosigner"),
    ]
