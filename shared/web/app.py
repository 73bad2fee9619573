"""The frame of every service's HTTP side: lifespan, health, metrics, problems, traces."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

from fastapi import APIRouter, FastAPI, Request, Response

from shared.addresses import Proxies
from shared.ledger_watch import Accounts, LedgerWatch
from shared.logs import configure_logs
from shared.runtime import Runtime
from shared.texts import Texts
from shared.web import audit, ledger, operator, retention
from shared.web.counting import CountHere
from shared.web.description import UNDESCRIBED, describe
from shared.web.headers import SecurityHeaders
from shared.web.ledger_peers import peers_of
from shared.web.limiting import KnowPaths, LimitOfOneAddress, LimitRates, LimitTime, Refused, TellAddress
from shared.web.metrics import Asked
from shared.web.middleware import LimitBody, WatchRequests
from shared.web.overload import LimitRequests
from shared.web.problems import install_problem_handlers, problem
from shared.web.rates import Rates
from shared.web.scrape import scrape_route
from shared.web.tokens import FetchKeys, TokenVerifier, keys_of

VERSION = "0.1.0"


def build_app(
    runtime: Runtime,
    *,
    title: str,
    texts: Texts,
    routers: Sequence[APIRouter],
    fetch_keys: FetchKeys | None = None,
    on_start: Callable[[FastAPI], Awaitable[None]] | None = None,
    on_stop: Callable[[FastAPI], Awaitable[None]] | None = None,
    accounts: Accounts = lambda _db, _now, _span: (),
) -> FastAPI:
    """A FastAPI app around a runtime.

    fetch_keys: how to get the token keys, for identity itself; the others ask identity. on_start runs after the runtime
    has started (the database may still be away), on_stop after it has ended, when no job is in hand any more: for what a
    service opens and closes by itself. accounts: what the ledger checks in this service's database, beside its jobs.
    """
    settings = runtime.settings
    peers = peers_of(runtime.name, settings)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        configure_logs(runtime.name, settings.log_level)
        await runtime.start()
        runtime.keep("ledger", LedgerWatch(runtime, accounts, peers).run)
        if on_start:
            await on_start(app)
        yield
        await runtime.stop()
        for peer in peers.values():
            await peer.calls.close()
        if on_stop:
            await on_stop(app)

    # no Swagger page: it would load its parts from another host. /openapi.json is there for any reader of one's own
    app = FastAPI(title=title, version=VERSION, lifespan=lifespan, docs_url=None, redoc_url=None, responses=UNDESCRIBED)
    describe(app)
    app.state.runtime, app.state.texts = runtime, texts
    keys = fetch_keys or keys_of(settings.identity_url)
    app.state.verifier = TokenVerifier(runtime.name, keys, runtime.clock, local_stack=settings.local_stack)
    _limit(app, runtime, texts)
    install_problem_handlers(app, texts)
    app.include_router(_health(runtime))
    app.include_router(operator.routes(runtime))
    app.include_router(audit.routes())
    app.include_router(scrape_route(runtime.metrics.registry, Asked(runtime)))
    if runtime.handler_names:
        app.include_router(ledger.routes(runtime))
    if runtime.retention:
        app.include_router(retention.routes(runtime, runtime.retention))
    for router in routers:
        app.include_router(router)
    return app


def _limit(app: FastAPI, runtime: Runtime, texts: Texts) -> None:
    """The last one added is the first that a request passes."""
    settings, metrics = runtime.settings, runtime.metrics

    async def refuse(request: Request, refused: Refused) -> Response:
        return problem(
            request, texts, refused.status, refused.code, refused.detail, params=refused.params, headers=refused.headers
        )

    rates = Rates(
        runtime.name,
        per_address=settings.requests_per_address_minute,
        per_account=settings.requests_per_account_minute,
        tries=settings.tries_per_minute,
    )
    app.add_middleware(LimitBody)
    app.add_middleware(KnowPaths, refuse=refuse)
    app.add_middleware(LimitTime, refuse=refuse)
    app.add_middleware(LimitRequests, texts=texts)
    app.add_middleware(LimitOfOneAddress, refuse=refuse, metrics=metrics)
    app.add_middleware(LimitRates, rates=rates, refuse=refuse, metrics=metrics)
    app.add_middleware(TellAddress, proxies=Proxies(settings.trusted_proxies))
    app.add_middleware(SecurityHeaders)
    app.add_middleware(WatchRequests, metrics=metrics, spans=runtime.spans)
    app.add_middleware(CountHere, metrics=metrics)


def _health(runtime: Runtime) -> APIRouter:
    router = APIRouter(prefix="/health", tags=["health"])

    @router.get("/live")
    async def live() -> dict[str, str]:
        """The process answers. Nothing else is looked at: a database that is away is no reason to restart us."""
        return {"status": "ok"}

    @router.get("/ready", responses={503: {"model": dict[str, str | dict[str, str]], "description": "A part is missing"}})
    async def ready(response: Response) -> dict[str, str | dict[str, str]]:
        """Whether this process can do its work now: 200, or 503 with the part that is missing."""
        parts = await runtime.parts()
        well = all(state == "ok" for state in parts.values())
        response.status_code = 200 if well else 503
        return {"status": "ok" if well else "not-ready", "service": runtime.name, "parts": parts}

    return router
