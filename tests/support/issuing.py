"""A documents service with one issued document, without the rest of the house: its own use cases, renderer, keys and storage."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest
from fastapi import FastAPI

from deploy.local.environment import service_environment
from deploy.local.keys import Keys
from deploy.local.places import Places
from services.documents.domain.numbers import new_check_code
from services.documents.domain.register_entry import RegisterEntry
from services.documents.issuing import Issuer
from services.documents.papers import day_at_post, paper_of
from services.documents.repository import Register
from services.documents.seal import Sealer
from services.documents.signing import PaperSigner
from services.documents.storage import Files
from services.documents.use_cases.record_issued import RecordIssued, record_issued
from services.documents.use_cases.reserve_number import ReserveNumber, reserve_number
from shared.contracts.http import Dossier
from shared.mongo.transactions import Transactions, UnitOfWork
from tests.support.pki import renderer
from tests.support.places import Place

ORIGIN = "http://127.0.0.1:8405/v"  # as on a local stack


@dataclass(frozen=True, slots=True)
class Issued:
    entry: RegisterEntry
    pdf: bytes
    seal_url: str

    @property
    def printed(self) -> dict[str, str]:
        """What stands on the paper, as a body of POST /api/verifications."""
        given = self.entry.numbering
        assert given is not None
        return {"number": given.number, "issued_on": given.issued_on.isoformat(), "check_code": given.check_code}


def documents_environment(place: Place, keys: Keys, folder: Path, patch: pytest.MonkeyPatch, **more: str) -> None:
    """As the local stack starts documents, at this test's own servers; its clock is the file folder/clock."""
    wanted = service_environment("documents", Places(folder), place.servers.ports, keys)
    own = {"ESHIK_DOCUMENTS_VERIFICATION_ORIGIN": ORIGIN, "ESHIK_CLOCK_FILE": str(folder / "clock")}
    for name, value in {**wanted, **place.environment, **own, **more}.items():
        patch.setenv(name, value)


async def issue(app: FastAPI, keys: Keys, dossier: Dossier) -> Issued:
    """Each step that the job takes, in its order, at the service's own clock."""
    runtime = app.state.runtime
    transactions: Transactions = runtime.transactions
    ordered = await transactions.run(_enter, dossier)
    now: datetime = runtime.clock.now().replace(microsecond=0)
    reserve = ReserveNumber(
        ordered.id,
        dossier.document_kind,
        new_check_code(),
        now,
        day_at_post(dossier, now),
        dossier.valid_days,
        dossier.post_names,
    )
    entry = await transactions.run(reserve_number, reserve)
    assert entry.numbering is not None
    sealer = Sealer.from_file(keys.seal_key, ORIGIN)
    issuer = Issuer(renderer(), sealer, PaperSigner.from_files(keys.signing_key, keys.signing_certificate))
    made = await issuer.issue(paper_of(dossier, entry.numbering, entry.revision, ORIGIN))
    file_id = f"{entry.id}.1"
    await Files(runtime.database).store(file_id, entry.id, made.pdf, person=entry.citizen_id)
    await transactions.run(record_issued, RecordIssued(entry.id, file_id, made.sha256, len(made.pdf)))
    return Issued(entry, made.pdf, made.seal_url)


async def _enter(dossier: Dossier, uow: UnitOfWork) -> RegisterEntry:
    """The line of the register alone: with its job the service would fetch the dossier itself."""
    entry = RegisterEntry(
        id=uow.new_id(),
        application_id=dossier.application_id,
        citizen_id=dossier.citizen_id,
        reference=dossier.reference,
        service_id=dossier.service_id,
        post_id=dossier.post_id,
        outcome=dossier.outcome,
        revision=1,
        ordered_at=uow.at,
    )
    await Register(uow).add(entry)
    return entry
