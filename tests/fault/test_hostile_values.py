"""Every field of every route is given what a query language or a fetcher would act on; nothing is read, written or fetched."""

import hashlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from bson import BSON
from pymongo import AsyncMongoClient

from cli.authorisation_page import authorisation, lines_of
from deploy.local.keys import make_keys
from tests.support.everybody import REASON, people_of, trust
from tests.support.faults import Counts
from tests.support.hostile import Attempt, Connections, attempts
from tests.support.house import House, whole_house
from tests.support.places import Place
from tests.support.tokens import TestTokens

OPERATORS: list[Any] = [{"$gt": ""}, {"$ne": None}, '{"$gt":""}']  # in bodies the last is no more than text
IGNORED = " header Eshik-Access-Reason"  # only read where a reason is needed, and then one of a list
ADDRESSES: list[Any] = [
    "http://169.254.169.254/latest/meta-data/",
    "http://[::1]:15672/",
    "http://2130706433/",
    "http://0x7f000001/",
    "http://[::ffff:127.0.0.1]/",
    "//127.0.0.1:27017",
    "gopher://localhost:5672/_x",
]
# counts of tries, and the service's own work beside requests
MOVES_BY_ITSELF = {
    "sign_in_counts",
    "sign_in_delays",
    "leases",
    "audit_head",
    "audit_log",
    "audit_checkpoints",
    "jobs",
    "outbox",
    "inbox",
}
CONNECTIONS = Connections()


@dataclass
class Attacked:
    house: House
    place: Place
    who: dict[str, dict[str, str]]
    wrong: list[str] = field(default_factory=list)
    sent: int = 0

    async def attack(self, service: str, attempt: Attempt, kind: str) -> int:
        """The status; 0 where our own client cannot even send it."""
        usual = self.who[kind] | REASON | {"Idempotency-Key": f"attack-{self.sent:08}"}
        headers = httpx.Headers(usual)
        headers.update(attempt.headers)  # whatever their case: a header sent twice would hide the hostile one
        path = quote(attempt.path, safe="/")
        content = None if attempt.body is None else json.dumps(attempt.body)
        if content:
            headers["Content-Type"] = "application/json"
        self.sent += 1
        answer = await self.house.doors[service].request(
            attempt.method, path, params=attempt.query, headers=headers, content=content
        )
        return answer.status_code

    async def everything(self) -> dict[str, str]:
        """Of each collection of each service, what is in it."""
        found: dict[str, str] = {}
        async with AsyncMongoClient[dict[str, Any]](self.place.mongo_url) as mongo:
            for name in await mongo.list_database_names():
                if not name.startswith(self.place.database_prefix):
                    continue
                for collection in await mongo[name].list_collection_names():
                    if collection not in MOVES_BY_ITSELF:
                        rows = await mongo[name][collection].find(sort={"_id": 1}).to_list()
                        content = b"".join(bytes(BSON.encode(row)) for row in rows)
                        found[f"{name.removeprefix(self.place.database_prefix)}.{collection}"] = hashlib.sha256(
                            content
                        ).hexdigest()
        return found


@pytest.fixture
async def attacked(place: Place, tokens: TestTokens, tmp_path: Path) -> AsyncIterator[Attacked]:
    async with whole_house(place, make_keys(tmp_path / "keys"), tmp_path) as house:
        await trust(house, tokens)
        yield Attacked(house, place, people_of(tokens))


def right_body(line: str) -> Any:
    """As docs/authorisation.toml asks each route; with what is filled in there left as it is."""
    return authorisation().asked.get(line, {}).get("json", {})


def kind_for(service: str, line: str) -> str:
    """Somebody whom the route answers."""
    rule = authorisation().rule_of(service, line)
    assert rule, f"{service} {line}"
    return next((kind for kind, answer in rule.expected.items() if answer in ("yes", "empty", "=")), "service")


def _texts_of(body: Any) -> str:
    """All text in a body: an operator that is text is an odd name, and may be one's name."""
    if isinstance(body, dict):
        return " ".join(map(_texts_of, body.values()))
    if isinstance(body, list):
        return " ".join(map(_texts_of, body))
    return body if isinstance(body, str) else ""


@pytest.mark.timeout(900)
async def test_operators_of_the_database_in_any_field_of_any_route_read_and_write_nothing(
    attacked: Attacked, counts: Counts
) -> None:
    before = await attacked.everything()
    for service, app in attacked.house.apps.items():
        openapi = app.openapi()
        for line in lines_of(openapi):
            if "/health/" in line:
                continue
            for attempt in attempts(openapi, line, right_body(line), OPERATORS):
                if "$gt" in _texts_of(attempt.body) or attempt.where.endswith(IGNORED):
                    continue
                status = await attacked.attack(service, attempt, kind_for(service, line))
                if not 400 <= status < 500:
                    attacked.wrong.append(f"{service} {attempt.where}: {status}")
    counts.attempted, counts.unexpected = attacked.sent, len(attacked.wrong)
    assert not attacked.wrong, "\n".join(attacked.wrong)
    assert attacked.sent > 300
    assert await attacked.everything() == before


@pytest.mark.timeout(900)
async def test_an_address_in_any_field_of_any_route_is_asked_by_nobody(attacked: Attacked, counts: Counts) -> None:
    known = {str(door.base_url.port) for door in attacked.house.doors.values()}
    settings = [app.state.runtime.settings for app in attacked.house.apps.values()]
    known |= {str(attacked.house.around.smtp_port), str(attacked.house.around.gateway.base_url.port)}
    known |= {url.rpartition(":")[2].split("/")[0] for each in settings for url in (each.mongo_url, each.rabbit_url)}
    with CONNECTIONS.heard() as asked:
        for service, app in attacked.house.apps.items():
            openapi = app.openapi()
            for line in lines_of(openapi):
                for attempt in attempts(openapi, line, right_body(line), ADDRESSES[attacked.sent % 2 :: 2]):
                    if "/changes" not in line:  # an answer that would never end
                        await attacked.attack(service, attempt, kind_for(service, line))
        elsewhere = {to for to in asked if to.rpartition(":")[2] not in known}
    counts.attempted, counts.unexpected = attacked.sent, len(elsewhere)
    assert attacked.sent > 500
    assert asked, "the hook heard nothing: it heard not even what our services ask each other"
    assert elsewhere == set()
