"""Verification for anyone who holds a paper, and the keys to verify without us."""

from typing import Any

from fastapi import APIRouter, Request, Response
from starlette.requests import ClientDisconnect

from services.documents.api.answers import answer
from services.documents.api.schemas import SealVerificationRequest, VerificationAnswer, VerificationRequest
from services.documents.checking import Found, Proof, found_in_code, found_in_file
from services.documents.codes import kind_of
from services.documents.queries import Asked, document_on_paper, document_under_seal
from services.documents.reading_process import TOO_MANY_PIXELS
from shared.texts import N_
from shared.web.commands import Queries, RequestQueries
from shared.web.description import also
from shared.web.problems import HttpProblem

router = APIRouter(prefix="/api", tags=["verification"])

MOST_BYTES = 5 * 1024 * 1024
_KINDS = ("image/jpeg", "image/png", "image/webp", "application/pdf")
FILE: dict[str, Any] = {"content": {kind: {"schema": {"type": "string", "format": "binary"}} for kind in _KINDS}}
_TOO_LARGE = N_("The file is too large: at most {megabytes} MB. Send a picture of the code alone.")
_TOO_MANY_PIXELS = N_("The picture has too many pixels. Send a picture of the code alone.")
_OTHER_KIND = N_("Send a picture (JPEG, PNG or WebP) or a PDF.")
_BROKEN_OFF = N_("The upload broke off. Please send the file again.")


@router.post("/verifications")
async def verify(asked: VerificationRequest, request: Request, queries: RequestQueries) -> VerificationAnswer:
    """Whether a paper is in the register. Whatever does not match, the answer is the same: unknown."""
    entry = await queries.run(document_on_paper, Asked(asked.number, asked.issued_on, asked.check_code))
    return answer(request, Found(Proof.REGISTER), entry)


@router.post("/verifications/seal")
async def verify_seal(asked: SealVerificationRequest, request: Request, queries: RequestQueries) -> VerificationAnswer:
    """What the printed code says, for a phone that opened its address: the part behind the #."""
    state = request.app.state
    return await _judged(found_in_code(asked.seal, state.trusted_seal_keys, state.runtime.clock.now()), request, queries)


@router.post("/verifications/file", openapi_extra={"requestBody": {"required": True, **FILE}}, responses=also(415))
async def verify_file(request: Request, queries: RequestQueries) -> VerificationAnswer:
    """What the code on a picture or page says. A PDF that we signed is judged as a whole: a changed one is altered.

    413: over 5 MB, or too many pixels; 415: another kind of file; 503: too many ask at once. The file is not kept.
    """
    data = await _body(request)
    if kind_of(data) is None:
        raise HttpProblem(415, "file-kind-not-accepted", _OTHER_KIND)
    state, now = request.app.state, request.app.state.runtime.clock.now()
    seen = await state.file_reader.read(data, now)
    if seen.problem == TOO_MANY_PIXELS:
        raise HttpProblem(413, "too-many-pixels", _TOO_MANY_PIXELS)
    return await _judged(found_in_file(seen, state.trusted_seal_keys, now), request, queries)


@router.get("/seal-keys")
async def seal_keys(request: Request) -> dict[str, Any]:
    """The public keys of our seals, to check the QR without asking us."""
    keys: dict[str, Any] = request.app.state.seal_keys
    return keys


@router.get("/trust-root", response_class=Response, responses={200: {"content": {"application/x-pem-file": {}}}})
async def trust_root(request: Request) -> Response:
    """The certificate that our document signatures lead to. Compare its fingerprint with one from another source."""
    return Response(request.app.state.trust_root, media_type="application/x-pem-file")


async def _judged(found: Found, request: Request, queries: Queries) -> VerificationAnswer:
    sealed = found.sealed
    if sealed is None:
        return answer(request, found)
    stated = (sealed.number, sealed.kind.value, sealed.revision, sealed.issued_at)
    return answer(request, found, await queries.run(document_under_seal, *stated))


async def _body(request: Request) -> bytes:
    """Read no further than the limit, whatever length was announced. Raises HttpProblem 413, 400."""
    data = bytearray()
    try:
        async for part in request.stream():
            data += part
            if len(data) > MOST_BYTES:
                raise HttpProblem(413, "file-too-large", _TOO_LARGE, megabytes=MOST_BYTES // 1024**2)
    except ClientDisconnect:  # nobody reads this; it keeps a bad line from looking like our mistake
        raise HttpProblem(400, "upload-broken-off", _BROKEN_OFF) from None
    return bytes(data)
