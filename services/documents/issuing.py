"""From a paper to the file that is stored: sealed, rendered, signed."""

import asyncio
import hashlib
from dataclasses import dataclass

from services.documents.domain.paper import Paper
from services.documents.rendering import Renderer
from services.documents.seal import Sealer
from services.documents.signing import PaperSigner


@dataclass(frozen=True, slots=True)
class IssuedFile:
    pdf: bytes
    sha256: str
    seal_url: str


@dataclass(frozen=True, slots=True)
class Issuer:
    """The three gateways of one process, opened once at start."""

    renderer: Renderer
    sealer: Sealer
    signer: PaperSigner

    async def issue(self, paper: Paper) -> IssuedFile:
        """In: a paper with its number reserved. Out: the signed file; the same paper gives the same bytes again, so a
        job that runs twice stores one file. A thread does the work: tens of milliseconds that the event loop keeps.

        Errors: KeyError for a text missing in a language, pyHanko's SigningError.
        """
        return await asyncio.to_thread(self._issue, paper)

    def _issue(self, paper: Paper) -> IssuedFile:
        seal_url = self.sealer.seal(paper)
        pdf = asyncio.run(self.signer.sign(self.renderer.render(paper, seal_url), paper.issued_at))
        return IssuedFile(pdf=pdf, sha256=hashlib.sha256(pdf).hexdigest(), seal_url=seal_url)
