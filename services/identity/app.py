"""Composition root of identity."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import structlog
from fastapi import FastAPI
from pymongo.errors import PyMongoError

from services.identity.api import (
    assurance,
    at_counter,
    audit_officers,
    demo,
    in_charge,
    internal,
    officer_credentials,
    officer_invitations,
    officer_sign_in,
    officers,
    openid,
    own_data,
    own_exports,
    passkeys,
    person,
    public,
    rights,
    rights_to_answer,
    sessions,
    sign_in,
)
from services.identity.config import IdentitySettings
from services.identity.domain.person import Person
from services.identity.domain.sign_in_secret import SignInSecret
from services.identity.event_handlers import HANDLERS
from services.identity.files import read_demo_people, read_service_clients
from services.identity.jobs import JOBS
from services.identity.ledger import RightsAccount
from services.identity.measured import late_requests
from services.identity.openid_client import clients_of
from services.identity.openid_providers import read_providers
from services.identity.retention import retention
from services.identity.schema import INDEXES, SEALED
from services.identity.second_person import second_person_rules
from services.identity.sessions import SessionTokens
from services.identity.token_keys import TokenKeys
from services.identity.use_cases.seed_demo_people import SeedDemoPeople, seed_demo_people
from shared.errors import Unavailable
from shared.runtime import Runtime
from shared.sealing.errors import SealBroken
from shared.texts import Texts
from shared.web import holds
from shared.web.app import build_app

log = structlog.get_logger(__name__)

SEED_AGAIN_S = 0.5
SEED_AGAIN_AFTER_ALARM_S = 30.0


def create_app(settings: IdentitySettings | None = None) -> FastAPI:
    settings = settings or IdentitySettings()
    second_person_rules()
    runtime = Runtime("identity", settings, handlers=HANDLERS, jobs=JOBS, indexes=INDEXES, sealed=SEALED, retention=retention())
    runtime.measured.append(late_requests)
    keys = TokenKeys.load(settings.signing_key_file, settings.retired_key_files, clock=runtime.clock)
    secret = SignInSecret.from_text(settings.sign_in_secret.get_secret_value())
    tokens = SessionTokens(keys, secret)
    clients = read_service_clients(settings.service_clients_file)
    providers = clients_of(read_providers(settings.openid_providers_file), settings.pages_url, secret, settings.recent_sign_in_s)
    routers = [
        public.routes(keys, clients),
        sign_in.routes(sign_in.SignIn(settings, secret, tokens)),
        sessions.routes(tokens),
        sessions.router,
        person.router,
        own_exports.router,
        own_data.router,
        openid.routes(providers, sign_in.SignIn(settings, secret, tokens)),
        passkeys.routes(sign_in.SignIn(settings, secret, tokens)),
        officer_invitations.routes(settings, secret),
        officer_sign_in.routes(sign_in.SignIn(settings, secret, tokens)),
        officer_credentials.routes(secret),
        at_counter.routes(sign_in.SignIn(settings, secret, tokens), keys),
        assurance.router,
        audit_officers.router,
        officers.router,
        rights.router,
        rights_to_answer.router,
        holds.routes(holds.nothing_of_its_own),
        internal.routes(secret),
        in_charge.routes(settings.pages_url),
    ]
    people: Sequence[Person] = []
    seeded = asyncio.Event()
    if settings.local_stack:
        routers.append(demo.routes(tokens, seeded))
        people = read_demo_people(settings.demo_accounts_file) if settings.demo_accounts_file else []

    async def on_start(app: FastAPI) -> None:
        app.state.seeding = asyncio.create_task(_seed(runtime, people, seeded))

    async def on_stop(app: FastAPI) -> None:
        app.state.seeding.cancel()
        with suppress(asyncio.CancelledError):
            await app.state.seeding

    texts = Texts.load(Path(__file__).parent / "locale")
    return build_app(
        runtime,
        title="Eshik identity",
        texts=texts,
        routers=routers,
        fetch_keys=keys.fetch,
        on_start=on_start,
        on_stop=on_stop,
        accounts=lambda db, now, span: (RightsAccount(db, now, span),),
    )


async def _seed(runtime: Runtime, people: Sequence[Person], seeded: asyncio.Event) -> None:
    """Until it has worked once: the database may come later than we do."""
    await runtime.prepared()
    while not seeded.is_set():
        try:
            if people:
                await runtime.transactions.run(seed_demo_people, SeedDemoPeople(people))
            seeded.set()
        except (Unavailable, PyMongoError) as error:
            log.info("demo_people_wait_for_database", error=type(error).__name__)
            await asyncio.sleep(SEED_AGAIN_S)
        except SealBroken:  # told already; nobody signs in as an invented person until it is put right
            await asyncio.sleep(SEED_AGAIN_AFTER_ALARM_S)
