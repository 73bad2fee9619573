"""Verification for anyone who holds a paper, and the keys to verify without us."""

from typing import Any

from fastapi import APIRouter, Request, Response

from services.documents.api.schemas import VerificationAnswer, VerificationRequest
from services.documents.domain.paper import PaperKind
from services.documents.queries import Asked, document_on_paper
from services.documents.wording import KINDS
from shared.texts import N_, Texts
from shared.web.commands import RequestQueries
from shared.web.language import language_of

router = APIRouter(prefix="/api", tags=["verification"])

_WORDS = {
    "valid": N_("This document was issued here and is in force."),
    "expired": N_("This document was issued here. Its term has ended."),
    "unknown": N_("No document was issued here with this number, date and check code. Compare them with the paper."),
}


@router.post("/verifications")
async def verify(asked: VerificationRequest, request: Request, queries: RequestQueries) -> VerificationAnswer:
    """Whether a paper is in the register. Whatever does not match, the answer is the same: unknown."""
    now = request.app.state.runtime.clock.now()
    entry = await queries.run(document_on_paper, Asked(asked.number, asked.issued_on, asked.check_code))
    texts: Texts = request.app.state.texts
    language = language_of(request)
    status = VerificationAnswer.status_of(entry, now)
    answer = VerificationAnswer(status=status, text=texts.translate(_WORDS[status], language), as_of=now)
    if entry is None or (printed := entry.numbering) is None:
        return answer
    return answer.model_copy(
        update={
            "kind": texts.translate(KINDS[PaperKind(printed.kind)].title, language),
            "number": printed.number,
            "issued_on": printed.issued_on,
            "valid_until": printed.valid_until,
            "post": (entry.post_names or {}).get(language),
        }
    )


@router.get("/seal-keys")
async def seal_keys(request: Request) -> dict[str, Any]:
    """The public keys of our seals, to check the QR without asking us."""
    keys: dict[str, Any] = request.app.state.seal_keys
    return keys


@router.get("/trust-root", response_class=Response, responses={200: {"content": {"application/x-pem-file": {}}}})
async def trust_root(request: Request) -> Response:
    """The certificate that our document signatures lead to. Compare its fingerprint with one from another source."""
    return Response(request.app.state.trust_root, media_type="application/x-pem-file")
