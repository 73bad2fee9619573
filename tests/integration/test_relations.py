"""Declaring who belongs together: by whom, about whom, how many, and who says yes or ends it; over the service itself."""

import asyncio
from typing import Any

import httpx
import pytest

from services.applications.domain.relations import MOST_BY_OFFICER, MOST_IN_ONE_CASE
from tests.integration.applications_client import Headers, act, aigerim, api, database_of, gulnara, keyed, nurlan, submitted
from tests.support.places import Place
from tests.support.tokens import TestTokens
from tests.unit.applications.cases import AT

pytestmark = pytest.mark.places_again

__all__ = ["aigerim", "api", "gulnara", "nurlan"]
PATH = "/api/officer/relations"
SAME = {"kind": "same-person"}


async def declare(api: httpx.AsyncClient, who: Headers, **said: Any) -> httpx.Response:
    return await api.post(PATH, json={"kind": "relative"} | said, headers=keyed(who))


async def confirm(api: httpx.AsyncClient, who: Headers, made: httpx.Response) -> httpx.Response:
    return await api.post(f"{PATH}/{made.json()['id']}/confirmation", headers=keyed(who))


async def end(api: httpx.AsyncClient, who: Headers, made: httpx.Response) -> httpx.Response:
    return await api.post(f"{PATH}/{made.json()['id']}/end", json={"reason": "no-longer"}, headers=keyed(who))


def told(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, str(answer.json().get("type", "")).rpartition("/")[2]


async def test_nobody_declares_without_a_second_factor_or_ties_two_others_together_without_being_head(
    api: httpx.AsyncClient, nurlan: Headers, tokens: TestTokens
) -> None:
    weak = tokens.officer("nurlan", "intake", amr=["pwd"])
    assert told(await declare(api, weak, officer_id="gulnara")) == (403, "second-factor-needed")
    for kind in ("relative", "same-person"):
        refused = await declare(api, nurlan, of="gulnara", officer_id="ermek", kind=kind)
        assert told(refused) == (403, "may-not-declare-for-others")


async def test_what_a_head_says_of_others_binds_the_cases_of_that_head_s_post_and_no_other(
    api: httpx.AsyncClient, aigerim: Headers, nurlan: Headers, gulnara: Headers, tokens: TestTokens
) -> None:
    elsewhere, here = tokens.officer("head-of-ist", "head", post="ist"), tokens.officer("bakyt", "head")
    made = await declare(api, elsewhere, of="nurlan", officer_id="gulnara", other_post_id="yek")
    assert made.status_code == 201, made.text

    async def one_decides() -> int:
        case = await submitted(api, aigerim)
        await act(api, nurlan, case, "claim")
        await act(api, nurlan, case, "proposal", {"outcome": "approve"})
        return (await act(api, gulnara, case, "decision", {"outcome": "approve"})).status_code

    assert await one_decides() == 200
    assert told(await confirm(api, elsewhere, made)) == (403, "may-not-confirm-relation")  # who declared it
    assert (await confirm(api, here, made)).status_code == 200  # the head whose officers they are says so too
    assert await one_decides() == 403


async def test_two_accounts_become_one_person_by_another_person_s_word_only(
    api: httpx.AsyncClient, nurlan: Headers, gulnara: Headers, tokens: TestTokens
) -> None:
    head, other_head = tokens.officer("bakyt", "head"), tokens.officer("second-head", "head")
    far, ministry = tokens.officer("head-of-nov", "head", post="nov"), tokens.officer("asel", "ministry", post="mfa")
    own = await declare(api, nurlan, officer_id="gulnara", **SAME)
    assert (own.json()["counts_as"], own.json()["you_may_confirm"]) == ("relative", False)
    assert [told(await confirm(api, who, own))[0] for who in (nurlan, gulnara, far)] == [403, 404, 404]
    assert (await confirm(api, head, own)).json()["counts_as"] == "same-person"
    assert told(await confirm(api, ministry, own)) == (409, "relation-already-confirmed")
    by_head = await declare(api, head, of="gulnara", officer_id="ermek", **SAME)
    assert told(await confirm(api, head, by_head)) == (403, "may-not-confirm-relation")
    assert (await confirm(api, other_head, by_head)).status_code == 200
    mine = await declare(api, head, officer_id="ermek", **SAME)  # at a post with one head the ministry confirms
    assert (await confirm(api, ministry, mine)).json()["counts_as"] == "same-person"


async def test_a_head_of_either_post_or_the_ministry_ends_it_and_nobody_who_is_part_of_it(
    api: httpx.AsyncClient, nurlan: Headers, tokens: TestTokens
) -> None:
    other, ministry = tokens.officer("head-of-ist", "head", post="ist"), tokens.officer("asel", "ministry", post="mfa")
    spouses = await declare(api, nurlan, officer_id="cholpon", other_post_id="ist")
    far = tokens.officer("head-of-nov", "head", post="nov")
    assert [told(await end(api, who, spouses))[0] for who in (nurlan, far)] == [403, 404]
    weak = tokens.officer("head-of-ist", "head", post="ist", amr=["pwd"])
    assert told(await end(api, weak, spouses)) == (403, "second-factor-needed")
    assert (await end(api, other, spouses)).status_code == 200
    assert told(await end(api, ministry, spouses)) == (409, "relation-already-ended")
    head = tokens.officer("bakyt", "head")
    own = await declare(api, head, officer_id="nurlan")
    assert told(await end(api, head, own)) == (403, "may-not-end-relation")
    assert (await end(api, ministry, own)).status_code == 200


async def test_one_officer_declares_no_more_than_so_many_at_once_however_fast_they_are_sent(
    api: httpx.AsyncClient, nurlan: Headers, tokens: TestTokens
) -> None:
    asked = (declare(api, nurlan, officer_id=f"officer-{number}") for number in range(3 * MOST_BY_OFFICER))
    answers = [told(answer) for answer in await asyncio.gather(*asked)]  # some meet at one place
    number = 1000
    while (last := told(await declare(api, nurlan, officer_id=f"officer-{number}"))) == (201, ""):
        answers.append(last)
        number += 1
    assert last == (409, "too-many-declared")
    assert sum(status == 201 for status, _ in answers) == MOST_BY_OFFICER
    known = (await api.get(PATH, headers=nurlan)).json()["relations"]
    again = await declare(api, nurlan, officer_id=next(one for one in known[0]["people"] if one != "nurlan"))
    assert told(again) == (409, "relation-already-declared")
    head = tokens.officer("bakyt", "head")
    assert (await api.post(f"{PATH}/{known[0]['id']}/end", json={"reason": "no-longer"}, headers=keyed(head))).status_code == 200
    assert (await declare(api, nurlan, officer_id="one-more")).status_code == 201


async def test_a_case_around_which_too_much_is_declared_is_refused_with_a_reason_and_not_read_without_end(
    api: httpx.AsyncClient, place: Place, aigerim: Headers, nurlan: Headers
) -> None:
    case = await submitted(api, aigerim)
    rows = [
        {
            "_id": f"r{number}",
            "people": sorted(("aigerim", f"o{number}")),
            "kind": "relative",
            "post_id": "yek",
            "declared_by": f"o{number}",
            "declared_at": AT,
            "ended": None,
            "version": 1,
        }
        for number in range(MOST_IN_ONE_CASE + 1)
    ]
    async with database_of(place) as db:
        await db.relations.insert_many(rows)
    assert told(await act(api, nurlan, case, "claim")) == (409, "too-many-relations")
