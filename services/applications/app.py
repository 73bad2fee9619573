"""The composition root of applications."""

from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from pathlib import Path

from fastapi import FastAPI

from services.applications.api import (
    appointments,
    appointments_of_post,
    audit_cases,
    changes,
    citizen,
    closures,
    cosigners,
    counter,
    current_state,
    drafts,
    draws,
    fees,
    given_back,
    inboxes,
    internal,
    life_citizen,
    life_officer,
    looks,
    needs,
    officer,
    officer_files,
    own_data,
    papers,
    payments,
    places,
    post,
    pouches,
    public,
    queue,
    relations,
    searches,
    standing,
    terms,
    uploads,
    warnings,
)
from services.applications.changes import FIELDS
from services.applications.config import Settings
from services.applications.data_files import read_data_files
from services.applications.event_handlers import HANDLERS
from services.applications.fees.jobs import DailyReconciliation, watch_all
from services.applications.fees.ledger import FeesAccount
from services.applications.fees.provider import Provider
from services.applications.jobs import job_kinds
from services.applications.journal_rows import JOURNAL
from services.applications.ledger import ApplicationsAccount
from services.applications.retention import retention
from services.applications.schema import INDEXES, SEALED
from services.applications.uploads.clamav import ClamAV
from services.applications.uploads.cleaner import Cleaner
from services.applications.use_cases.erase_person import reasons
from services.applications.working import work_of
from shared.actors import Officer
from shared.config import Settings as KernelSettings
from shared.contracts.http import WorkOnCase
from shared.mongo.change_feed import ChangeFeed
from shared.mongo.database import REQUEST_TIMEOUT_S, bounded
from shared.runtime import Runtime
from shared.texts import Texts
from shared.web import holds
from shared.web.app import build_app
from shared.web.ending import at_the_end

FOR_ANYBODY = (public, places, needs)
# in the order in which they are described
BY_ROLE = (
    changes, citizen, drafts, cosigners, warnings, counter, looks, life_citizen, life_officer, pouches, inboxes, own_data,
    audit_cases, post, standing, searches, relations, appointments, appointments_of_post, draws, officer, papers, uploads,
    officer_files, terms, given_back, fees, payments, queue, closures, internal,
)  # fmt: skip


def create_app(settings: KernelSettings | None = None) -> FastAPI:
    """Raises CatalogueError where a data file cannot be used, ValidationError where a setting is missing."""
    read_data_files()
    given = Settings.beside(settings)
    provider = Provider.of(given)
    runtime = Runtime(
        "applications",
        given,
        handlers=HANDLERS,
        jobs=job_kinds(lambda: runtime.database.db, provider),
        indexes=INDEXES,
        sealed=SEALED,
        audited=[JOURNAL],
        retention=retention(),
    )
    life = ExitStack()

    async def listen(app: FastAPI) -> None:
        feed = app.state.changes = ChangeFeed(runtime.database, "applications", FIELDS)
        life.enter_context(at_the_end(feed.close))  # its streams would keep the server from ending

        async def run() -> None:
            await runtime.prepared()
            await feed.run()

        async def watch_fees() -> None:
            await runtime.prepared()
            await watch_all(runtime.database.db, runtime.transactions)

        runtime.keep("changes", run)
        runtime.keep("fees", watch_fees)
        if provider:
            daily = DailyReconciliation(lambda: runtime.database.db, lambda: runtime.transactions, runtime.clock)
            runtime.keep("reconciliation", daily.keep_scheduled)

    async def end(_app: FastAPI) -> None:
        life.close()

    app = build_app(
        runtime,
        title="Eshik applications",
        texts=Texts.load(Path(__file__).parent / "locale"),
        routers=[*(each.router for each in FOR_ANYBODY), holds.routes(reasons), *(each.router for each in BY_ROLE)],
        on_start=listen,
        on_stop=end,
        accounts=lambda db, now, span: (ApplicationsAccount(db, now, span), FeesAccount(db, span)),
    )
    app.state.at_work = _asked_here(runtime)
    app.state.cleaner, app.state.scanner = Cleaner(), ClamAV.at(given.clamav) if given.clamav else None
    app.state.payments = provider
    changes.describe_streams(app)
    current_state.tell_current_state(app)
    return app


def _asked_here(runtime: Runtime) -> Callable[[str, Officer], Awaitable[WorkOnCase]]:
    """What the other services ask of this one."""

    async def at_work(case: str, officer: Officer) -> WorkOnCase:
        return await bounded(work_of(runtime.database.db, officer, case, runtime.clock.now()), REQUEST_TIMEOUT_S)

    return at_work
