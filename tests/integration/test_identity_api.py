"""Identity over HTTP: keys, service tokens, the signed-in person, contact points, and demo accounts on a local stack only."""

import base64
import json
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from deploy.local.environment import service_environment
from deploy.local.keys import Keys, make_keys
from deploy.local.places import CHECKOUT, Places
from services.identity.app import create_app
from shared.clock import SystemClock
from shared.contracts.http import ContactPoints
from shared.web.tokens import TokenVerifier, keys_of
from tests.support.places import Place
from tests.support.running import on_a_port

pytestmark = pytest.mark.places_again

AIGERIM = "762d10f8-1c95-529f-8430-3120a244ebad"


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    return make_keys(tmp_path_factory.mktemp("keys"))


@pytest.fixture
def environment(place: Place, keys: Keys, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """The environment that the local stack gives to identity, at the test's own servers; with a second body of its own, which
    would not take an emptied database for the one that it knows."""
    wanted = service_environment("identity", Places(tmp_path), place.servers.ports, keys)
    for name, value in {**wanted, **place.environment}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("ESHIK_CLOCK_FILE")
    return monkeypatch


def running() -> AbstractAsyncContextManager[httpx.AsyncClient]:
    return on_a_port(create_app())


@pytest.fixture
async def identity(environment: pytest.MonkeyPatch) -> AsyncIterator[httpx.AsyncClient]:
    async with running() as client:
        await client.get("/api/demo/accounts")  # answers once the people of the file are there
        yield client


async def sign_in(identity: httpx.AsyncClient, account: str) -> dict[str, Any]:
    response = await identity.post("/api/demo/sign-in", json={"account": account})
    assert response.status_code == 200, response.text
    session: dict[str, Any] = response.json()
    return session


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


async def ask_token(
    identity: httpx.AsyncClient, keys: Keys, *, client: str = "notifications", secret: str | None = None, **form: str
) -> httpx.Response:
    asked = {"grant_type": "client_credentials", "scope": "contacts:read", "audience": "identity", **form}
    password = keys.secret_of(client) or "" if secret is None else secret
    return await identity.post("/oauth/token", auth=(client, password), data=asked)


async def test_a_demo_citizen_signs_in_and_sees_who_they_are(identity: httpx.AsyncClient) -> None:
    session = await sign_in(identity, "aigerim")
    me = (await identity.get("/api/me", headers=bearer(session["access_tokens"]["identity"]))).json()

    assert (session["token_type"], session["expires_in"]) == ("Bearer", 900)
    assert session["person"]["id"] == me["id"] == AIGERIM
    assert (me["kind"], me["language"], me["email"], me["phone"]) == (
        "citizen",
        "ky",
        "aigerim@citizen.example",
        "+79120000101",
    )


async def test_an_administrator_signs_in_and_sees_who_they_are(identity: httpx.AsyncClient) -> None:
    session = await sign_in(identity, "ainura")
    me = await identity.get("/api/me", headers=bearer(session["access_tokens"]["identity"]))

    assert (me.status_code, me.json()["name"], me.json()["roles"]) == (200, "Айнура Көчөрова", ["administrator"])


async def test_every_service_accepts_an_officer_s_token_and_reads_post_and_roles(identity: httpx.AsyncClient) -> None:
    tokens = (await sign_in(identity, "cholpon"))["access_tokens"]

    for service in ("identity", "applications", "documents", "notifications"):
        verifier = TokenVerifier(service, keys_of(str(identity.base_url)), SystemClock())
        officer = await verifier.verify(tokens[service])
        assert (officer.post_id, officer.roles) == ("ist", {"intake", "deciding"})  # type: ignore[union-attr]


async def test_demo_accounts_are_listed_without_contact_points(identity: httpx.AsyncClient) -> None:
    accounts = (await identity.get("/api/demo/accounts")).json()["accounts"]

    assert {account["login"] for account in accounts} >= {"aigerim", "timur", "nurlan", "gulnara", "ermek"}
    assert all(not {"email", "phone"} & set(account) for account in accounts)


@pytest.mark.parametrize("account", ["nobody", "AIGERIM", "1" * 64])
async def test_an_account_that_is_not_in_the_list_cannot_be_signed_in_as(identity: httpx.AsyncClient, account: str) -> None:
    assert (await identity.post("/api/demo/sign-in", json={"account": account})).status_code == 404


async def test_an_account_name_is_text_and_nothing_else(identity: httpx.AsyncClient) -> None:
    response = await identity.post("/api/demo/sign-in", json={"account": {"$gt": ""}})

    assert response.status_code == 422


async def test_demo_accounts_do_not_exist_outside_a_local_stack(environment: pytest.MonkeyPatch) -> None:
    environment.delenv("ESHIK_LOCAL_STACK")
    async with running() as identity:
        assert (await identity.get("/api/demo/accounts")).status_code == 404
        assert (await identity.post("/api/demo/sign-in", json={"account": "aigerim"})).status_code == 404
        assert "/api/demo" not in json.dumps((await identity.get("/openapi.json")).json())


async def test_starting_again_leaves_the_people_as_they_are_and_takes_over_what_the_file_changed(
    environment: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async with running() as identity:
        before = (await identity.get("/api/demo/accounts")).json()["accounts"]
    file = tmp_path / "accounts.json"
    accounts = json.loads((CHECKOUT / "deploy/local/demo_accounts.json").read_text())
    accounts["citizens"][0]["language"] = "ru"
    file.write_text(json.dumps(accounts))
    environment.setenv("ESHIK_IDENTITY_DEMO_ACCOUNTS_FILE", str(file))
    async with running() as identity:
        after = (await identity.get("/api/demo/accounts")).json()["accounts"]

    assert [a for a in before if a["login"] != "aigerim"] == [a for a in after if a["login"] != "aigerim"]
    assert next(a for a in after if a["login"] == "aigerim")["language"] == "ru"


async def test_a_service_with_its_secret_reads_one_person_s_contact_points(identity: httpx.AsyncClient, keys: Keys) -> None:
    granted = await ask_token(identity, keys)
    response = await identity.get(f"/api/internal/people/{AIGERIM}/contacts", headers=bearer(granted.json()["access_token"]))

    assert (granted.status_code, granted.headers["cache-control"]) == (200, "no-store")
    assert (granted.json()["token_type"], granted.json()["scope"]) == ("Bearer", "contacts:read")
    assert ContactPoints.model_validate(response.json()) == ContactPoints(
        person_id=AIGERIM, language="ky", email="aigerim@citizen.example", phone="+79120000101"
    )


async def test_contact_points_are_closed_to_people_and_to_other_scopes(identity: httpx.AsyncClient, keys: Keys) -> None:
    path = f"/api/internal/people/{AIGERIM}/contacts"
    officer = bearer((await sign_in(identity, "nurlan"))["access_tokens"]["identity"])
    own = bearer((await sign_in(identity, "aigerim"))["access_tokens"]["identity"])
    elsewhere = await ask_token(identity, keys, client="documents", scope="dossier:read", audience="applications")

    assert (await identity.get(path)).status_code == 401
    assert (await identity.get(path, headers=officer)).status_code == 403
    assert (await identity.get(path, headers=own)).status_code == 403
    assert (await identity.get(path, headers=bearer(elsewhere.json()["access_token"]))).status_code == 401


async def test_an_unknown_person_has_no_contact_points(identity: httpx.AsyncClient, keys: Keys) -> None:
    token = (await ask_token(identity, keys)).json()["access_token"]

    assert (await identity.get("/api/internal/people/nobody/contacts", headers=bearer(token))).status_code == 404


async def test_a_wrong_secret_is_refused_as_the_standard_says(identity: httpx.AsyncClient, keys: Keys) -> None:
    refused = await ask_token(identity, keys, secret="wrong")
    unknown = await ask_token(identity, keys, client="nobody", secret="wrong")

    assert (refused.status_code, refused.json()) == (401, {"error": "invalid_client"})
    assert refused.headers["www-authenticate"].startswith("Basic")
    assert (unknown.status_code, unknown.content) == (refused.status_code, refused.content)


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"scope": "dossier:read", "audience": "applications"}, "invalid_scope"),
        ({"scope": ""}, "invalid_scope"),
        ({"audience": "applications"}, "invalid_target"),
        ({"audience": ""}, "invalid_request"),
    ],
)
async def test_what_a_client_may_not_ask_is_refused_by_name(
    identity: httpx.AsyncClient, keys: Keys, form: dict[str, str], error: str
) -> None:
    response = await ask_token(identity, keys, **form)

    assert (response.status_code, response.json()) == (400, {"error": error})


async def test_credentials_that_cannot_be_read_are_no_credentials(identity: httpx.AsyncClient) -> None:
    form = {"grant_type": "client_credentials", "scope": "contacts:read", "audience": "identity"}
    no_colon = "Basic " + base64.b64encode(b"notifications").decode()
    for header in ("", "Basic", "Basic %%%", no_colon, "Bearer abc"):
        response = await identity.post("/oauth/token", data=form, headers={"Authorization": header})
        assert (response.status_code, response.json()) == (401, {"error": "invalid_client"})


async def test_a_body_that_is_not_a_form_is_refused(identity: httpx.AsyncClient) -> None:
    twice = b"grant_type=client_credentials&grant_type=client_credentials&audience=identity"
    form = {"Content-Type": "application/x-www-form-urlencoded"}

    as_json = await identity.post("/oauth/token", json={"grant_type": "client_credentials"})
    repeated = await identity.post("/oauth/token", content=twice, headers=form)
    not_text = await identity.post("/oauth/token", content=b"\xff\xfe", headers=form)

    for response in (as_json, repeated, not_text):
        assert (response.status_code, response.json()) == (400, {"error": "invalid_request"})


async def test_the_key_set_is_public_cacheable_and_verifies_the_tokens(identity: httpx.AsyncClient) -> None:
    response = await identity.get("/.well-known/jwks.json")
    token = (await sign_in(identity, "timur"))["access_tokens"]["identity"]

    assert "max-age" in response.headers["cache-control"]
    assert "d" not in response.json()["keys"][0]
    assert jwt.decode(token, KeySet.import_key_set(response.json()), algorithms=["ES256"]).claims["lang"] == "ru"


@pytest.mark.parametrize("spoil", ["signature", "claims", "algorithm"])
async def test_a_token_that_was_tampered_with_opens_nothing(identity: httpx.AsyncClient, spoil: str) -> None:
    header, claims, signature = (await sign_in(identity, "aigerim"))["access_tokens"]["identity"].split(".")
    other = (await sign_in(identity, "timur"))["access_tokens"]["identity"].split(".")
    none = base64.urlsafe_b64encode(b'{"alg":"none","typ":"JWT"}').decode().rstrip("=")
    spoilt = {
        "signature": f"{header}.{claims}.{other[2]}",
        "claims": f"{header}.{other[1]}.{signature}",
        "algorithm": f"{none}.{claims}.",
    }[spoil]

    assert (await identity.get("/api/me", headers=bearer(spoilt))).status_code == 401
