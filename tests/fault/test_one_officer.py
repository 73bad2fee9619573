"""One case has one officer, however many reach for it at once; who no longer holds it changes nothing."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import httpx
import pytest

from services.applications.schema import MAPPER
from shared.actors import Officer
from shared.clock import SystemClock
from shared.errors import ConcurrentUpdate
from shared.mongo.aggregates import Aggregates
from shared.mongo.database import Database, Document
from shared.mongo.transactions import Transactions, UnitOfWork
from tests.fault.applications import database_of, environment_of, insert_drafts
from tests.fault.forked import ForkedService, forks
from tests.integration.applications_client import Headers, keyed
from tests.support.faults import Counts
from tests.support.places import Place
from tests.support.tokens import TestTokens

OFFICERS = 100
APPROVE = {"outcome": "approve"}


@dataclass
class Post:
    """A post whose officers use the real service."""

    api: httpx.AsyncClient
    database: Database
    tokens: TestTokens
    chance: Random = field(default_factory=lambda: Random(100))
    refused: int = 0

    async def act(self, who: Headers, case: str, noun: str, body: object = None) -> httpx.Response:
        return await self.ask(who, f"/api/officer/applications/{case}/{noun}", body)

    async def take_next(self, who: Headers) -> httpx.Response:
        return await self.ask(who, "/api/officer/next-application", {})

    async def ask(self, who: Headers, path: str, body: object = None) -> httpx.Response:
        """With one key, and again where the service says 503: a hundred at once may be more than it answers in time."""
        headers, wait_s = keyed(who), 1.0
        while True:
            with suppress(httpx.TransportError):  # as where a server closes a connection that was idle
                answer = await self.api.post(path, json=body, headers=headers)
                if answer.status_code != 503:
                    return answer
                self.refused += 1
            await asyncio.sleep(self.chance.uniform(0.5, 1.5) * wait_s)
            wait_s = min(wait_s * 2, 16)  # more patience each time: a crowd that comes again at once is never served

    def officer(self, name: str, *roles: str) -> Headers:
        return self.tokens.officer(name, *(roles or ("intake", "deciding")))

    async def stored(self, case: str) -> Document:
        found = await self.database.db.applications.find_one({"_id": case})
        assert found is not None
        return found

    async def acts(self, case: str) -> list[tuple[str, str]]:
        entries = self.database.db.journal.find({"application_id": case}).sort("sequence", 1)
        return [(entry["action"].partition(":")[2], entry["actor"]["id"]) async for entry in entries]


@pytest.fixture
async def post(place: Place, tokens: TestTokens, tmp_path: Path) -> AsyncIterator[Post]:
    async with AsyncExitStack() as stack:
        environment = await stack.enter_async_context(environment_of(place, tokens))
        database = await stack.enter_async_context(database_of(place))
        parent = await stack.enter_async_context(forks("applications", environment, log=tmp_path / "applications.log"))
        service = ForkedService(parent)
        await service.start()
        limits = httpx.Limits(max_connections=OFFICERS, max_keepalive_connections=OFFICERS)
        client = httpx.AsyncClient(base_url=service.address, trust_env=False, timeout=120, limits=limits)
        yield Post(await stack.enter_async_context(client), database, tokens)
        await service.kill9()


async def test_of_a_hundred_officers_who_claim_a_case_at_once_exactly_one_has_it(post: Post, counts: Counts) -> None:
    cases = await insert_drafts(post.database.db, counts.pick(2, 500), submitted=True)
    version = (await post.stored(cases[0]))["version"]
    people = {f"officer-{number}": post.officer(f"officer-{number}") for number in range(OFFICERS)}
    effects: Counter[str] = Counter()
    for case in cases:
        answers = await asyncio.gather(*(post.act(who, case, "claim") for who in people.values()))
        told = [name for name, answer in zip(people, answers, strict=True) if answer.status_code == 200]
        assert Counter(answer.status_code for answer in answers) == {200: 1, 409: OFFICERS - 1}
        stored = await post.stored(case)
        assert (stored["claimed_by"], stored["version"]) == (told[0], version + 1)
        assert await post.acts(case) == [("claim", told[0])]
        effects[case] += len(told)
    counts.compare(set(cases), set(cases), effects)
    counts.notes.append(f"claims: {len(cases) * OFFICERS}; answered 503 at first and then repeated: {post.refused}")
    counts.check()


async def test_of_many_cases_that_many_officers_take_from_the_queue_at_once_each_has_one_owner(
    post: Post, counts: Counts
) -> None:
    """Each officer asks for what is next until nothing is left; a claim each for every case, and none twice."""
    cases = await insert_drafts(post.database.db, counts.pick(40, 500), submitted=True)
    people = [post.officer(f"officer-{number}") for number in range(counts.pick(20, OFFICERS))]
    taken: Counter[str] = Counter()

    async def work(who: Headers) -> None:
        while (answer := await post.take_next(who)).status_code == 200:
            taken[answer.json()["id"]] += 1
        assert (answer.status_code, answer.json()["type"]) == (409, "/problems/nothing-to-take")

    await asyncio.gather(*(work(who) for who in people))
    effects: Counter[str] = Counter()
    for case in cases:
        stored = await post.stored(case)
        assert (stored["status"], await post.acts(case)) == ("in_review", [("claim", stored["claimed_by"])])
        effects[case] += taken[case]
    counts.compare(set(cases), set(taken), effects)
    counts.notes.append(f"officers at once: {len(people)}; answered 503 at first and then repeated: {post.refused}")
    counts.check()


async def test_an_officer_whose_case_was_taken_over_or_given_back_changes_nothing_of_it_any_more(
    post: Post, counts: Counts
) -> None:
    first, second, head = post.officer("first"), post.officer("second"), post.officer("head", "head")
    cases = await insert_drafts(post.database.db, counts.pick(12, 300), submitted=True)
    chance, effects = Random(25), Counter[str]()
    won: Counter[str] = Counter()
    for case in cases:
        assert (await post.act(first, case, "claim")).status_code == 200
        steps = [post.act(first, case, "proposal", APPROVE), post.act(head, case, "release")]
        if chance.random() < 0.5:
            steps.reverse()
        answers = await asyncio.gather(*steps)  # the save of the one who holds it, against its being given back
        assert sorted(answer.status_code for answer in answers) == [200, 409]
        last = await post.acts(case)
        won[last[-1][0]] += 1
        if last[-1][0] == "release":
            assert (await post.act(first, case, "proposal", APPROVE)).status_code == 409  # it is nobody's
            assert (await post.act(second, case, "claim")).status_code == 200
            late = await post.act(first, case, "proposal", APPROVE)
            assert (late.status_code, late.json()["type"]) == (403, "/problems/not-the-claimer")  # it is somebody else's
            assert (await post.stored(case))["claimed_by"] == "second"
            assert await post.acts(case) == [*last, ("claim", "second")]
        effects[case] += 1
    counts.compare(set(cases), set(cases), effects)
    counts.notes.append(f"of the two at once: {dict(won)}")
    counts.check()


async def test_a_save_with_the_version_from_before_a_take_over_is_refused_as_a_concurrent_update(
    post: Post, counts: Counts
) -> None:
    cases, effects = await insert_drafts(post.database.db, counts.pick(5, 200), submitted=True), Counter[str]()
    transactions = Transactions(post.database, SystemClock())
    first, second, head = post.officer("first"), post.officer("second"), post.officer("head", "head")
    for case in cases:
        assert (await post.act(first, case, "claim")).status_code == 200
        seen = await MAPPER.read(post.database.db, await post.stored(case))  # what the first one still has in hand
        assert (await post.act(head, case, "release")).status_code == 200
        assert (await post.act(second, case, "claim")).status_code == 200
        before = await post.stored(case)
        seen.propose_approval(by=Officer.of_post("first", "yek", {"intake"}), at=SystemClock().now())

        async def save(_command: None, uow: UnitOfWork) -> None:
            await Aggregates(uow, "applications", MAPPER).save(seen)  # noqa: B023 (run at once)

        with pytest.raises(ConcurrentUpdate):  # HTTP says 409: shared/web/problems.py
            await transactions.run(save, None)
        assert await post.stored(case) == before
        effects[case] += 1
    counts.compare(set(cases), set(cases), effects)
    counts.check()
