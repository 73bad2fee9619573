"""A paper before it is decided: as it would be issued, and unmistakably not issued."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from services.documents.dossiers import Dossiers
from services.documents.papers import preview_of
from services.documents.rendering import Renderer
from services.documents.seal import Sealer
from shared.actors import Officer
from shared.turns import Turns

MOST_WAITING = 8
PATIENCE_S = 4.0


class PreviewFormat(StrEnum):
    PDF = "pdf"
    PNG = "png"


@dataclass(frozen=True, slots=True)
class Preview:
    reference: str
    citizen_id: str
    post_id: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Previewer:
    """Uses the sealer to know how large a seal will be; it seals nothing."""

    dossiers: Dossiers
    renderer: Renderer
    sealer: Sealer
    verification_origin: str
    turns: Turns = field(default_factory=lambda: Turns(most_waiting=MOST_WAITING, patience_s=PATIENCE_S))

    async def preview(self, application_id: str, officer: Officer, form: PreviewFormat, at: datetime) -> Preview:
        """For an officer who sees the case. Raises NotFound, NothingToPreview, UnprintableText, TooBusy."""
        dossier = await self.dossiers.draft_of(application_id, officer)
        paper = preview_of(dossier, at, self.verification_origin)
        render = self.renderer.preview if form is PreviewFormat.PDF else self.renderer.preview_picture
        async with self.turns.one():
            data = await asyncio.to_thread(render, paper, self.sealer.void_seal(paper))
        return Preview(dossier.reference, dossier.citizen_id, dossier.post_id, data)
