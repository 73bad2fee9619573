"""All that notifications needs around it, real and on real ports: identity, a mail server, the local stack's SMS gateway."""

import asyncio
import json
import os
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest import mock
from uuid import uuid4

import aio_pika
import httpx

from deploy.local.environment import service_environment
from deploy.local.keys import Keys
from deploy.local.places import CHECKOUT, Places
from deploy.local.sinks import sms
from services.identity.app import create_app as create_identity
from services.identity.config import IdentitySettings
from shared.contracts.base import Event
from shared.contracts.envelope import CONTENT_TYPE, Envelope
from shared.contracts.notifications import NotificationUndeliverable
from shared.messaging import topology
from tests.support.places import Place
from tests.support.running import on_a_port
from tests.support.serving import eventually
from tests.unit.notifications.smtp_servers import Mailbox, mail_server

BOTH = "762d10f8-1c95-529f-8430-3120a244ebad"  # Aigerim of the demo accounts: Kyrgyz, e-mail and phone
ONLY_EMAIL = "c0000000-0000-4000-8000-000000000001"
ONLY_PHONE = "c0000000-0000-4000-8000-000000000002"
REFUSED_EMAIL = "c0000000-0000-4000-8000-000000000003"


@dataclass
class Surroundings:
    place: Place
    keys: Keys
    folder: Path
    identity_port: int
    smtp_port: int = 0
    mailbox: Mailbox = field(default_factory=Mailbox)
    gateway: httpx.AsyncClient = field(default_factory=httpx.AsyncClient)

    def environment(self, service: str) -> dict[str, str]:
        """What the local stack would give the service, at this test's own servers and with a short patience."""
        wanted = service_environment(service, Places(self.folder), self.place.servers.ports, self.keys)
        own = {
            "ESHIK_IDENTITY_URL": f"http://127.0.0.1:{self.identity_port}",
            "ESHIK_CLOCK_FILE": str(self.folder / "clock"),
            "ESHIK_IDENTITY_DEMO_ACCOUNTS_FILE": str(self.folder / "accounts.json"),
            "ESHIK_NOTIFICATIONS_SMTP_URL": f"smtp://127.0.0.1:{self.smtp_port}",
            "ESHIK_NOTIFICATIONS_SMS_GATEWAY_URL": str(self.gateway.base_url),
            "ESHIK_NOTIFICATIONS_SMTP_TIMEOUT_S": "3",
            "ESHIK_NOTIFICATIONS_SMS_TIMEOUT_S": "3",
        }
        return {**wanted, **self.place.environment, **own}

    @asynccontextmanager
    async def identity(self) -> AsyncIterator[httpx.AsyncClient]:
        with mock.patch.dict(os.environ, self.environment("identity")):
            settings = IdentitySettings()
        async with on_a_port(create_identity(settings), port=self.identity_port) as client:
            await eventually(lambda: _has_people(client))
            yield client

    async def gateway_behaves(self, mode: str, *, times: int = 1) -> None:
        (await self.gateway.put("/behaviour", json={"mode": mode, "times": times})).raise_for_status()

    async def sms_deliveries(self, notification_id: str) -> int:
        """How often the gateway was handed this message."""
        response = await self.gateway.get(f"/messages/{notification_id}")
        return int(response.json()["deliveries"]) if response.is_success else 0

    async def undeliverable(self) -> list[NotificationUndeliverable]:
        """Takes what lies in the inbox of applications, which hears of messages that did not arrive."""
        connection = await aio_pika.connect(self.place.rabbit_url)
        async with connection:
            channel = await connection.channel()
            queue = await channel.get_queue(topology.inbox("applications"), ensure=False)
            found: list[NotificationUndeliverable] = []
            while message := await queue.get(no_ack=True, fail=False):
                event = Envelope.from_body(message.body).event
                assert isinstance(event, NotificationUndeliverable)
                found.append(event)
            return found

    async def publish(self, event: Event, *, times: int = 1) -> None:
        """As a relay would, the same event so many times at once."""
        body = json.dumps(Envelope(str(uuid4()), "eshik/test", event, str(uuid4()), None, None).to_body()).encode()
        connection = await aio_pika.connect(self.place.rabbit_url)
        async with connection:
            channel = await connection.channel(on_return_raises=True)
            exchange = await channel.get_exchange(topology.EXCHANGE, ensure=False)
            copies = [aio_pika.Message(body, content_type=CONTENT_TYPE, message_id=str(uuid4())) for _ in range(times)]
            await asyncio.gather(*(exchange.publish(copy, event.type) for copy in copies))


@asynccontextmanager
async def surroundings(place: Place, keys: Keys, folder: Path) -> AsyncIterator[Surroundings]:
    """Mail server and SMS gateway run; identity is the test's to start."""
    (folder / "accounts.json").write_text(json.dumps(_accounts()))
    around = Surroundings(place, keys, folder, identity_port=free_port())
    async with AsyncExitStack() as stack:
        around.smtp_port = await stack.enter_async_context(mail_server(around.mailbox))
        around.gateway = await stack.enter_async_context(on_a_port(sms.create_app(folder / "inbox")))
        yield around


def _accounts() -> dict[str, Any]:
    accounts: dict[str, Any] = json.loads((CHECKOUT / "deploy/local/demo_accounts.json").read_text())
    known = {"name": "Үлгү Үлгүлүү", "language": "ru"}
    accounts["citizens"] += [
        {**known, "id": ONLY_EMAIL, "login": "only-email", "email": "only@citizen.example"},
        {**known, "id": ONLY_PHONE, "login": "only-phone", "phone": "+996999000102"},
        {**known, "id": REFUSED_EMAIL, "login": "refused", "email": "refused@citizen.example"},
    ]
    return accounts


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def _has_people(identity: httpx.AsyncClient) -> bool:
    """On a busy machine they come later than it answers."""
    return (await identity.get("/api/demo/accounts")).is_success
