"""Who guesses numbers and check codes gets few tries, and no answer, nor how long it took, tells what exists."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from math import erfc, sqrt
from pathlib import Path
from random import Random
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from deploy.local.keys import Keys, make_keys
from services.documents.app import create_app
from services.documents.domain.numbers import new_check_code
from tests.integration.test_jobs_again import DOSSIER
from tests.support.faults import Counts
from tests.support.issuing import Issued, documents_environment, issue
from tests.support.places import Place
from tests.support.serving import serving
from tests.support.tokens import TestTokens

ADDRESSES = [f"203.0.113.{number}" for number in range(1, 6)]
LIMIT = 30  # the default of ESHIK_TRIES_PER_MINUTE
ROUNDS = 3  # chance alone makes one of a hundred comparisons look like a difference
ASKED_EACH = 250


@dataclass
class Register:
    door: httpx.AsyncClient
    issued: Issued

    async def asked(self, body: dict[str, str], address: str = "") -> httpx.Response:
        headers = {"X-Forwarded-For": address} if address else {}
        return await self.door.post("/api/verifications", json=body, headers=headers)


@pytest.fixture
async def register(place: Place, tokens: TestTokens, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Register]:
    keys: Keys = make_keys(tmp_path / "keys")
    documents_environment(place, keys, tmp_path, monkeypatch)
    app: FastAPI = create_app()
    async with serving(app, tokens) as door:
        yield Register(door, await issue(app, keys, DOSSIER))


async def test_of_a_hundred_thousand_guesses_from_a_handful_of_addresses_few_are_looked_at_and_all_are_answered_alike(
    register: Register, counts: Counts
) -> None:
    guesses, chance, began = 100_000 if counts.full else 1_500, Random(43), time.monotonic()
    answers: Counter[Any] = Counter()

    async def guess(number: int) -> None:
        # half of them know a number that exists
        known = register.issued.printed["number"] if number % 2 else f"YEK-KU-2026-{chance.randrange(10**6):06}"
        body = register.issued.printed | {"number": known, "check_code": new_check_code()}
        answer = await register.asked(body, chance.choice(ADDRESSES))
        told = answer.json()
        answers[(answer.status_code, told.get("status") or told["type"], told.get("text"))] += 1

    for first in range(0, guesses, 50):
        await asyncio.gather(*map(guess, range(first, min(first + 50, guesses))))
    minutes = 1 + (time.monotonic() - began) / 60
    other = await register.asked(register.issued.printed, "198.51.100.7")

    looked_at = sum(count for (status, *_), count in answers.items() if status == 200)
    counts.attempted, counts.acknowledged, counts.unexpected = guesses, looked_at, len(answers) - 2
    counts.notes.append(f"{looked_at} of {guesses} guesses looked at, of {len(ADDRESSES)} addresses")
    assert {status for status, *_ in answers} == {200, 429}
    assert {kind for status, kind, _ in answers if status == 200} == {"unknown"}
    assert len([key for key in answers if key[0] == 200]) == 1, "one answer for a known number and for one that nobody has"
    assert looked_at <= LIMIT * len(ADDRESSES) * (minutes + 1)
    assert other.json()["status"] == "valid", "who does not guess is answered meanwhile"


async def test_how_long_an_answer_takes_does_not_tell_whether_a_number_exists(register: Register, counts: Counts) -> None:
    there, nowhere = register.issued.printed["number"], "YEK-KU-2026-999999"
    chance, found = Random(43), 0.0

    async def took(number: str) -> float:
        body = register.issued.printed | {"number": number, "check_code": new_check_code()}
        began = time.perf_counter()
        assert (await register.asked(body)).json()["status"] == "unknown"
        return time.perf_counter() - began

    for _ in range(ROUNDS):
        order = [there, nowhere] * ASKED_EACH
        chance.shuffle(order)
        times: dict[str, list[float]] = {there: [], nowhere: []}
        for number in order:
            times[number].append(await took(number))
        counts.attempted += len(order)
        found = max(found, chance_of(times[there], times[nowhere]))
        if found > 0.01:
            break
    counts.notes.append(f"Mann-Whitney p {found:.3f}")
    assert found > 0.01


def chance_of(one: Sequence[float], other: Sequence[float]) -> float:
    """Mann-Whitney's U test, two-sided, by the normal approximation: how likely such a difference is where there is none."""
    ordered = sorted([(value, 0) for value in one] + [(value, 1) for value in other])
    rank_sum = sum(rank for rank, (_, group) in enumerate(ordered, start=1) if group == 0)
    count, others = len(one), len(other)
    u = rank_sum - count * (count + 1) / 2
    deviation = sqrt(count * others * (count + others + 1) / 12)
    return erfc(abs(u - count * others / 2) / deviation / sqrt(2))


def test_a_difference_of_a_twentieth_would_be_seen() -> None:
    """A judge that sees nothing proves nothing."""
    chance = Random(1)
    alike, slower = ([chance.lognormvariate(0, 0.1) * by for _ in range(ASKED_EACH)] for by in (1, 1.05))
    same = [chance.lognormvariate(0, 0.1) for _ in range(ASKED_EACH)]
    assert chance_of(alike, slower) < 0.01 < chance_of(alike, same)
