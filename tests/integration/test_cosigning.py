"""Somebody else confirms an application from their own account, before it counts as handed in."""

from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from services.applications.catalogue import the_catalogue
from services.applications.domain.attachments import uploaded
from tests.integration.applications_client import PNG, Headers, act, aigerim, api, gulnara, keyed, nurlan, paid, start
from tests.support.tokens import TestTokens
from tests.unit.applications.test_every_service import TODAY, filled

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


async def filled_in(api: httpx.AsyncClient, who: Headers, parent: Mapping[str, str] | None = None) -> str:
    """A birth that both parents register, with all its papers. parent: what is answered about the other one instead."""
    service = the_catalogue().service("birth-registration")
    case = str((await start(api, who, service.id))["id"])
    answers = filled(service, {"other_parent": "confirms_here"} if parent is None else dict(parent))
    await answered(api, who, case, answers)
    for paper in (paper for paper in uploaded(service.all_papers, answers, TODAY) if paper.required):
        sent = await api.put(
            f"/api/applications/{case}/papers/{paper.code}", content=PNG, headers=who | {"Content-Type": "image/png"}
        )
        assert sent.status_code == 200, sent.text
    return case


async def test_it_is_handed_in_only_confirmed_and_what_the_post_has_changed_is_confirmed_anew(
    api: httpx.AsyncClient, aigerim: Headers, bakyt: Headers, nurlan: Headers
) -> None:
    case = await filled_in(api, aigerim)
    path = f"/api/applications/{case}"
    alone = await api.post(f"{path}/submission", headers=keyed(aigerim))
    assert (alone.status_code, alone.json()["type"]) == (409, "/problems/not-yet-confirmed")
    code = await invited(api, aigerim, case)
    await said(api, bakyt, code, (await opened(api, bakyt, code)).json()["version"])
    both = await api.post(f"{path}/submission", headers=keyed(aigerim))
    assert both.status_code == 200, both.text

    await paid(api, aigerim, nurlan, case)
    assert (await act(api, nurlan, case, "claim")).status_code == 200
    marked = {"marks": [{"pointer": "/answers/child_name", "note": "does-not-agree"}]}
    assert (await act(api, nurlan, case, "papers-request", marked)).status_code == 200
    changed = await api.put(f"{path}/asked-answers", json={"answers": {"child_name": "Айбек Асанов"}}, headers=aigerim)
    assert changed.status_code == 200, changed.text
    assert await state_of(api, aigerim, case) == ["changed"]
    unseen = await api.post(f"{path}/resubmission", headers=keyed(aigerim))
    assert (unseen.status_code, unseen.json()["type"]) == (409, "/problems/not-yet-confirmed")
    anew = (await opened(api, bakyt, code)).json()
    assert "Айбек Асанов" in [answer["value"] for answer in anew["answers"]]
    assert (await said(api, bakyt, code, anew["version"])).status_code == 200
    again = await api.post(f"{path}/resubmission", headers=keyed(aigerim))
    assert again.status_code == 200, again.text
    assert (await opened(api, bakyt, code)).status_code == 404, "nothing can be changed any more"


async def test_what_the_post_goes_on_with_unconfirmed_is_seen_so_is_approved_by_nobody_and_can_be_confirmed_still(
    api: httpx.AsyncClient, aigerim: Headers, bakyt: Headers, nurlan: Headers
) -> None:
    case = await filled_in(api, aigerim)
    code = await invited(api, aigerim, case)
    shown = (await opened(api, bakyt, code)).json()
    assert {"address_abroad", "phone_abroad"}.isdisjoint(answer["key"] for answer in shown["answers"])
    await said(api, bakyt, code, shown["version"])
    assert (await api.post(f"/api/applications/{case}/submission", headers=keyed(aigerim))).status_code == 200
    await paid(api, aigerim, nurlan, case)
    assert (await act(api, nurlan, case, "claim")).status_code == 200
    marked = {"marks": [{"pointer": "/answers/child_name", "note": "does-not-agree"}]}
    assert (await act(api, nurlan, case, "papers-request", marked)).status_code == 200
    changed = await api.put(
        f"/api/applications/{case}/asked-answers", json={"answers": {"child_name": "Айбек Асанов"}}, headers=aigerim
    )
    assert changed.status_code == 200, changed.text
    assert (await act(api, nurlan, case, "papers-request/withdrawal")).status_code == 200

    desk = (await api.get(f"/api/officer/applications/{case}/desk", headers=nurlan)).json()
    assert (desk["ready_to_decide"], "unconfirmed" in [each["code"] for each in desk["missing"]]) == (False, True)
    assert [(each["state"], each["assurance"]) for each in desk["cosigners"]] == [("changed", "counter-seen")]
    refused = await act(api, nurlan, case, "proposal", {"outcome": "approve"})
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/not-confirmed-anew")
    anew = (await opened(api, bakyt, code)).json()
    assert (await said(api, bakyt, code, anew["version"])).status_code == 200
    desk = (await api.get(f"/api/officer/applications/{case}/desk", headers=nurlan)).json()
    assert "unconfirmed" not in [each["code"] for each in desk["missing"]]
    assert (await opened(api, bakyt, code)).status_code == 404
    assert (await act(api, nurlan, case, "proposal", {"outcome": "approve"})).status_code == 200


async def test_who_must_confirm_only_by_what_was_changed_on_request_is_asked_after_the_request_ended_too(
    api: httpx.AsyncClient, aigerim: Headers, bakyt: Headers, nurlan: Headers
) -> None:
    """Else the citizen could do nothing, and the post could not approve it."""
    case = await filled_in(api, aigerim, {"other_parent": "none"})
    path = f"/api/applications/{case}"
    assert (await api.post(f"{path}/submission", headers=keyed(aigerim))).status_code == 200
    await paid(api, aigerim, nurlan, case)
    early = await api.post(f"{path}/cosigners/{COSIGNER}/invitation", headers=keyed(aigerim))
    assert (early.status_code, early.json()["type"]) == (409, "/problems/application-not-a-draft")
    assert (await act(api, nurlan, case, "claim")).status_code == 200
    marked = {"marks": [{"pointer": "/answers/other_parent", "note": "does-not-agree"}]}
    assert (await act(api, nurlan, case, "papers-request", marked)).status_code == 200
    changed = await api.put(f"{path}/asked-answers", json={"answers": PARENT}, headers=aigerim)
    assert changed.status_code == 200, changed.text
    assert (await act(api, nurlan, case, "papers-request/withdrawal")).status_code == 200
    refused = await act(api, nurlan, case, "proposal", {"outcome": "approve"})
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/not-confirmed-anew")

    assert (await api.get(f"{path}/cosigners", headers=aigerim)).json()["can_be_asked"] is True
    stranger = await api.post(f"{path}/cosigners/{COSIGNER}/invitation", headers=keyed(bakyt))
    assert stranger.status_code == 404
    code = await invited(api, aigerim, case)
    assert (await said(api, bakyt, code, (await opened(api, bakyt, code)).json()["version"])).status_code == 200
    told = (await api.get(f"{path}/cosigners", headers=aigerim)).json()
    assert (told["complete"], told["can_be_asked"]) == (True, False)
    assert (await act(api, nurlan, case, "proposal", {"outcome": "approve"})).status_code == 200


async def test_who_confirmed_has_that_and_nothing_of_the_applicant_in_their_own_copy(
    api: httpx.AsyncClient, aigerim: Headers, tokens: TestTokens
) -> None:
    other = tokens.citizen("somebody-who-declines")
    case = await with_other_parent(api, aigerim)
    code = await invited(api, aigerim, case)
    await said(api, other, code, (await opened(api, other, code)).json()["version"], "declined")
    records = (await api.get("/api/me/data", headers=other)).json()["records"]
    own = [record for record in records if record["record"] == "cosignature"]
    assert [(record["id"], [one["state"] for one in record["said"]]) for record in own] == [(case, ["declined"])]
    assert PARENT["other_parent_name"] not in str(records)
