"""A message leaves at most once: the process is killed before the fence, after it, and after the provider took the message.

Counted for each: how often the provider was handed the message, and whether a message whose fate is not known is listed.
"""

import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from deploy.local.keys import make_keys
from shared.contracts.applications import ApplicationSubmitted
from tests.support.killing import ServiceProcess
from tests.support.notifying import ONLY_EMAIL, ONLY_PHONE, Surroundings, free_port, surroundings
from tests.support.places import Place
from tests.support.serving import eventually

KILLED = 137


@pytest.fixture
async def around(place: Place, tmp_path: Path) -> AsyncIterator[Surroundings]:
    async with surroundings(place, make_keys(tmp_path / "keys"), tmp_path) as parts, parts.identity():
        yield parts


@pytest.fixture
async def notifications(around: Surroundings) -> AsyncIterator[ServiceProcess]:
    environment = {**os.environ, **around.environment("notifications")}
    service = ServiceProcess("notifications", free_port(), environment)
    yield service
    await service.stop()


def submitted(citizen: str) -> ApplicationSubmitted:
    return ApplicationSubmitted(
        sequence=2, occurred_at=datetime(2026, 11, 22, 10, 0, tzinfo=UTC), application_id="a1", citizen_id=citizen,
        reference="YEK-26-A1B2", service_id="return-certificate", post_id="yek",
    )  # fmt: skip


async def the_message(around: Surroundings, service: ServiceProcess, citizen: str) -> dict[str, Any]:
    """The message by the one channel this citizen has; empty where there is none yet."""
    account, channel = {ONLY_EMAIL: ("only-email", "email"), ONLY_PHONE: ("only-phone", "sms")}[citizen]
    async with httpx.AsyncClient(trust_env=False) as client:
        identity = f"http://127.0.0.1:{around.identity_port}"
        session = (await client.post(f"{identity}/api/demo/sign-in", json={"account": account})).json()
        response = await client.get(
            f"http://127.0.0.1:{service.port}/api/notifications",
            params={"application_id": "a1"},
            headers={"Authorization": f"Bearer {session['access_tokens']['notifications']}"},
        )
    found: list[dict[str, Any]] = [m for m in response.json()["messages"] if m["channel"] == channel]
    return found[0] if found else {}


async def in_state(around: Surroundings, service: ServiceProcess, citizen: str, *states: str) -> dict[str, Any]:
    async def check() -> dict[str, Any]:
        message = await the_message(around, service, citizen)
        return message if message and message["status"] in states else {}

    return await eventually(check, within_s=90)


async def handed_over(around: Surroundings, message: dict[str, Any]) -> int:
    if message["channel"] == "sms":
        return await around.sms_deliveries(message["id"])
    return len(around.mailbox.kept)


# each case waits for a lease to end
ONLY_WITH_FULL = pytest.mark.skipif(not os.environ.get("ESHIK_TEST_FULL"), reason="in ./eshik test --full; two of the four in CI")


@pytest.mark.parametrize(
    ("citizen", "point", "status", "times"),
    [
        pytest.param(ONLY_PHONE, "notifications.before_fence", "sent", 1, marks=ONLY_WITH_FULL),
        (ONLY_EMAIL, "notifications.after_fence", "unknown", 0),
        pytest.param(ONLY_EMAIL, "notifications.after_send", "unknown", 1, marks=ONLY_WITH_FULL),
        (ONLY_PHONE, "notifications.after_send", "sent", 1),  # the gateway can be asked, a mail server cannot
    ],
)
async def test_a_kill_sends_nothing_twice_and_what_is_not_known_is_listed(
    around: Surroundings, notifications: ServiceProcess, tmp_path: Path, citizen: str, point: str, status: str, times: int
) -> None:
    (tmp_path / "die-once").touch()
    await notifications.start(ESHIK_CRASH_AT=f"{point}@{tmp_path / 'die-once'}")
    await around.publish(submitted(citizen))
    assert await notifications.died() == KILLED

    await notifications.start()
    message = await in_state(around, notifications, citizen, "sent", "failed", "unknown")

    assert (message["status"], await handed_over(around, message)) == (status, times)
    if status == "unknown":
        (event,) = await eventually(around.undeliverable)
        assert (event.notification_id, event.reason) == (message["id"], "outcome-unknown")
    else:
        assert await around.undeliverable() == []


async def test_a_service_that_is_told_to_stop_finishes_the_message_in_hand(
    around: Surroundings, notifications: ServiceProcess
) -> None:
    (await around.gateway.put("/behaviour", json={"mode": "normal", "times": 1, "delay_s": 0.7})).raise_for_status()
    await notifications.start()
    await around.publish(submitted(ONLY_PHONE))
    await in_state(around, notifications, ONLY_PHONE, "sending")
    await notifications.stop()

    await notifications.start()
    message = await the_message(around, notifications, ONLY_PHONE)

    assert (message["status"], await handed_over(around, message)) == ("sent", 1)
