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
        job that runs twice stores one file. Rendering runs in a thread: it takes tens of milliseconds.

        Errors: UnprintableText, KeyError for a text missing in a language, pyHanko's SigningError.
        """
        seal_url = self.sealer.seal(paper)
        rendered = await asyncio.to_thread(self.renderer.render, paper, seal_url)
        pdf = await self.signer.sign(rendered, paper.issued_at)
        return IssuedFile(pdf=pdf, sha256=hashlib.sha256(pdf).hexdigest(), seal_url=seal_url)
