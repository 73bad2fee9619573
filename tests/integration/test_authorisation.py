"""Every route of every service, asked as every kind of person: what is not yours is not there, what your role cannot is refused.

The routes come from the services' OpenAPI documents, the expectations from docs/authorisation.toml.
"""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from cli.authorisation_page import KINDS, authorisation, lines_of
from cli.service_apps import every_app
from deploy.local.keys import make_keys
from shared.web.tokens import TokenVerifier
from tests.integration.applications_client import PNG, keyed, submitted
from tests.support.house import House, whole_house
from tests.support.places import Place
from tests.support.serving import eventually
from tests.support.tokens import TestTokens

pytestmark = pytest.mark.places_again

Headers = dict[str, str]
PEOPLE = {  # of the demo's file: identity must know whoever asks about themselves
    "owner": "762d10f8-1c95-529f-8430-3120a244ebad",
    "citizen": "03514f31-a251-5a74-bcad-270dee818593",
    "intake": "c2e78f49-a558-59a4-90f6-763832bff8dc",
    "deciding": "6f99a9e1-84d4-5d64-ab59-a2133ece18a1",
    "head": "c365797b-7498-5192-8ffe-4703b585970d",
    "elsewhere": "5857844e-ce2c-5223-84df-c59de331c54e",
    "ministry": "dc964575-f5e3-563f-a9a7-20c8d50082f4",
}
REASON = {"Eshik-Access-Reason": "supervision", "Accept-Language": "en"}
ANSWERED = {"yes", "empty", "="}


@dataclass
class Matrix:
    """A running house with cases in it, and everybody who may ask."""

    house: House
    who: dict[str, Headers]
    made: dict[str, str]
    wrong: list[str] = field(default_factory=list)
    asked: int = 0

    async def one_more_case(self) -> None:
        """Each route has a case of its own: what one does to it changes nothing for the next."""
        self.made["application_id"] = await submitted(self.house.doors["applications"], self.who["owner"])
        path = f"/api/applications/{self.made['application_id']}"
        self.made["reference"] = (await self.house.doors["applications"].get(path, headers=self.who["owner"])).json()["reference"]

    async def ask(self, service: str, line: str, kind: str) -> tuple[int, Any]:
        method, _, path = line.partition(" ")
        request = _request(authorisation().asked.get(line, {}), self.made)
        if "/assurance" in line:
            path = path.replace("{person_id}", PEOPLE["owner"])
        headers = keyed(self.who[kind] | REASON | request.pop("headers", {}))
        self.asked += 1
        async with self.house.doors[service].stream(method, _filled(path, self.made), headers=headers, **request) as answer:
            if answer.headers.get("content-type", "").startswith("text/event-stream"):
                return answer.status_code, None  # it would never end
            await answer.aread()
            return answer.status_code, answer.json() if "json" in answer.headers.get("content-type", "") else None

    async def look(self, service: str, line: str) -> None:
        """Those who must be refused first, so that nobody has changed what they ask for."""
        rule = authorisation().rule_of(service, line)
        if rule is None:
            self.wrong.append(f"{service} {line}: no entry in docs/authorisation.toml")
            return
        if "{application_id}" in line or "searches" in line:
            await self.one_more_case()
        if "objections" in line:  # to a look that is known at the finished case
            self.made["application_id"] = self.made["finished_id"]
        if line == "POST /api/me/erasure":  # held by an open case: they are asked for all the rest as well
            for kind in ("owner", "citizen"):
                await submitted(self.house.doors["applications"], self.who[kind])
        same: set[int] = set()
        for kind in sorted(KINDS, key=lambda kind: rule.expected[kind] in ANSWERED):
            status, body = await self.ask(service, line, kind)
            same |= {status} - {429}  # there are limits on trying
            if not _fits(rule.expected[kind], line, status, body):
                self.wrong.append(f"{service} {line} as {kind}: {rule.expected[kind]} expected, {status} {_type(body)}")
        if rule.expected["nobody"] == "=" and len(same) > 1:
            self.wrong.append(f"{service} {line}: not the same answer for all: {sorted(same)}")


def _fits(expected: str, line: str, status: int, body: Any) -> bool:
    if expected == "=":
        return status < 500 and status not in (403, 404)
    if expected == "empty":
        return status == 200 and not any(body.values())
    if expected == "yes":
        not_now = status == 409 and (not line.startswith("GET") or line.endswith("/proof"))
        return status < 300 or not_now or (status in (415, 422) and "verif" in line)
    return status == int(expected)


def _type(body: Any) -> str:
    return str(body.get("type", "")) if isinstance(body, Mapping) else ""


def _filled(text: str, made: Mapping[str, str]) -> str:
    return text.format(**made) if "{" in text else text


def _request(said: Mapping[str, Any], made: Mapping[str, str]) -> dict[str, Any]:
    request: dict[str, Any] = {}
    if "json" in said:
        request["json"] = {
            name: _filled(value, made) if isinstance(value, str) else value for name, value in said["json"].items()
        }
    if "query" in said:
        request["params"] = {name: _filled(value, made) for name, value in said["query"].items()}
    if "form" in said:
        request["data"] = said["form"]
    if said.get("png"):
        request |= {"content": PNG, "headers": {"Content-Type": "image/png"}}
    return request


@pytest.fixture
async def matrix(place: Place, tokens: TestTokens, tmp_path: Path) -> AsyncIterator[Matrix]:
    async with whole_house(place, make_keys(tmp_path / "keys"), tmp_path) as house:
        finished = await house.one_case()
        await _trust(house, tokens)
        yield Matrix(house, _people(tokens), await _things(house, tokens, finished))


async def _trust(house: House, tokens: TestTokens) -> None:
    """Tokens of the test besides identity's, which the services go on using among themselves."""
    published = (await house.doors["identity"].get("/.well-known/jwks.json")).json()["keys"]
    both = {"keys": [*published, *(await tokens.keys())["keys"]]}

    async def fetch() -> dict[str, Any]:
        return both

    for name, app in house.apps.items():
        app.state.verifier = TokenVerifier(name, fetch, app.state.runtime.clock)


def _people(tokens: TestTokens) -> dict[str, Headers]:
    def officer(person: str, role: str, post: str = "yek", **claims: object) -> Headers:
        return tokens.officer(PEOPLE[person], role, post=post, **claims)

    return {
        "owner": tokens.citizen(PEOPLE["owner"]),
        "citizen": tokens.citizen(PEOPLE["citizen"]),
        **{role: officer(role, role) for role in ("intake", "deciding", "head")},
        "weak": officer("deciding", "deciding", amr=["pwd"]),
        **{f"{role}_elsewhere": officer("elsewhere", role, "ist") for role in ("intake", "deciding", "head")},
        **{role: officer("ministry", role, "mfa") for role in ("ministry", "auditor", "administrator")},
        "service": tokens.service("notifications", "nothing:read"),
        "nobody": {},
    }


async def _things(house: House, tokens: TestTokens, finished: str) -> dict[str, str]:
    """What the routes are asked about; the case is made anew for each."""
    doors, people = house.doors, _people(tokens)
    listed = await doors["documents"].get("/api/documents", params={"application_id": finished}, headers=people["owner"])
    officer = (await doors["identity"].get(f"/api/officers/{PEOPLE['intake']}", headers=people["head"] | REASON)).json()
    declared = {"kind": "relative", "officer_id": str(uuid4())}
    related = await doors["applications"].post("/api/officer/relations", json=declared, headers=keyed(people["intake"]))
    wish = {"service": "account", "wrong": "a letter", "right": "as in the passport"}
    asked = await doors["identity"].post("/api/me/rights/corrections", json=wish, headers=keyed(people["owner"]))
    session = await doors["identity"].post("/api/demo/sign-in", json={"account": "aigerim"})
    await doors["applications"].get(f"/api/officer/applications/{finished}", headers=people["intake"] | REASON)

    async def known_look() -> str:
        seen = await doors["applications"].get(f"/api/applications/{finished}/looks", headers=people["owner"])
        return next((str(look["id"]) for look in seen.json()["looks"] if look["by"] == "officer"), "")

    look_id = await eventually(known_look, every_s=0.5)
    path, body = f"/api/applications/{finished}/objections", {"look_id": look_id}
    objection = (await doors["applications"].post(path, json=body, headers=keyed(people["owner"]))).json()
    return {
        "look_id": look_id,
        "objection_id": objection["id"],
        "finished_id": finished,
        "request_id": asked.json()["id"],
        "document_id": listed.json()["documents"][0]["document_id"],
        "person_id": PEOPLE["intake"],
        "grant_id": officer["grants"][0]["id"],
        "relation_id": related.json()["id"],
        "session_id": session.json()["session_id"],
        "service_id": "return-certificate",
        "provider": "nobody",
        "passkey": "nobodys",
    }


@pytest.mark.timeout(900)
async def test_each_route_answers_those_it_is_for_and_refuses_everybody_else(matrix: Matrix) -> None:
    for service, app in matrix.house.apps.items():
        for line in lines_of(app.openapi()):
            await matrix.look(service, line)
    assert not matrix.wrong, "\n".join(matrix.wrong)
    assert matrix.asked > 14 * 60


async def test_a_route_without_an_entry_is_told() -> None:
    matrix = Matrix(House({}, {}, {}), {}, {})  # type: ignore[arg-type]  # nothing is asked
    await matrix.look("applications", "GET /api/officer/everything")
    assert matrix.wrong == ["applications GET /api/officer/everything: no entry in docs/authorisation.toml"]


def test_no_entry_is_left_of_a_route_that_is_gone() -> None:
    found = {(name, line) for name, app in every_app(local_stack=True).items() for line in lines_of(app.openapi())}
    everywhere = {line for _, line in found}
    known = authorisation().routes
    assert [key for key in known if key not in found and not (key[0] == "all" and key[1] in everywhere)] == []


def test_a_wrong_answer_would_be_seen() -> None:
    assert not _fits("404", "GET /x", 403, None)
    assert not _fits("403", "POST /x", 404, None)
    assert not _fits("yes", "GET /x", 409, None)
    assert not _fits("empty", "GET /x", 200, {"documents": [{}]})
