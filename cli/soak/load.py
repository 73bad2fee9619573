"""The load: many people at once, each with one case after the other, and somebody who looks after what is being issued."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from contextlib import suppress
from itertools import count
from random import Random

from cli.soak.cases import Driver
from cli.soak.client import Account, Client, GaveUp, NotAsModelled
from cli.soak.history import Case, History
from deploy.local.places import CHECKOUT
from deploy.local.ports import Ports

ACTORS = 10
BETWEEN_CASES_S = (0.2, 1.5)
LOOKS_EVERY_S = 0.5
MOST_ISSUING = 15  # documents awaited: more than are drawn and signed would only be worked off after the end


def accounts() -> dict[str, Account]:
    people = json.loads((CHECKOUT / "deploy" / "local" / "demo_accounts.json").read_text(encoding="utf-8"))
    return {one["login"]: Account(one["id"], one["login"]) for one in [*people["citizens"], *people["officers"]]}


class Load:
    """Runs until end() is called; whoever has asked for something then still waits for the answer."""

    def __init__(self, ports: Ports, history: History, seed: int, actors: int = ACTORS) -> None:
        self.client = Client(ports, history, accounts())
        self._ending = asyncio.Event()
        self._issuing: deque[Case] = deque()
        self._blanks = count(1)
        self._drivers = [self._driver(history, f"{seed}/{number}") for number in range(actors)]
        self._follower = self._driver(history, f"{seed}/follower")

    def _driver(self, history: History, name: str) -> Driver:
        return Driver(self.client, history, Random(f"eshik-soak/{name}"), self._blanks)  # noqa: S311 (to be repeated)

    async def run(self) -> None:
        """Raises only what is a mistake of the soak itself."""
        async with asyncio.TaskGroup() as group:
            for driver in self._drivers:
                group.create_task(self._acts(driver))
            group.create_task(self._follows())

    def end(self) -> None:
        self._ending.set()
        self.client.end()

    async def _acts(self, driver: Driver) -> None:
        while not self._ending.is_set():
            with suppress(GaveUp, NotAsModelled):
                if case := await driver.one(with_document=len(self._issuing) < MOST_ISSUING):
                    self._issuing.append(case)
            await self._pause(driver.random.uniform(*BETWEEN_CASES_S))

    async def _follows(self) -> None:
        while not self._ending.is_set():
            for _ in range(min(len(self._issuing), 20)):
                case = self._issuing.popleft()
                with suppress(GaveUp, NotAsModelled):
                    if not await self._follower.follow(case):
                        self._issuing.append(case)
                if self._ending.is_set():
                    return
            await self._pause(LOOKS_EVERY_S)

    async def _pause(self, seconds: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._ending.wait(), seconds)
