"""Every operation of every OpenAPI document, asked by schemathesis as everybody: it answers as the document says.

./eshik test fuzz           a part of it, the same each time
./eshik test fuzz --full    many more examples, and chains of requests; another seed each time, which is printed
ESHIK_TEST_SEED=5 ./eshik test fuzz    the requests of that seed again; ids of cases are new each time
"""

import asyncio
import os
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import SystemRandom

import pytest
from fastapi import FastAPI

from cli.authorisation_page import authorisation, lines_of
from deploy.local.keys import make_keys
from tests.fuzz.conftest import Say
from tests.fuzz.faulty import faulty_app
from tests.integration.applications_client import act, complete, start, submitted
from tests.support.asking import Asked, Question, ask
from tests.support.everybody import PEOPLE, REASON, Headers, people_of, things_of, trust
from tests.support.house import House, whole_house
from tests.support.places import Place
from tests.support.running import on_a_port
from tests.support.tokens import TestTokens

FULL = bool(os.environ.get("ESHIK_TEST_FULL"))
SEED = int(os.environ.get("ESHIK_TEST_SEED") or (SystemRandom().randrange(10**6) if FULL else 1))
EXAMPLES = 60 if FULL else 3
UNLIMITED = {"ESHIK_REQUESTS_PER_ADDRESS_MINUTE": "1000000", "ESHIK_REQUESTS_PER_ACCOUNT_MINUTE": "1000000"}
# each makes a paper, or a password's hash
COSTLY = ["GET /api/documents/previews/{application_id}", "POST /api/officers/sign-in", "POST /api/officers/password"]
SCOPES = "dossier:read contacts:read codes:read " + " ".join(
    f"ledger:{service}" for service in ("identity", "applications", "documents", "notifications")
)


@dataclass(frozen=True)
class Everything:
    """A running house with cases of every kind in it."""

    house: House
    people: Mapping[str, Headers]
    known: Mapping[str, Sequence[str]]

    def question(self, service: str) -> Question:
        app, door = self.house.apps[service], self.house.doors[service]
        document = app.openapi()
        return Question(
            service,
            document,
            str(door.base_url),
            self.people,
            {line: _likely(service, line) for line in lines_of(document)},
            self.known,
            SEED,
            EXAMPLES,
            [line for line in COSTLY if line in set(lines_of(document))],
            stateful=FULL,
        )


def _likely(service: str, line: str) -> list[str]:
    """Who gets past the door."""
    rule = authorisation().rule_of(service, line)
    kinds = [kind for kind, expected in rule.expected.items() if expected in ("yes", "empty", "=")] if rule else []
    return kinds or ["reader"]


@pytest.fixture
async def everything(place: Place, tokens: TestTokens, tmp_path: Path) -> AsyncIterator[Everything]:
    async with whole_house(place, make_keys(tmp_path / "keys"), tmp_path, UNLIMITED) as house:
        finished = await house.one_case()
        await trust(house, tokens)
        people = people_of(tokens) | {
            "reader": tokens.service("documents", SCOPES),
            "forged": {"Authorization": "Bearer e30.e30.e30"},
        }
        things = await things_of(house, tokens, finished)
        yield Everything(house, people, _known(things, await _cases(house, people)))


async def _cases(house: House, people: Mapping[str, Headers]) -> list[str]:
    """Drafts, handed in, taken, proposed."""
    door, owner, intake = house.doors["applications"], people["owner"], people["intake"]
    cases = [(await start(door, owner))["id"], await complete(door, owner, "return-certificate")]
    cases += [await submitted(door, owner) for _ in range(4)]
    assert (await act(door, intake, cases[-1], "claim")).status_code == 200
    assert (await act(door, intake, cases[-2], "claim")).status_code == 200
    assert (await act(door, intake, cases[-2], "proposal", {"outcome": "approve"})).status_code == 200
    return cases


def _known(things: Mapping[str, str], cases: Sequence[str]) -> dict[str, list[str]]:
    """By parameter: what names something that is there."""
    applications, posts = [*cases, things["finished_id"]], ["yek", "ist", "mfa"]
    reasons = [REASON["Eshik-Access-Reason"], "covering-for-colleague"]
    named = {
        "application_id": applications,
        "document_id": [things["document_id"]],
        "person_id": list(PEOPLE.values()),
        "officer_id": list(PEOPLE.values()),
        "service_id": ["return-certificate", "consular-registration"],
        "post_id": posts,
        "look_id": [things["look_id"]],
        "relation_id": [things["relation_id"]],
        "session_id": [things["session_id"]],
        "grant_id": [things["grant_id"]],
        "case": applications,
    }
    places = ("path", "query", "body")
    return {f"{place}.{name}": values for place in places for name, values in named.items()} | {
        "header.Eshik-Access-Reason": reasons
    }


@pytest.mark.timeout(7200 if FULL else 900)
async def test_every_operation_answers_everybody_as_its_document_says(everything: Everything, say: Say) -> None:
    told = []
    say(f"seed {SEED}, {EXAMPLES} examples for each operation beside the edges of its schema")
    for service in everything.house.apps:
        asked = await asyncio.to_thread(ask, everything.question(service))
        operations = set(lines_of(everything.house.apps[service].openapi()))
        told += [str(finding) for finding in asked.findings.values()] + [f"{service}: {fault}" for fault in asked.faults]
        say(_counted(asked, operations))
        assert set(asked.statuses) == operations
        assert len(asked.answered) > len(operations) / 3, f"{service}: hardly any request got past the door"
    assert not told, f"ESHIK_TEST_SEED={SEED}: {len(told)} findings\n" + "\n".join(told)


def _counted(asked: Asked, operations: set[str]) -> str:
    silent = sorted(operations - asked.answered)
    return (
        f"{asked.service}: {len(operations)} operations, {asked.requests} requests, {len(asked.answered)} operations did what "
        f"they are for, {len(asked.findings)} findings; only refusals: {', '.join(silent) or 'none'}"
    )


async def test_each_kind_of_fault_would_be_seen() -> None:
    app: FastAPI = faulty_app()
    async with on_a_port(app, until_ready=False) as door:
        question = Question("faulty", app.openapi(), str(door.base_url), {"nobody": {}}, {}, {}, seed=1, examples=2)
        asked = await asyncio.to_thread(ask, question)
    seen = {(finding.operation.rpartition("/")[2], finding.check) for finding in asked.findings.values()}
    assert {
        ("fails", "not_a_server_error"),
        ("undocumented", "status_code_conformance"),
        ("other-type", "content_type_conformance"),
        ("other-shape", "response_schema_conformance"),
        ("takes-anything", "negative_data_rejection"),
        ("plain-error", "tells_a_problem_in_the_callers_language"),
        ("deaf", "tells_a_problem_in_the_callers_language"),
        ("unnamed", "names_each_field_that_cannot_stay"),
        ("inner", "tells_nothing_of_how_it_is_built"),
    } <= seen
    assert not {check for operation, check in seen if operation == "well"}
    assert all("curl" in finding.curl for finding in asked.findings.values())
