"""For whom an officer fills in at the counter: by a code that was sent to them, or by their papers."""

from typing import Any

import httpx
import pytest

from services.identity.domain.sign_in_secret import SignInSecret
from shared.actors import Assurance, CounterGrant
from shared.clock import SystemClock
from shared.web.tokens import InvalidToken, TokenVerifier, keys_of
from tests.integration.test_assurance import around, identity, officer, proven
from tests.support.notifying import Surroundings

pytestmark = pytest.mark.places_again

__all__ = ["around", "identity"]

CONTACT = "new@citizen.example"


def verifier(identity: httpx.AsyncClient) -> TokenVerifier:
    return TokenVerifier("applications", keys_of(str(identity.base_url)), SystemClock())


async def met(identity: httpx.AsyncClient, around: Surroundings, *, wrong: bool = False) -> httpx.Response:
    asked = (await identity.post("/api/sign-in/codes", json={"contact": CONTACT, "language": "ky"})).json()
    code = SignInSecret.from_text(around.keys.sign_in_secret.read_text()).code(asked["challenge"])
    shown = {"challenge": asked["challenge"], "binding": asked["binding"], "code": f"{(int(code) + wrong) % 1_000_000:06}"}
    return await identity.post("/api/people/at-counter/by-code", json=shown, headers=await officer(identity, "gulnara"))


async def grant_of(identity: httpx.AsyncClient, told: dict[str, Any]) -> CounterGrant:
    return await verifier(identity).verify_counter_grant(told["grant"])


async def test_a_code_that_was_read_out_tells_whose_contact_it_is_and_signs_nobody_in(
    identity: httpx.AsyncClient, around: Surroundings
) -> None:
    told = (await met(identity, around)).json()
    grant = await grant_of(identity, told)
    assert (grant.person.id, grant.how, grant.person.assurance) == (told["person_id"], "code", Assurance.SELF_ASSERTED)
    with pytest.raises(InvalidToken):
        await verifier(identity).verify(told["grant"])
    signed_in = await proven(identity, around)
    assert signed_in["person"]["id"] == told["person_id"], "whoever proves the contact later finds what was filled in"
    again = (await met(identity, around)).json()
    assert again["person_id"] == told["person_id"]


async def test_a_wrong_code_is_refused(identity: httpx.AsyncClient, around: Surroundings) -> None:
    refused = await met(identity, around, wrong=True)
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/code-not-right")


async def test_whoever_has_only_papers_gets_an_account_that_is_counter_seen(identity: httpx.AsyncClient) -> None:
    papers = {"name": "Айгерим Токтобекова", "language": "ky", "paper": "id-card"}
    headers = await officer(identity, "gulnara")
    made = await identity.post("/api/people/at-counter", json=papers, headers=headers)
    assert made.status_code == 201, made.text
    again = await identity.post("/api/people/at-counter", json=papers, headers=headers)
    assert again.json()["person_id"] == made.json()["person_id"], "the same request sent twice makes one account"
    grant = await grant_of(identity, made.json())
    assert (grant.how, grant.person.assurance) == ("counter", Assurance.COUNTER_SEEN)
    unlisted = await identity.post("/api/people/at-counter", json=papers | {"paper": "library-card"}, headers=headers)
    assert unlisted.status_code == 422
