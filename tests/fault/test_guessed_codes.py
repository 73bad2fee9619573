"""Whoever guesses one-time codes, a thousand at once and at two processes, gets five tries for each code that was asked for."""

import asyncio
import base64
import re
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Iterable
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any
from uuid import uuid4

import httpx
import pytest
from pymongo import AsyncMongoClient

from deploy.local.environment import service_environment
from deploy.local.keys import make_keys
from deploy.local.places import Places
from services.identity.domain.challenge import TRIES
from services.identity.domain.sign_in_secret import SignInSecret
from tests.fault.forked import ForkedService, forks
from tests.support.faults import Counts
from tests.support.places import Place

AT_ONCE = 200  # connections to each process
ROUNDS_MORE = 10  # until something was looked at, where the machine is overloaded
PER_CONTACT = 5  # the default of codes_per_contact_hour
JUDGED = re.compile(r'"challenge_id": "([0-9a-f-]+)"[^{}]*"event": "sign_in_code_judged"')
Asked = dict[str, Any]


@dataclass
class Identity:
    """Two processes of identity, and what only it and this test know."""

    doors: list[httpx.AsyncClient]
    secret: SignInSecret
    place: Place
    log: Path
    chance: Random = field(default_factory=lambda: Random(44))
    busy: int = 0

    async def post(self, path: str, body: Asked, address: str = "") -> httpx.Response:
        """At one of the two, and again where it is too busy: such a request was not judged."""
        headers = {"X-Forwarded-For": address} if address else {}
        while True:
            with suppress(httpx.TransportError):
                answer = await self.chance.choice(self.doors).post(path, json=body, headers=headers)
                if answer.status_code != 503:
                    return answer
            self.busy += 1
            await asyncio.sleep(self.chance.uniform(0.2, 2))

    async def asked(self, contact: str, address: str = "192.0.2.1") -> Asked:
        answer = await self.post("/api/sign-in/codes", {"contact": contact, "language": "en"}, address)
        assert answer.status_code == 202, answer.text
        asked: Asked = answer.json()
        return asked

    def shown(self, asked: Asked, code: str) -> Awaitable[httpx.Response]:
        return self.post("/api/sign-in/sessions", {"challenge": asked["challenge"], "binding": asked["binding"], "code": code})

    def code(self, asked: Asked) -> str:
        return self.secret.code(asked["challenge"])

    def wrong_codes(self, asked: Asked, count: int) -> list[str]:
        right = int(self.code(asked))
        return [f"{(right + 1 + number) % 1_000_000:06}" for number in range(count)]

    def judged(self, challenges: Iterable[str]) -> Counter[str]:
        """How often a code was compared, as both processes tell in their log."""
        told = Counter(JUDGED.findall(self.log.read_text()))  # not by lines: two processes write to one file
        return Counter({challenge: told[challenge] for challenge in challenges})

    async def rows(self, collection: str, **query: Any) -> list[Asked]:
        async with AsyncMongoClient[Asked](self.place.mongo_url) as mongo:
            return await mongo[f"{self.place.database_prefix}identity"][collection].find(query).to_list()


@pytest.fixture
async def identity(place: Place, tmp_path: Path) -> AsyncIterator[Identity]:
    keys, log, places = make_keys(tmp_path / "keys"), tmp_path / "identity.log", Places(tmp_path)
    places.clock.write_text(str(3600 - time.time() % 3600))  # limits count by the hour, which must not end in the middle
    environment = service_environment("identity", places, place.servers.ports, keys)
    environment |= place.environment | {"ESHIK_LOG_LEVEL": "info", "ESHIK_IDENTITY_CODES_PER_ADDRESS_HOUR": "100000"}
    environment["ESHIK_IDENTITY_CODES_PER_NUMBER_RANGE_HOUR"] = "100000"
    async with AsyncExitStack() as stack:
        parent = await stack.enter_async_context(forks("identity", environment, log=log))
        processes, doors = [ForkedService(parent), ForkedService(parent)], []
        for process in processes:
            await process.start()
            limits = httpx.Limits(max_connections=AT_ONCE, max_keepalive_connections=AT_ONCE)
            client = httpx.AsyncClient(base_url=process.address, trust_env=False, timeout=120, limits=limits)
            doors.append(await stack.enter_async_context(client))
        text = keys.sign_in_secret.read_text()
        yield Identity(doors, SignInSecret(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))), place, log)
        for process in processes:
            await process.kill9()


def phone(number: int) -> str:
    return f"+9967{number:08}"


async def one_signs_in(identity: Identity) -> bool:
    """By the right code, with nobody guessing: the limits refuse guesses, and not everything. A code is asked for anew where
    the answer to its first try was 503, which may have used it up."""
    for number in range(ROUNDS_MORE):
        asked = await identity.asked(phone(90_000_000 + number))
        if (await identity.shown(asked, identity.code(asked))).status_code == 200:
            return True
    return False


async def test_of_a_thousand_guesses_at_once_at_one_code_no_more_than_five_are_looked_at(
    identity: Identity, counts: Counts
) -> None:
    rounds, number, in_all = counts.pick(1, 5), 0, 0
    while number < rounds or (in_all == 0 and number < rounds + ROUNDS_MORE):  # each try may have been answered 503
        asked = await identity.asked(phone(number))
        number += 1
        guesses = [*identity.wrong_codes(asked, 999), identity.code(asked)]
        identity.chance.shuffle(guesses)
        answers = await asyncio.gather(*(identity.shown(asked, guess) for guess in guesses))
        looked_at = identity.judged([asked["challenge"]])[asked["challenge"]]
        signed_in = sum(answer.status_code == 200 for answer in answers)
        assert looked_at <= TRIES
        assert signed_in <= 1
        assert {answer.status_code for answer in answers} <= {200, 401}
        assert (await identity.shown(asked, identity.code(asked))).status_code == 401  # nothing is left of it
        counts.attempted += len(guesses)
        counts.acknowledged += len(answers)
        counts.unexpected += max(0, looked_at - TRIES)
        counts.notes.append(f"looked at: {looked_at}")  # fewer where one was counted and then answered 503
        in_all += looked_at
    assert in_all > 0
    assert await one_signs_in(identity)
    counts.notes.append(f"answered 503 at first and then repeated: {identity.busy}")
    counts.check()


async def test_a_right_code_shown_a_hundred_times_at_once_signs_in_once(identity: Identity, counts: Counts) -> None:
    effects: Counter[str] = Counter()
    challenges = set()
    for number in range(counts.pick(3, 50)):
        asked = await identity.asked(phone(number))
        challenges.add(asked["challenge"])
        answers = await asyncio.gather(*(identity.shown(asked, identity.code(asked)) for _ in range(100)))
        opened = [answer.json() for answer in answers if answer.status_code == 200]
        effects[asked["challenge"]] += len(opened)
        sessions = await identity.rows("sessions", person_id=opened[0]["person"]["id"])
        assert [session["_id"] for session in sessions] == [opened[0]["session_id"]]
    counts.compare(challenges, challenges, effects)
    counts.check()


async def test_many_codes_for_one_telephone_give_no_more_tries_than_its_limit_allows(identity: Identity, counts: Counts) -> None:
    """From as many addresses as one likes."""
    for number in range(counts.pick(2, 10)):
        body = {"contact": phone(number), "language": "en"}
        answers = await asyncio.gather(
            *(identity.post("/api/sign-in/codes", body, f"198.51.100.{address}") for address in range(200))
        )
        asked = [answer.json() for answer in answers if answer.status_code == 202]
        assert len(asked) <= PER_CONTACT  # fewer where one was counted and then answered 503
        assert {answer.status_code for answer in answers} <= {202, 429}
        assert all(int(answer.headers["retry-after"]) > 0 for answer in answers if answer.status_code == 429)
        guesses = [(one, guess) for one in asked for guess in identity.wrong_codes(one, 40)]
        await asyncio.gather(*(identity.shown(one, guess) for one, guess in guesses))
        looked_at = identity.judged(one["challenge"] for one in asked).total()
        counts.attempted += len(answers) + len(guesses)
        counts.acknowledged += len(answers) + len(guesses)
        counts.unexpected += max(0, looked_at - TRIES * len(asked))
        counts.notes.append(f"codes: {len(asked)}, looked at: {looked_at} of {len(guesses)} guesses")
    counts.check()


async def test_a_code_is_worth_nothing_with_another_challenge_or_in_another_browser(identity: Identity, counts: Counts) -> None:
    effects: Counter[str] = Counter()
    pairs: set[str] = set()
    for number in range(counts.pick(5, 100)):
        one, other = await asyncio.gather(identity.asked(phone(2 * number)), identity.asked(phone(2 * number + 1)))
        mixed = [
            ({**one, "binding": other["binding"]}, identity.code(one)),
            ({**other, "binding": one["binding"]}, identity.code(other)),
            (one, identity.code(other)),
        ]
        answers = await asyncio.gather(*(identity.shown(asked, code) for asked, code in mixed))
        assert [answer.status_code for answer in answers] == [401] * 3
        opened = await asyncio.gather(*(identity.shown(asked, identity.code(asked)) for asked in (one, other)))
        pairs |= {one["challenge"], other["challenge"]}
        effects.update(
            asked["challenge"] for asked, answer in zip((one, other), opened, strict=True) if answer.status_code == 200
        )
    counts.compare(pairs, pairs, effects)
    counts.check()


async def test_a_new_contact_proven_by_several_codes_at_once_becomes_one_person(identity: Identity, counts: Counts) -> None:
    effects: Counter[str] = Counter()
    contacts: set[str] = set()
    for _ in range(counts.pick(3, 50)):
        contact = f"{uuid4().hex[:12]}@citizen.example"
        asked = await asyncio.gather(*(identity.asked(contact) for _ in range(PER_CONTACT)))
        answers = await asyncio.gather(*(identity.shown(one, identity.code(one)) for one in asked))
        assert [answer.status_code for answer in answers] == [200] * PER_CONTACT
        contacts.add(contact)
        effects[contact] += len({answer.json()["person"]["id"] for answer in answers})
    counts.compare(contacts, contacts, effects)
    counts.check()


async def test_tabs_that_refresh_at_once_at_two_processes_get_one_successor(identity: Identity, counts: Counts) -> None:
    effects: Counter[str] = Counter()
    sessions: set[str] = set()
    for _ in range(counts.pick(5, 100)):
        opened = (await identity.post("/api/demo/sign-in", {"account": "aigerim"})).json()
        sessions.add(opened["session_id"])
        for _ in range(3):
            body = {"refresh_token": opened["refresh_token"]}
            answers = await asyncio.gather(*(identity.post("/api/sessions/refresh", body) for _ in range(10)))
            assert {answer.status_code for answer in answers} == {200}
            effects[opened["session_id"]] = max(
                effects[opened["session_id"]], len({answer.json()["refresh_token"] for answer in answers})
            )
            opened = answers[0].json()
    counts.compare(sessions, sessions, effects)
    counts.check()
