"""The composition root of the portal."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import Depends, FastAPI, Response
from starlette.middleware.gzip import DEFAULT_EXCLUDED_CONTENT_TYPES, GZipMiddleware
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from services.portal.access import Tries
from services.portal.apis import Apis
from services.portal.config import PortalSettings
from services.portal.csrf import refuse_forged
from services.portal.pages import (
    account,
    audit,
    changes,
    citizen,
    citizen_appointments,
    citizen_fee,
    citizen_files,
    citizen_life,
    citizen_steps,
    citizen_uploads,
    confirming,
    consents,
    draws,
    health,
    my_data,
    my_data_erasure,
    needs,
    officer,
    officer_acts,
    officer_asking,
    officer_case,
    officer_cash,
    officer_counter,
    officer_counter_draft,
    officer_day,
    officer_enrolment,
    officer_fee,
    officer_files,
    officer_inboxes,
    officer_life,
    officer_objections,
    officer_papers,
    officer_people,
    officer_pouches,
    officer_queue,
    officer_reason,
    officer_relations,
    officer_sign_in,
    officer_terms,
    officer_warnings,
    officers,
    officers_waiting,
    operator,
    own_data,
    passkeys,
    post_desks,
    posts,
    public,
    retention,
    rights,
    sessions,
    sign_in,
    sign_in_code,
    sign_in_elsewhere,
    verifier,
)
from services.portal.problems import install_error_pages, refuse
from services.portal.rendering import HEADERS, Pages
from services.portal.session import SessionCookie, Sessions
from shared.addresses import Proxies
from shared.logs import configure_logs
from shared.metrics_http import HttpMetrics
from shared.span_export import SpanExport
from shared.texts import Texts
from shared.web.headers import SecurityHeaders
from shared.web.limiting import LimitOfOneAddress, LimitRates, LimitTime, TellAddress
from shared.web.middleware import LimitBody, WatchRequests
from shared.web.rates import Rates
from shared.web.scrape import scrape_route

AS_THEY_ARE = (*DEFAULT_EXCLUDED_CONTENT_TYPES, "application/pdf")  # compressed already, and their size is told
OF_EVERY_ANSWER = {name: value for name, value in HEADERS.items() if name != "Vary"}
FOREVER = "public, max-age=31536000, immutable"
AREAS = (
    health,
    public,
    posts,
    sign_in,
    sign_in_code,
    sign_in_elsewhere,
    passkeys,
    account,
    officer_sign_in,
    officer_enrolment,
    own_data,
    sessions,
    verifier,
    needs,
    citizen_appointments,
    draws,
    officer_day,
    citizen,
    citizen_fee,
    citizen_steps,
    citizen_life,
    citizen_files,
    citizen_uploads,
    confirming,
    my_data,
    my_data_erasure,
    consents,
    rights,
    officer_objections,
    officer_people,
    officer_pouches,
    officer_inboxes,
    officer_queue,
    officer_terms,
    post_desks,
    officer_counter,
    officer_counter_draft,
    officer_cash,
    officer,
    officer_fee,
    officer_files,
    officer_asking,
    officer_life,
    officer_acts,
    officer_case,
    officer_papers,
    officer_warnings,
    officer_reason,
    operator,
    officers_waiting,
    officers,
    officer_relations,
    audit,
    retention,
    changes,
)


def create_app(settings: PortalSettings | None = None) -> FastAPI:
    """Raises ValidationError where a setting is missing, AssetsMissing where the assets are not built."""
    settings = settings or PortalSettings()
    metrics, spans = HttpMetrics(), SpanExport("portal", settings.otlp_url)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        configure_logs("portal", settings.log_level)
        spans.start()
        app.state.apis = Apis(settings)
        yield
        await app.state.apis.close()
        await spans.stop()

    forms = [Depends(refuse_forged)]
    app = FastAPI(title="Eshik portal", lifespan=lifespan, openapi_url=None, docs_url=None, redoc_url=None, dependencies=forms)
    app.state.settings = settings
    texts = Texts.load(Path(__file__).parent / "locale")
    app.state.pages = Pages(texts, settings.assets, local_stack=settings.local_stack)
    app.state.tries = Tries(settings.tries_per_minute)
    rates = Rates("portal", per_address=settings.requests_per_address_minute, per_account=0, tries=settings.tries_per_minute)
    # the last one added is the first that a request passes
    app.add_middleware(AnswerHead)
    app.add_middleware(LimitTime, refuse=refuse)
    app.add_middleware(LimitOfOneAddress, refuse=refuse, metrics=metrics)
    app.add_middleware(LimitRates, rates=rates, refuse=refuse, metrics=metrics)
    app.add_middleware(Sessions, cookie=SessionCookie(settings.session_key.get_secret_value(), secure=settings.secure_cookies))
    app.add_middleware(LimitBody)
    app.add_middleware(GZipMiddleware, minimum_size=1000, compresslevel=6, exclude_content_types=AS_THEY_ARE)
    app.add_middleware(TellAddress, proxies=Proxies(settings.trusted_proxies))
    app.add_middleware(SecurityHeaders, headers=OF_EVERY_ANSWER)
    app.add_middleware(WatchRequests, metrics=metrics, spans=spans)
    install_error_pages(app)
    app.include_router(scrape_route(metrics.registry))
    for area in AREAS:
        app.include_router(area.router)
    app.mount("/assets", HashedFiles(directory=settings.assets), name="assets")
    return app


class AnswerHead:
    """What is asked for by HEAD is answered as by GET, and the server leaves the body out. Not for feeds, which never end."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] == "HEAD" and not scope["path"].startswith("/changes/"):
            scope = {**scope, "method": "GET"}
        await self._app(scope, receive, send)


class HashedFiles(StaticFiles):
    """An asset's name holds the hash of its content: a browser never asks for it twice."""

    def file_response(
        self, full_path: str | os.PathLike[str], stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        response = super().file_response(full_path, stat_result, scope, status_code)
        named_by_content = Path(full_path).name != "manifest.json"
        response.headers["Cache-Control"] = FOREVER if named_by_content else "no-cache"
        return response
