"""Documents for their citizen, and for officers of the post that issued them."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from services.documents.api.answers import state_of, title_of
from services.documents.api.schemas import DocumentList, DocumentView
from services.documents.domain.register_entry import RegisterEntry
from services.documents.queries import document_seen_by, documents_of_application, issued_document_seen_by
from services.documents.storage import Files
from shared.audit.entry import About
from shared.web.auth import CurrentPerson
from shared.web.commands import RequestQueries
from shared.web.limiting import ID_PATTERN
from shared.web.looks import RequestLooks

router = APIRouter(prefix="/api/documents", tags=["documents"])
_FILE: dict[str, Any] = {"content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}}}


@router.get("")
async def list_documents(
    request: Request,
    person: CurrentPerson,
    queries: RequestQueries,
    looks: RequestLooks,
    application_id: Annotated[str, Query(pattern=ID_PATTERN)],
) -> DocumentList:
    """The documents of one application: your own, or one of your posts. 428: an officer says why, in Eshik-Access-Reason."""
    found = await queries.run(documents_of_application, person, application_id)
    for entry in found:
        await looks("document:view", about=_about(entry))
    return DocumentList(documents=[_view(request, entry) for entry in found])


@router.get("/{document_id}")
async def show_document(
    document_id: str, request: Request, person: CurrentPerson, queries: RequestQueries, looks: RequestLooks
) -> DocumentView:
    """428: an officer says why, in the header Eshik-Access-Reason."""
    entry = await queries.run(document_seen_by, person, document_id)
    await looks("document:view", about=_about(entry))
    return _view(request, entry)


@router.get(
    "/{document_id}/file", response_class=Response, responses={200: _FILE, 304: {"description": "As it was, by its ETag"}}
)
async def download_document(
    document_id: str, request: Request, person: CurrentPerson, queries: RequestQueries, looks: RequestLooks
) -> Response:
    """The signed PDF, byte for byte as it was signed. 428: an officer says why, in the header Eshik-Access-Reason."""
    entry = await queries.run(issued_document_seen_by, person, document_id)
    await looks("document:download", about=_about(entry))
    tag = f'"{entry.sha256}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache", "X-Content-Type-Options": "nosniff"}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    data = await Files(request.app.state.runtime.database).read(entry.file_id or "", person=entry.citizen_id)
    number = entry.numbering.number if entry.numbering else entry.id
    headers["Content-Disposition"] = f'attachment; filename="{number}.pdf"'
    return Response(data, media_type="application/pdf", headers=headers)


def _about(entry: RegisterEntry) -> About:
    return {"document": entry.id, "case": entry.application_id, "person": entry.citizen_id, "post": entry.held_at}


def _view(request: Request, entry: RegisterEntry) -> DocumentView:
    return DocumentView.of(entry, title=title_of(request, entry), state_text=state_of(request, entry))
