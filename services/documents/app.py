"""Documents: issues, keeps and verifies. This is where its parts are put together."""

import json
from datetime import timedelta
from pathlib import Path

from fastapi import FastAPI

from services.documents.api import holder, own_data, previews, public
from services.documents.config import Settings
from services.documents.dossiers import Dossiers
from services.documents.event_handlers import HANDLERS
from services.documents.file_reader import FileReader
from services.documents.issuing import Issuer
from services.documents.jobs import Desk, jobs_of
from services.documents.ledger import DocumentsAccount
from services.documents.previewing import Previewer
from services.documents.rendering import Renderer
from services.documents.repository import INDEXES
from services.documents.retention import retention
from services.documents.seal import Sealer, load_keys
from services.documents.signing import PaperSigner
from services.documents.use_cases.erase_person import reasons
from shared.runtime import Runtime
from shared.sealing.errors import UnusableKeys
from shared.texts import Texts
from shared.web import holds
from shared.web.app import build_app
from shared.web.at_work import AskWork
from shared.web.calls import ServiceCalls

NAME = "documents"
SEAL_KEY_TERM = timedelta(days=3650)


def create_app(settings: Settings | None = None) -> FastAPI:
    """The service, ready for uvicorn --factory. A missing setting, key or certificate stops the start."""
    given = settings or Settings()  # from the environment
    if given.service_keys() is None:
        raise UnusableKeys(f"{NAME} keeps personal data in its files: set ESHIK_KEY_ENCRYPTION_KEYS_FILE")
    texts = Texts.load(Path(__file__).parent / "locale")
    sealer = Sealer.from_file(given.seal_key_file, given.verification_origin)
    signer = PaperSigner.from_files(given.signing_key_file, given.signing_certificate_file)
    calls = ServiceCalls(given, name=NAME, base_url=given.applications_url, audience="applications", scope="dossier:read")

    work = AskWork(given, NAME)
    dossiers, renderer = Dossiers(calls), Renderer(texts.translate)

    desk = Desk(
        dossiers,
        Issuer(renderer, sealer, signer),
        given.verification_origin,
        lambda: runtime.transactions,
    )
    runtime = Runtime(NAME, given, handlers=HANDLERS, jobs=jobs_of(desk), indexes=INDEXES, retention=retention())

    async def close(_app: FastAPI) -> None:
        await calls.close()
        await work.close()

    routers = [previews.router, holder.router, own_data.router, public.router, holds.routes(reasons)]
    app = build_app(
        runtime,
        title="Eshik documents",
        texts=texts,
        routers=routers,
        on_stop=close,
        accounts=lambda db, now, span: (DocumentsAccount(db, now, span),),
    )
    since, state = signer.valid_from, app.state
    state.seal_keys = sealer.key_list(since, since + SEAL_KEY_TERM)
    state.trust_root = given.trust_root_file.read_bytes()
    seal_keys = json.dumps(state.seal_keys)
    state.trusted_seal_keys = load_keys(seal_keys)
    state.file_reader = FileReader(state.trust_root.decode(), seal_keys)
    state.at_work = work
    state.previewer = Previewer(dossiers, renderer, sealer, given.verification_origin)
    return app
