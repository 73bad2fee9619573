"""The database restarts while the real service is used: a one-node database cannot step down, so it is killed, or told to end."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from shared.contracts.applications import ApplicationSubmitted
from tests.conftest import BROKER_ROOTS
from tests.fault.applications import CITIZEN, Caller, database_of, environment_of, insert_drafts, submitted_cases
from tests.fault.forked import ForkedService, forks
from tests.integration.applications_client import Headers
from tests.support.faults import Counts, tapped
from tests.support.places import Place, new_place
from tests.support.servers import Servers, servers_of_their_own
from tests.support.serving import eventually
from tests.support.tokens import TestTokens
from tests.unit.applications.cases import ANSWERS, REGISTRATION

HUNG_S = 10  # a request must be answered long before; a client gives up here


@pytest.fixture(scope="module", params=list(BROKER_ROOTS.values()), ids=list(BROKER_ROOTS))
def servers(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    with servers_of_their_own(tmp_path_factory.mktemp("restarted"), Path(request.param)) as own:
        yield own


@pytest.fixture
async def place(servers: Servers) -> Place:
    """Never cleared: its servers end with the module."""
    return await new_place(servers)


@dataclass
class Answers:
    """Every answer while the load goes on: (when, what was asked, status), and what must never come."""

    told: list[tuple[float, str, int]] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def note(self, asked: str, answer: httpx.Response) -> None:
        self.told.append((time.monotonic(), asked, answer.status_code))
        if answer.status_code != 200 and (answer.status_code != 503 or "Retry-After" not in answer.headers):
            self.wrong.append(f"{asked}: {answer.status_code} {answer.text[:200]}")

    def refused(self, since: float) -> list[float]:
        return [at - since for at, _, status in self.told if at >= since and status == 503]

    def well_since(self, moment: float) -> bool:
        """Each kind of request was answered well after that moment."""
        good = {asked for at, asked, status in self.told if at > moment and status == 200}
        return good == {asked for _, asked, _ in self.told}


class Load:
    """Citizens who hand in, save and read, all the time."""

    def __init__(self, api: httpx.AsyncClient, who: Headers, drafts: list[str], kept: list[str]) -> None:
        self.caller, self.answers = Caller(api, who), Answers()
        self._api, self._who, self._drafts, self._kept = api, who, drafts, kept
        self.begun: set[str] = set()

    @asynccontextmanager
    async def going_on(self) -> AsyncIterator[None]:
        stopping = asyncio.Event()

        async def again(act: Callable[[], Awaitable[httpx.Response]], name: str) -> None:
            while not stopping.is_set():
                try:
                    self.answers.note(name, await act())
                except httpx.TransportError as error:
                    self.answers.wrong.append(f"{name}: {type(error).__name__}")
                await asyncio.sleep(0.02)

        acts = {"list": self._list, "one": self._one, "save": self._save}
        tasks = [asyncio.create_task(again(act, name)) for name, act in acts.items()]
        tasks += [asyncio.create_task(self._hand_in(stopping)) for _ in range(3)]
        try:
            yield
        finally:
            stopping.set()
            await asyncio.gather(*tasks)

    async def _hand_in(self, stopping: asyncio.Event) -> None:
        """One after the other; each is repeated with its key until it is acknowledged, also after the end of the load."""
        while not stopping.is_set() and self._drafts:
            application_id = self._drafts.pop()
            self.begun.add(application_id)
            while application_id not in self.caller.acknowledged:
                answer = await self.caller.try_once(application_id)
                if answer is None:
                    self.answers.wrong.append("submit: no answer")
                else:
                    self.answers.note("submit", answer)
                await asyncio.sleep(0.05)

    async def _list(self) -> httpx.Response:
        return await self._api.get("/api/applications", headers=self._who)

    async def _one(self) -> httpx.Response:
        return await self._api.get(f"/api/applications/{self._kept[0]}", headers=self._who)

    async def _save(self) -> httpx.Response:
        answers = ANSWERS[REGISTRATION] | {"address_abroad": f"Екатеринбург {len(self.answers.told)}"}
        return await self._api.put(f"/api/applications/{self._kept[0]}/answers", json={"answers": answers}, headers=self._who)


@pytest.mark.parametrize("how", ["killed", "told_to_end"])
async def test_a_database_that_restarts_under_load_costs_503s_for_a_while_and_nothing_that_was_acknowledged(
    place: Place, tokens: TestTokens, counts: Counts, tmp_path: Path, how: str
) -> None:
    server, windows, restarts = place.servers.database, [], counts.pick(1, 10)
    async with (
        environment_of(place, tokens) as environment,
        database_of(place) as database,
        tapped(place, ApplicationSubmitted) as tap,
        forks("applications", environment, log=tmp_path / "applications.log") as parent,
    ):
        service = ForkedService(parent)
        await service.start()
        drafts, kept = await insert_drafts(database.db, 600 * restarts), await insert_drafts(database.db, 1)
        async with httpx.AsyncClient(base_url=service.address, trust_env=False, timeout=HUNG_S) as api:
            load = Load(api, tokens.citizen(CITIZEN), drafts, kept)
            async with load.going_on():
                for _ in range(restarts):
                    await more(load.caller, 20)
                    gone = time.monotonic()
                    await asyncio.to_thread(server.kill9 if how == "killed" else server.stop)
                    await asyncio.sleep(counts.pick(3, 8))  # the outage itself
                    server.start()
                    await asyncio.to_thread(server.wait_ready)
                    back = time.monotonic()
                    await eventually(lambda back=back: well(load.answers, back), within_s=60)  # type: ignore[misc]
                    await more(load.caller, 20)
                    windows.append((back - gone, max(load.answers.refused(gone), default=0.0)))
        await service.stop()
        await service.start()  # what it had committed and not published goes out
        await eventually(lambda: all_sent(tap.event_ids, load.begun))
        counts.compare(load.begun, load.caller.acknowledged, Counter(await submitted_cases(database.db)))
        events = dict(zip(tap.event_ids, (key.partition("/")[0] for key in tap.keys), strict=True))
        counts.compare(load.begun, load.caller.acknowledged, Counter(events.values()))
        counts.redelivered, counts.recovered = tap.repeated, len(load.caller.replayed)
    statuses = Counter(status for _, _, status in load.answers.told)
    counts.notes.append(f"answers: {dict(statuses)}; longest: database away {max(away for away, _ in windows):.1f} s, "
                        f"last 503 after {max(last for _, last in windows):.1f} s")  # fmt: skip
    assert load.answers.wrong == []
    assert statuses[503], "the outage was not felt"
    counts.check()


async def more(caller: Caller, count: int) -> None:
    wanted = len(caller.acknowledged) + count

    async def check() -> bool:
        return len(caller.acknowledged) >= wanted

    await eventually(check, within_s=60)


async def well(answers: Answers, since: float) -> bool:
    return answers.well_since(since)


async def all_sent(event_ids: list[str], begun: set[str]) -> bool:
    return len(set(event_ids)) >= len(begun)
