"""All four services in the process of the test, on real ports, with the invented people: one whole case can be driven."""

import os
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from unittest import mock

import httpx
from fastapi import FastAPI

from deploy.local.environment import SERVICES
from deploy.local.keys import Keys
from tests.integration.applications_client import approved
from tests.support.notifying import Surroundings, free_port, surroundings
from tests.support.places import Place
from tests.support.running import on_a_port
from tests.support.serving import eventually
from tests.unit.applications.cases import REGISTRATION

CITIZEN, FIRST, SECOND = "aigerim", "nurlan", "gulnara"


@dataclass
class House:
    around: Surroundings
    doors: dict[str, httpx.AsyncClient]
    apps: dict[str, FastAPI]

    async def signed_in(self, account: str, service: str = "applications") -> dict[str, str]:
        """As one asks this service."""
        answer = await self.doors["identity"].post("/api/demo/sign-in", json={"account": account})
        answer.raise_for_status()
        token = answer.json()["access_tokens"][service]
        return {"Authorization": f"Bearer {token}", "Accept-Language": "en", "Eshik-Access-Reason": "covering-for-colleague"}

    async def one_case(self) -> str:
        """From an empty form to a document in the citizen's hands, with everybody told. Out: the application's id."""
        people = await self.signed_in(CITIZEN), await self.signed_in(FIRST), await self.signed_in(SECOND)
        application_id = await approved(self.doors["applications"], people, REGISTRATION)
        citizen, reader = people[0], await self.signed_in(CITIZEN, "notifications")

        async def all_is_done() -> bool:
            case = (await self.doors["applications"].get(f"/api/applications/{application_id}", headers=citizen)).json()
            about = {"application_id": application_id}
            told = (await self.doors["notifications"].get("/api/notifications", params=about, headers=reader)).json()["messages"]
            return case["status"] == "ready" and len(told) >= 4 and all(one["status"] == "sent" for one in told)

        await eventually(all_is_done, within_s=90, every_s=0.2)
        return application_id


@asynccontextmanager
async def whole_house(place: Place, keys: Keys, folder: Path, more: Mapping[str, str] | None = None) -> AsyncIterator[House]:
    """more: further environment of every service."""
    async with surroundings(place, keys, folder) as around, AsyncExitStack() as stack:
        ports = {name: free_port() for name in SERVICES} | {"identity": around.identity_port}
        addresses = {f"ESHIK_{name.upper()}_URL": f"http://127.0.0.1:{port}" for name, port in ports.items()}
        doors, apps = {}, {}
        for name, port in ports.items():
            variables = {**around.environment(name), **addresses, **(more or {})}
            with mock.patch.dict(os.environ, variables):
                apps[name] = import_module(f"services.{name}.app").create_app()
            doors[name] = await stack.enter_async_context(on_a_port(apps[name], port=port))
        yield House(around, doors, apps)
