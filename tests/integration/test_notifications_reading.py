"""What a person reads about the messages of a case: in their language, with a mask in place of the address."""

from typing import Any

import httpx
import pytest

from shared.contracts.applications import ApplicationRefused, ApplicationSubmitted
from tests.integration.test_notifications_delivery import BOTH, ONLY_EMAIL, api, around, keys, of, settled, unattended
from tests.support.notifying import Surroundings
from tests.support.serving import eventually
from tests.support.tokens import TestTokens

pytestmark = pytest.mark.places_again

__all__ = ["api", "around", "keys", "unattended"]


async def read(api: httpx.AsyncClient, who: dict[str, str], language: str = "en") -> dict[str, dict[str, Any]]:
    """By channel."""
    response = await api.get("/api/notifications", params={"application_id": "a1"}, headers=who | {"Accept-Language": language})
    assert response.status_code == 200
    return {message["channel"]: message for message in response.json()["messages"]}


def words(message: dict[str, Any]) -> tuple[str, ...]:
    return tuple(message[f"{name}_text"] for name in ("channel", "notice", "status"))


async def test_a_citizen_reads_what_was_told_how_and_when_in_the_language_asked_for(
    around: Surroundings, api: httpx.AsyncClient, tokens: TestTokens
) -> None:
    await around.publish(of(ApplicationSubmitted))
    await settled(api, tokens)
    citizen = tokens.citizen(BOTH)

    english, russian, kyrgyz = [await read(api, citizen, language) for language in ("en", "ru", "ky")]
    assert words(english["sms"]) == ("Text message (SMS)", "Application YEK-26-A1B2 received", "Sent")
    assert words(russian["sms"])[::2] == ("SMS-сообщение", "Отправлено")
    assert words(kyrgyz["email"]) == ("Электрондук почта", "YEK-26-A1B2 арызыңыз келип түштү", "Жөнөтүлдү")
    assert english["sms"]["sent_at"] == english["sms"]["at"]


async def test_the_contact_point_is_shown_masked_to_the_citizen_and_to_the_post(
    around: Surroundings, api: httpx.AsyncClient, tokens: TestTokens
) -> None:
    await around.publish(of(ApplicationSubmitted))
    await settled(api, tokens)

    for who in (tokens.citizen(BOTH), tokens.officer("o1", post="yek")):
        told = await read(api, who)
        assert (told["email"]["contact"], told["sms"]["contact"]) == ("a•••@citizen.example", "•••0101")


async def test_a_message_that_did_not_leave_says_why_and_names_no_address(
    around: Surroundings, api: httpx.AsyncClient, tokens: TestTokens
) -> None:
    await around.publish(of(ApplicationRefused, citizen=ONLY_EMAIL, reason="documents-missing"))
    await settled(api, tokens, citizen=ONLY_EMAIL)

    told = await read(api, tokens.citizen(ONLY_EMAIL))
    assert told["sms"]["status_text"] == "Not sent: no telephone number is known"
    assert (told["sms"]["contact"], told["sms"]["sent_at"]) == (None, None)
    assert told["email"]["contact"] == "o•••@citizen.example"


async def test_while_identity_is_away_the_messages_are_read_without_the_mask(
    around: Surroundings, unattended: httpx.AsyncClient, tokens: TestTokens
) -> None:
    await around.publish(of(ApplicationSubmitted))
    citizen = tokens.citizen(BOTH)
    waiting = await eventually(lambda: read(unattended, citizen))
    assert {message["contact"] for message in waiting.values()} == {None}
    assert waiting["sms"]["notice_text"] == "Application YEK-26-A1B2 received"
