"""The HTTP frame on a small app: who asks, idempotency, problems in three languages, and a database that is away."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import httpx
import pytest
from fastapi import APIRouter, FastAPI
from pydantic import BaseModel, ConfigDict, Field

from shared.contracts.base import Event
from shared.errors import FieldError, InvalidInput, NotFound
from shared.messaging.topology import SUBSCRIPTIONS
from shared.mongo.transactions import UnitOfWork
from shared.runtime import Runtime
from shared.texts import N_, Texts
from shared.web.app import build_app
from shared.web.auth import CurrentCitizen, CurrentOfficer
from shared.web.commands import RequestCommands, RequestQueries
from shared.web.middleware import JSON_LIMIT
from tests.support.places import Place
from tests.support.serving import serving
from tests.support.stalls import stopwatch
from tests.support.tokens import TestTokens


class Note(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)
    text: str = Field(max_length=20)


class Stored(BaseModel):
    id: str


async def add_note(command: Note, uow: UnitOfWork) -> str:
    if command.text == "wrong":
        raise InvalidInput([FieldError("/text", N_("This is missing."))])
    note_id = uow.new_id()
    await uow.db.notes.insert_one({"_id": note_id}, session=uow.session)
    return note_id


async def ignore(_event: Event, _uow: UnitOfWork) -> None: ...


def small_app(place: Place) -> FastAPI:
    router = APIRouter()

    @router.post("/notes", status_code=201)
    async def post_note(note: Note, citizen: CurrentCitizen, commands: RequestCommands) -> object:
        return await commands.run(add_note, note, lambda note_id: Stored(id=note_id), status=201)

    @router.get("/notes/{note_id}")
    async def get_note(note_id: str, citizen: CurrentCitizen, queries: RequestQueries) -> Stored:
        async def find(db: object, wanted: str) -> str:
            row = await db.notes.find_one({"_id": wanted})  # type: ignore[attr-defined]
            if row is None:
                raise NotFound
            return str(row["_id"])

        return Stored(id=await queries.run(find, note_id))

    @router.get("/officers-only")
    async def officers_only(officer: CurrentOfficer) -> str:
        return officer.post_id

    @router.get("/broken")
    async def broken(citizen: CurrentCitizen) -> str:
        raise RuntimeError("a name")

    hears = dict.fromkeys(SUBSCRIPTIONS["identity"], ignore)
    runtime = Runtime("identity", place.settings(), handlers=hears, jobs={}, indexes={"notes": []})
    return build_app(runtime, title="small", texts=Texts.load(), routers=[router])


@pytest.fixture
async def client(place: Place, tokens: TestTokens) -> AsyncIterator[httpx.AsyncClient]:
    async with serving(small_app(place), tokens) as running:
        yield running


def keyed(headers: dict[str, str], key: str = "key-00000001") -> dict[str, str]:
    return {**headers, "Idempotency-Key": key}


async def test_fifty_parallel_posts_with_one_key_are_one_note_and_fifty_same_answers(
    client: httpx.AsyncClient, tokens: TestTokens
) -> None:
    headers = keyed(tokens.citizen())
    answers = await asyncio.gather(*(client.post("/notes", json={"text": "a"}, headers=headers) for _ in range(50)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.text for answer in answers}) == 1


async def test_the_same_key_with_other_data_is_refused(client: httpx.AsyncClient, tokens: TestTokens) -> None:
    await client.post("/notes", json={"text": "a"}, headers=keyed(tokens.citizen()))
    answer = await client.post("/notes", json={"text": "b"}, headers=keyed(tokens.citizen()))
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/idempotency-key-reused")


async def test_the_same_key_of_another_person_is_another_key(client: httpx.AsyncClient, tokens: TestTokens) -> None:
    first = await client.post("/notes", json={"text": "a"}, headers=keyed(tokens.citizen("aigul")))
    second = await client.post("/notes", json={"text": "a"}, headers=keyed(tokens.citizen("bermet")))
    assert first.json() != second.json()


async def test_a_refused_request_leaves_its_key_free(client: httpx.AsyncClient, tokens: TestTokens) -> None:
    headers = keyed(tokens.citizen())
    assert (await client.post("/notes", json={"text": "wrong"}, headers=headers)).status_code == 422
    assert (await client.post("/notes", json={"text": "right"}, headers=headers)).status_code == 201


async def test_a_post_without_a_key_says_how_to_send_one(client: httpx.AsyncClient, tokens: TestTokens) -> None:
    answer = await client.post("/notes", json={"text": "a"}, headers=tokens.citizen() | {"Accept-Language": "en"})
    assert answer.status_code == 400
    assert "Idempotency-Key" in answer.json()["detail"]


async def test_wrong_fields_are_named_in_the_persons_language_and_not_quoted(
    client: httpx.AsyncClient, tokens: TestTokens
) -> None:
    told = {}
    for language in ("ky", "ru", "en"):
        headers = keyed(tokens.citizen()) | {"Accept-Language": language}
        answer = await client.post("/notes", json={"text": "A1234567" * 4, "sql": 1}, headers=headers)
        assert answer.status_code == 422
        assert answer.headers["content-language"] == language
        assert {error["pointer"] for error in answer.json()["errors"]} == {"/text", "/sql"}
        assert "A1234567" not in answer.text
        told[language] = answer.json()["errors"][0]["detail"]
    assert len(set(told.values())) == 3


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": datetime(2020, 1, 1, tzinfo=UTC)},
        {"aud": ["documents"]},
        {"iss": "someone-else"},
        {"kind": "emperor"},
    ],
)
async def test_a_token_that_is_not_for_us_or_not_now_is_refused(
    client: httpx.AsyncClient, tokens: TestTokens, claims: dict[str, object]
) -> None:
    answer = await client.get("/notes/1", headers=tokens.citizen(**claims))
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_a_token_of_another_key_or_of_no_key_is_refused(client: httpx.AsyncClient, tokens: TestTokens) -> None:
    forged = TestTokens(tokens._clock).citizen()
    unsigned = "eyJhbGciOiJub25lIn0.e30."
    for header in (forged, {"Authorization": f"Bearer {unsigned}"}, {"Authorization": "Bearer x"}, {}):
        assert (await client.get("/notes/1", headers=header)).status_code == 401


async def test_a_citizen_cannot_use_an_officers_route(client: httpx.AsyncClient, tokens: TestTokens) -> None:
    assert (await client.get("/officers-only", headers=tokens.citizen())).status_code == 403
    assert (await client.get("/officers-only", headers=tokens.officer("bakyt"))).json() == "yek"


async def test_what_is_not_there_is_404_and_a_bug_is_500_without_its_text(client: httpx.AsyncClient, tokens: TestTokens) -> None:
    assert (await client.get("/notes/none", headers=tokens.citizen())).status_code == 404
    answer = await client.get("/broken", headers=tokens.citizen() | {"X-Correlation-Id": "from-the-caller"})
    assert answer.status_code == 500
    assert "a name" not in answer.text
    assert answer.json()["correlation_id"] == "from-the-caller"


async def test_a_body_over_the_limit_is_refused_whether_or_not_its_length_is_told(
    client: httpx.AsyncClient, tokens: TestTokens
) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b"x" * 65_536

    told = await client.post(
        "/notes", content=b"x" * (JSON_LIMIT + 1), headers=keyed(tokens.citizen()) | {"Content-Type": "application/json"}
    )
    untold = await client.post(
        "/notes", content=endless(), headers=keyed(tokens.citizen()) | {"Content-Type": "application/json"}
    )
    assert (told.status_code, untold.status_code) == (413, 413)
    assert told.json()["type"] == untold.json()["type"] == "/problems/body-too-large"
    assert str(JSON_LIMIT) in told.json()["detail"]


async def test_json_that_breaks_is_told_from_which_sign_on_and_points_to_the_whole_body(
    client: httpx.AsyncClient, tokens: TestTokens
) -> None:
    said = keyed(tokens.citizen()) | {"Content-Type": "application/json"}
    for language, words in {"en": "from sign 7 on", "ru": "со знака 7", "ky": "7-белгиден"}.items():
        answer = await client.post("/notes", content='{"ө": ?}'.encode(), headers=said | {"Accept-Language": language})
        assert (answer.status_code, answer.json()["type"]) == (422, "/problems/invalid-request")
        (error,) = answer.json()["errors"]
        assert error["pointer"] == ""
        assert words in error["detail"]


@pytest.mark.parametrize("body", [b"", b'["a"]'], ids=["missing", "another-shape"])
async def test_a_body_that_is_wrong_as_a_whole_is_pointed_to_as_a_whole(
    client: httpx.AsyncClient, tokens: TestTokens, body: bytes
) -> None:
    headers = keyed(tokens.citizen()) | ({"Content-Type": "application/json"} if body else {})
    answer = await client.post("/notes", content=body, headers=headers)
    assert (answer.status_code, [error["pointer"] for error in answer.json()["errors"]]) == (422, [""])


@pytest.mark.parametrize("body", [b'{"text": "\xff"}', b"[" * 100_000], ids=["no-text", "too-deep"])
async def test_what_is_no_json_is_told_so(client: httpx.AsyncClient, tokens: TestTokens, body: bytes) -> None:
    english = keyed(tokens.citizen()) | {"Content-Type": "application/json", "Accept-Language": "en"}
    answer = await client.post("/notes", content=body, headers=english)
    assert (answer.status_code, answer.json()["type"]) == (400, "/problems/invalid-json")
    assert answer.json()["detail"] == "The body is not valid JSON."


@pytest.mark.parametrize("key", ["k" * 129, "short", "with a space"])
async def test_a_key_that_cannot_be_used_is_told_from_a_missing_one(
    client: httpx.AsyncClient, tokens: TestTokens, key: str
) -> None:
    headers = tokens.citizen() | {"Idempotency-Key": key}
    answer = await client.post("/notes", json={"text": "a"}, headers=headers)
    assert (answer.status_code, answer.json()["type"]) == (400, "/problems/idempotency-key-unusable")


async def test_with_the_database_away_the_answer_is_503_with_retry_after_within_two_seconds(
    place: Place, tokens: TestTokens
) -> None:
    nowhere = place.settings().model_copy(update={"mongo_url": "mongodb://127.0.0.1:9/?replicaSet=secantus"})
    app = small_app(place)
    app.state.runtime.settings = nowhere
    async with serving(app, tokens, until_ready=False) as client:
        for call in (
            client.get("/notes/1", headers=tokens.citizen()),
            client.post("/notes", json={"text": "a"}, headers=keyed(tokens.citizen())),
        ):
            async with stopwatch() as watch:
                answer = await call
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
            assert watch.seconds < 2.5  # the two seconds, and half a one for a loaded machine
        assert (await client.get("/health/live")).status_code == 200
        ready = await client.get("/health/ready")
        assert (ready.status_code, ready.json()["parts"]["database"]) == (503, "away")
