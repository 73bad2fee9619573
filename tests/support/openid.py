"""Providers of OpenID Connect for tests: npm's oidc-provider, which we did not write, and one that lies as it is told to."""

import asyncio
import base64
import json
import re
import shutil
import subprocess
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
from fastapi import FastAPI, Request
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from cli.assets import Workshop, _install_packages, _node
from deploy.local.places import CHECKOUT

SOURCES = Path(__file__).parent / "oidc"
CLIENT, SECRET = "eshik", "a secret of the tests, and of nothing else"
FILES = ("package.json", "package-lock.json", ".npmrc", "provider.mjs")


def installed() -> tuple[Path, Path]:
    """Node, and the provider's script where its packages lie; they are installed by the lock where they are missing."""
    folder = CHECKOUT / ".eshik" / "oidc"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name in FILES:
        shutil.copyfile(SOURCES / name, folder / name)
    node, npm = _node(print)
    _install_packages(Workshop(sources=SOURCES, build=folder, assets=folder), node, npm, print)
    return node, folder / "provider.mjs"


def e_id(folder: Path, issuer: str) -> Path:
    """A file of providers with the national e-ID in it."""
    (folder / "client-secret").write_text(SECRET)
    eid: dict[str, Any] = {"issuer": issuer, "client_id": CLIENT, "client_secret_file": str(folder / "client-secret")}
    eid |= {"algorithms": ["RS256"], "kind": "citizen", "assurance": "e-id", "claims": {"name": "name", "language": "locale"}}
    names = {"ky": "Улуттук электрондук идентификация", "ru": "Национальная электронная идентификация", "en": "National e-ID"}
    file = folder / "providers.json"
    file.write_text(json.dumps({"eid": eid | {"names": names}}))
    return file


@asynccontextmanager
async def provider_of_others(folder: Path, redirect_uri: str) -> AsyncIterator[str]:
    """Its issuer."""
    node, script = await asyncio.to_thread(installed)
    client = folder / "client.json"
    client.write_text(json.dumps({"redirect_uri": redirect_uri, "client_id": CLIENT, "client_secret": SECRET}))
    with (folder / "provider.log").open("wb") as said:
        running = await asyncio.create_subprocess_exec(
            str(node), str(script), str(client), cwd=script.parent, stdout=subprocess.PIPE, stderr=said
        )
        try:
            assert running.stdout is not None
            line = await asyncio.wait_for(running.stdout.readline(), 60)
            yield str(json.loads(line)["issuer"])
        finally:
            running.kill()
            await running.wait()


async def signed_in_there(authorization_url: str, login: str) -> dict[str, str]:
    """What the provider sends the browser back with, after its own pages of login and consent."""
    async with httpx.AsyncClient(trust_env=False, timeout=30) as browser:
        answer = await browser.get(authorization_url)
        for _ in range(10):
            if answer.is_redirect:
                target = str(httpx.URL(str(answer.url)).join(answer.headers["location"]))
                if "code=" in target or "error=" in target:
                    return {name: values[0] for name, values in parse_qs(urlsplit(target).query).items()}
                answer = await browser.get(target)
                continue
            form = {"prompt": _hidden(answer.text), "login": login, "password": "any"}
            answer = await browser.post(str(answer.url), data=form)
        raise AssertionError(answer.text[:500])


def _hidden(page: str) -> str:
    found = re.search(r'name="prompt" value="(\w+)"', page)
    assert found is not None, page[:500]
    return found[1]


class Liar:
    """A provider whose id tokens say what the test wants. claims None: as they should be."""

    def __init__(self) -> None:
        self.key, self.stranger = (RSAKey.generate_key(2048, {"kid": name}) for name in ("one", "other"))
        self.issuer, self.nonce, self.used = "", "", set[str]()
        self.changes: dict[str, Any] = {}
        self.algorithm, self.signs_with = "RS256", self.key
        self.asked: list[dict[str, list[str]]] = []

    def app(self) -> FastAPI:
        app = FastAPI()

        @app.get("/health/ready")
        async def ready() -> None: ...

        @app.get("/.well-known/openid-configuration")
        async def metadata() -> dict[str, Any]:
            at = self.issuer
            return {
                "issuer": at,
                "authorization_endpoint": f"{at}/auth",
                "token_endpoint": f"{at}/token",
                "jwks_uri": f"{at}/jwks",
            }

        @app.get("/jwks")
        async def keys() -> dict[str, Any]:
            return {"keys": [self.key.as_dict(private=False)]}

        @app.post("/token")
        async def token(request: Request) -> dict[str, Any]:
            self.asked.append(parse_qs((await request.body()).decode()))
            return {"access_token": "x", "token_type": "Bearer", "id_token": self.id_token()}

        return app

    def begun(self, authorization_url: str) -> dict[str, str]:
        """What it would send the browser back with."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(authorization_url).query).items()}
        assert (asked["code_challenge_method"], asked["response_type"]) == ("S256", "code")
        self.nonce = asked["nonce"]
        return {"code": "anything", "state": asked["state"]}

    def id_token(self) -> str:
        now = int(time.time())
        claims = {"iss": self.issuer, "sub": "liar", "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": self.nonce}
        claims |= self.changes
        claims = {name: value for name, value in claims.items() if value is not None}
        if self.algorithm == "none":
            return f"{_b64({'alg': 'none'})}.{_b64(claims)}."
        if self.algorithm == "HS256":  # signed with what both sides know
            return jwt.encode({"alg": "HS256", "kid": "one"}, claims, OctKey.import_key(SECRET))
        return jwt.encode({"alg": self.algorithm, "kid": "one"}, claims, self.signs_with, algorithms=[self.algorithm])


def _b64(data: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(data).encode()).decode().rstrip("=")
