"""The portal itself, asked over HTTP without a socket; the APIs are where nobody listens."""

import atexit
import base64
import json
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import Any

import httpx
from fastapi import FastAPI

from services.portal import csrf
from services.portal.apis import SERVICES
from services.portal.app import create_app
from services.portal.config import PortalSettings
from services.portal.session import Person, Session, SessionCookie

KEY = base64.urlsafe_b64encode(b"k" * 32).decode()
COOKIE = SessionCookie(KEY, secure=False)
TEMPLATES = Path(__file__).parents[3] / "services" / "portal" / "templates"
SIGNED_IN_S = 8 * 3600
NOBODY = "http://127.0.0.1:1"
ASSET = re.compile(r"asset\(['\"]([^'\"]+)['\"]\)")


def person(**other: Any) -> Person:
    known: dict[str, Any] = {
        "kind": "citizen",
        "name": "Айгерим",
        "account": "aigerim",
        "session": "5ee5",
        "tokens": tokens(),
        "refresh": "5ee5.1.mac",
        "until": time.time() + SIGNED_IN_S,
    }
    return Person(**known | other)


def tokens(lasts_s: float = SIGNED_IN_S) -> dict[str, str]:
    return dict.fromkeys(SERVICES, token(lasts_s))


def token(lasts_s: float = SIGNED_IN_S, *, until: float | None = None) -> str:
    """As much of a token as the portal reads: when it ends."""
    body = base64.urlsafe_b64encode(json.dumps({"exp": until or time.time() + lasts_s}).encode()).decode().rstrip("=")
    return f"head.{body}.sign"


@cache
def assets() -> Path:
    """A folder with a manifest of all that templates name."""
    names = {name for template in TEMPLATES.rglob("*.html") for name in ASSET.findall(template.read_text("utf-8"))}
    folder = Path(mkdtemp(prefix="eshik-assets-"))
    atexit.register(rmtree, folder)
    (folder / "manifest.json").write_text(json.dumps({name: f"hashed-{name}" for name in names}))
    return folder


def settings(**chosen: Any) -> PortalSettings:
    urls = {f"{name}_url": NOBODY for name in ("identity", "applications", "documents", "notifications")}
    known: dict[str, Any] = {"session_key": KEY, "secure_cookies": False, "log_level": "critical", **urls}
    return PortalSettings(**known | chosen)


@cache
def portal(**chosen: Any) -> FastAPI:
    """One for all tests that ask for the same settings."""
    return create_app(settings(assets=assets(), **chosen))


@asynccontextmanager
async def visiting(app: FastAPI, session: Session | None = None) -> AsyncIterator[httpx.AsyncClient]:
    """With the cookie of this session."""
    cookies = {COOKIE.name: cookie_of(session)} if session else {}
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        language = {"Accept-Language": "en"}
        async with httpx.AsyncClient(transport=transport, base_url="http://test", cookies=cookies, headers=language) as client:
            yield client


def cookie_of(session: Session) -> str:
    return COOKIE.header(session).partition("=")[2].partition(";")[0]


def with_token(session: Session, **fields: str) -> dict[str, str]:
    """A form's fields with the session's token as a page writes it."""
    return {csrf.FIELD: csrf.masked(session.csrf_token()), **fields}
