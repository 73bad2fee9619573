"""Who may open which page, and how often anybody may try. Every route of the portal is walked."""

import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from services.portal.access import TooManyTries, Tries
from services.portal.apis import MOST_CONNECTIONS
from services.portal.session import Session
from shared.mongo.change_feed import SUBSCRIBERS
from tests.unit.portal.portal import person, portal, visiting, with_token

PUBLIC = {  # and why: all others ask who one is
    "/health/live": "asked by machines",
    "/health/ready": "asked by machines",
    "/metrics": "asked by machines; the gateway leads nobody there",
    "/": "the first page",
    "/services": "read before anyone signs in",
    "/services/{service_id}": "read before anyone signs in",
    "/services/{service_id}/needs": "read before anyone signs in; what is answered there is kept nowhere",
    "/posts": "read before anyone signs in",
    "/posts/{post_id}": "read before anyone signs in",
    "/draws": "draws are public",
    "/draws/{draw_id}": "draws are public",
    "/draws/{draw_id}/publication": "draws are public",
    "/sign-in": "where one signs in",
    "/sign-in/contact": "where one signs in",
    "/sign-in/code": "where one signs in",
    "/sign-in/another": "where one signs in",
    "/sign-in/openid/{provider}": "where one signs in",
    "/sign-in/openid/{provider}/go": "where one signs in",
    "/sign-in/passkey": "where one signs in",
    "/sign-in/passkey/question": "where one signs in",
    "/officer/sign-in": "where officers sign in",
    "/officer/sign-in/code": "where officers sign in",
    "/officer/enrolment": "whoever holds the link of an invitation",
    "/officer/enrolment/credentials": "whoever holds the link of an invitation",
    "/sign-out": "takes nothing but the sign-in",
    "/language/{code}": "for any reader",
    "/v": "whoever holds a paper may check it",
    "/v/": "whoever holds a paper may check it",
    "/v/file": "whoever holds a paper may check it",
    "/v/seal": "whoever holds a paper may check it",
    "/operator/messages": "on a local stack only, where nobody is real",
    "/assets": "style and scripts",
}


def doors(app: FastAPI, method: str) -> list[str]:
    return [route.path for route in iter_route_contexts(app.routes) if route.path and method in (route.methods or {"GET"})]


def filled(path: str) -> str:
    return path.replace("{", "").replace("}", "")


def test_the_list_of_open_pages_names_no_page_that_is_gone() -> None:
    app = portal()
    assert set(PUBLIC) - {"/assets"} <= {*doors(app, "GET"), *doors(app, "POST")}


async def test_every_other_page_asks_who_one_is() -> None:
    app = portal()
    paths = [path for path in doors(app, "GET") if path not in PUBLIC]
    assert len(paths) > 5
    async with visiting(app) as client:
        answers = {path: (await client.get(filled(path), headers={"HX-Request": "true"})).status_code for path in paths}
    assert answers == dict.fromkeys(paths, 401)


async def test_every_other_form_asks_who_one_is() -> None:
    app, session = portal(), Session(csrf="c" * 32)
    paths = [path for path in doors(app, "POST") if path not in PUBLIC]
    async with visiting(app, session) as client:
        form, asked = with_token(session), {"HX-Request": "true"}
        answers = {path: (await client.post(filled(path), data=form, headers=asked)).status_code for path in paths}
    assert answers == dict.fromkeys(paths, 401)


@pytest.mark.parametrize(
    ("who", "path"),
    [
        (person(), "/officer"),
        (person(), "/operator"),
        (person(kind="officer", roles=("intake",)), "/applications"),
        (person(kind="officer", roles=("intake", "deciding", "head")), "/operator"),
        (person(kind="officer", roles=("administrator",)), "/officer"),
    ],
)
async def test_an_account_that_is_not_meant_is_told_so(who: object, path: str) -> None:
    async with visiting(portal(), Session(csrf="c" * 32, person=who)) as client:  # type: ignore[arg-type]
        answer = await client.get(path)
    assert answer.status_code == 403
    assert "This is not open to you" in answer.text
    assert f"/sign-in?next={path}" in answer.text


async def test_messages_are_shown_on_a_local_stack_only() -> None:
    async with visiting(portal(inbox_url="http://127.0.0.1:1")) as client:
        elsewhere = await client.get("/operator/messages")
    async with visiting(portal(inbox_url="http://127.0.0.1:1", local_stack=True)) as client:
        local = await client.get("/operator/messages")
    assert (elsewhere.status_code, local.status_code) == (404, 200)


async def test_an_address_may_try_so_often_and_another_one_still_may() -> None:
    tries = Tries(per_minute=2)
    await tries.count("192.0.2.1")
    await tries.count("192.0.2.1")
    with pytest.raises(TooManyTries):
        await tries.count("192.0.2.1")
    await tries.count("192.0.2.2")


@pytest.mark.parametrize(
    "path",
    [
        "/sign-in",
        "/sign-in/contact",
        "/sign-in/code",
        "/sign-in/another",
        "/officer/sign-in",
        "/officer/enrolment",
        "/v",
        "/v/file",
        "/v/seal",
    ],
)
async def test_who_tries_too_often_is_asked_to_wait_and_keeps_what_was_typed(path: str) -> None:
    session, app = Session(csrf="c" * 32), portal(tries_per_minute=1)
    app.state.tries = Tries(per_minute=1)
    async with visiting(app, session) as client:
        await client.post("/v", data=with_token(session))
        answer = await client.post(path, data=with_token(session, number="YEK-KU-2026-000001"))
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) > 0
    assert "Too many tries" in answer.text
    assert 'name="number" value="YEK-KU-2026-000001"' in answer.text


async def test_pages_that_are_only_read_are_not_counted() -> None:
    async with visiting(portal(tries_per_minute=1)) as client:
        assert [(await client.get("/v")).status_code for _ in range(3)] == [200, 200, 200]


async def test_a_field_beyond_all_limits_is_called_too_long_and_no_missing_page() -> None:
    session = Session(csrf="c" * 32)
    async with visiting(portal(local_stack=True), session) as client:
        answer = await client.post("/sign-in", data=with_token(session, account="a" * 3000))
    assert answer.status_code == 400
    assert "too long" in answer.text


def test_live_pages_leave_connections_for_all_others() -> None:
    assert MOST_CONNECTIONS >= SUBSCRIBERS + 100
