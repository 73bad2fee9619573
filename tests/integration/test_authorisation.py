"""Every route of every service, asked as every kind of person: what is not yours is not there, what your role cannot is refused.

The routes come from the services' OpenAPI documents, the expectations from docs/authorisation.toml.
"""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from cli.authorisation_page import KINDS, authorisation, lines_of
from cli.service_apps import every_app
from deploy.local.keys import make_keys
from tests.integration.applications_client import PNG, complete, keyed, submitted
from tests.support.everybody import PEOPLE, REASON, people_of, things_of, trust
from tests.support.house import House, whole_house
from tests.support.places import Place
from tests.support.tokens import TestTokens

pytestmark = pytest.mark.places_again

Headers = dict[str, str]
ANSWERED = {"yes", "empty", "="}


@dataclass
class Matrix:
    """A running house with cases in it, and everybody who may ask."""

    house: House
    who: dict[str, Headers]
    made: dict[str, str]
    wrong: list[str] = field(default_factory=list)
    asked: int = 0

    async def one_more_case(self, line: str) -> None:
        """Each route has a case of its own: what one does to it changes nothing for the next."""
        api, owner = self.house.doors["applications"], self.who["owner"]
        self.made["application_id"] = await submitted(api, owner)
        path = f"/api/applications/{self.made['application_id']}"
        if "searches" in line:
            self.made["reference"] = (await api.get(path, headers=owner)).json()["reference"]
        if "{file_id}" in line:
            papers = (await api.get(f"{path}/papers", headers=owner)).json()["papers"]
            self.made["file_id"] = next(file["id"] for paper in papers for file in paper["files"])

    async def one_more_upload(self) -> None:
        """Of a draft, and not begun."""
        api, owner = self.house.doors["applications"], self.who["owner"]
        self.made["application_id"] = await complete(api, owner)
        path = f"/api/applications/{self.made['application_id']}/uploads"
        begun = await api.post(
            path, json={"paper": "attachment", "media_type": "image/png", "length": len(PNG)}, headers=keyed(owner)
        )
        self.made["upload_id"] = begun.json()["id"]

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
        if "{upload_id}" in line:
            await self.one_more_upload()
        elif "{application_id}" in line or "searches" in line:
            await self.one_more_case(line)
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
        await trust(house, tokens)
        yield Matrix(house, people_of(tokens), await things_of(house, tokens, finished))


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
